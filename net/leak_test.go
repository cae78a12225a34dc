//go:build !tinygo

package net_test

import (
	stdnet "net"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/netdev-go/netdev/net"
)

// settled returns what count settles at: want, if it gets there in time.
func settled(count func() int, want int) int {
	for end := time.Now().Add(10 * time.Second); count() > want && time.Now().Before(end); {
		runtime.Gosched()
	}
	return count()
}

func openFiles() int {
	list, _ := os.ReadDir("/proc/self/fd")
	return len(list)
}

func TestNothingIsLeftBehind(t *testing.T) {
	onEach(t, func(t *testing.T) {
		ourNet.pair(t) // what is started once has been started
		goroutines, files := runtime.NumGoroutine(), openFiles()
		for range 200 {
			l := must[stdnet.Listener](t)(net.Listen("tcp", loopback0))
			accepted := make(chan stdnet.Conn, 1)
			go func() {
				c, _ := l.Accept()
				accepted <- c
			}()
			c := must[stdnet.Conn](t)(net.Dial("tcp", l.Addr().String()))
			c.SetDeadline(time.Now().Add(time.Hour))
			go c.Read(make([]byte, 1))
			(<-accepted).Close()
			go l.Accept()
			c.Close()
			l.Close()
		}
		if got := settled(runtime.NumGoroutine, goroutines); got > goroutines {
			t.Errorf("%d goroutines, before there were %d", got, goroutines)
		}
		if got := settled(openFiles, files); got > files {
			t.Errorf("%d open files, before there were %d", got, files)
		}
	})
}

func TestAConnectionThatWaitsCostsNoGoroutineWhereReadinessIsTold(t *testing.T) {
	w := watch(devices[0].open())
	use(t, w)
	c, _ := ourNet.pair(t)
	before := runtime.NumGoroutine()
	go c.Read(make([]byte, 1))
	<-w.recv
	if got := runtime.NumGoroutine(); got != before+1 {
		t.Errorf("%d goroutines for one Read", got-before)
	}
}
