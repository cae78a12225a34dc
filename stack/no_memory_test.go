package stack_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
)

// Connect needs no memory to forget what strangers sent.
func TestConnectKeepsWhatThePeerSentWhereThereIsNoMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := alone(t, stack.Config{BlockSize: 256, Blocks: 32})
		friend, friendName := bound(t, s, home)
		stranger, _ := bound(t, s, home)
		fd, name := bound(t, s, home)
		for i := range 4 {
			sendTo(t, s, stranger, "spam", name)
			sendTo(t, s, friend, strings.Repeat(string(rune('a'+i)), 300), name)
		}
		synctest.Wait()
		// Others have the rest of the memory.
		for c := s.Counters(); c.BlocksInUse < c.Blocks; c = s.Counters() {
			_, name := bound(t, s, home)
			sendTo(t, s, stranger, "x", name)
			synctest.Wait()
		}
		must(t, s.Connect(fd, "", friendName))
		ev, err := s.Poll(fd)
		if ev&netdev.PollIn == 0 || err != nil {
			t.Errorf("Poll = %#x, %v", ev, err)
		}
		for i := range 4 {
			if got, from := recv(t, s, fd); got != strings.Repeat(string(rune('a'+i)), 300) || from != friendName {
				t.Errorf("datagram %d: %d bytes from %v", i, len(got), from)
			}
		}
		silent(t, s, fd)
		if ev, _ := s.Poll(fd); ev&netdev.PollIn != 0 {
			t.Errorf("Poll = %#x when all is read", ev)
		}
	})
}
