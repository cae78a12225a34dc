//go:build !tinygo

package net_test

import (
	stdnet "net"
	"testing"

	"github.com/netdev-go/netdev/net"
	"golang.org/x/net/nettest"
)

func TestTCPConnIsAConn(t *testing.T) {
	onEach(t, func(t *testing.T) {
		nettest.TestConn(t, func() (c1, c2 stdnet.Conn, stop func(), err error) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return nil, nil, nil, err
			}
			defer l.Close()
			accepted := make(chan stdnet.Conn, 1)
			go func() {
				c, _ := l.Accept()
				accepted <- c
			}()
			c1, err = net.Dial("tcp", l.Addr().String())
			if err != nil {
				return nil, nil, nil, err
			}
			c2 = <-accepted
			return c1, c2, func() { c1.Close(); c2.Close() }, nil
		})
	})
}
