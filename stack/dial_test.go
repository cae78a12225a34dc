package stack_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
)

// A port that is free is found, however many are not.
func TestTheLastFreePortIsFound(t *testing.T) {
	s := newStack(t, &card{}, stack.Config{Address: netip.PrefixFrom(addrA, 24), Clock: &handClock{now: time.Unix(1, 0)}})
	must(t, s.NetConnect(nil))
	dial := func() (int, error) {
		fd, err := s.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
		must(t, err)
		must(t, s.SetNonblock(fd, true))
		return fd, s.Connect(fd, "", at(addrB, 9))
	}
	var fds []int
	for {
		fd, err := dial()
		if err != netdev.ErrInProgress {
			if err != netdev.ErrAddrNotAvailable || len(fds) != 1<<14 {
				t.Fatalf("%v after %d connections", err, len(fds))
			}
			break
		}
		fds = append(fds, fd)
	}
	must(t, s.Close(fds[len(fds)/2]))
	if _, err := dial(); err != netdev.ErrInProgress {
		t.Errorf("with one port that is free: %v", err)
	}
}
