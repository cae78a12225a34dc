package stack_test

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
)

var (
	elsewhere = netip.MustParseAddr("198.51.100.7")
	web       = netip.AddrPortFrom(elsewhere, 80)
)

// routed returns a stack whose gateway is the other one, which forwards.
func routed(t testing.TB, f *stack.Forward) (board, gateway *stack.Stack) {
	t.Helper()
	da, db := cable(t)
	board = newStack(t, da, stack.Config{Address: netip.PrefixFrom(addrA, 24), Gateway: addrB})
	gateway = newStack(t, db, stack.Config{Address: netip.PrefixFrom(addrB, 24), Forward: f})
	must(t, board.NetConnect(nil))
	must(t, gateway.NetConnect(nil))
	return board, gateway
}

func TestConnectionsToAnywhereAreAcceptedBeforeTheyAreAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		board, gateway := routed(t, &stack.Forward{})
		lfd, err := gateway.ListenAny(8)
		must(t, err)
		defer gateway.Close(lfd)
		if _, _, _, err := gateway.AcceptAny(lfd, time.Now().Add(time.Second)); err != netdev.ErrTimeout {
			t.Fatalf("AcceptAny of nothing: %v", err)
		}
		dial := func() (int, chan error) {
			fd := open(t, board, netdev.SOCK_STREAM)
			c := make(chan error, 1)
			go func() { c <- board.Connect(fd, "", web) }()
			return fd, c
		}
		fd, outcome := dial()
		in, from, to, err := gateway.AcceptAny(lfd, never)
		must(t, err)
		synctest.Wait()
		if local, _ := board.GetSockName(fd); from != local || to != web || len(outcome) != 0 {
			t.Fatalf("a request from %v to %v, answered %v; want one from %v to %v", from, to, len(outcome) != 0, local, web)
		}
		if _, err := gateway.Recv(in, make([]byte, 1), 0, never); err != netdev.ErrNotConnected {
			t.Errorf("Recv before Answer: %v", err)
		}
		must(t, gateway.Answer(in))
		must(t, <-outcome)
		if err := gateway.Answer(in); err != netdev.ErrInvalid {
			t.Errorf("a second Answer: %v", err)
		}
		if n, err := board.Send(fd, []byte("GET"), 0, never); n != 3 || err != nil {
			t.Fatal(n, err)
		}
		buf := make([]byte, 8)
		if n, err := gateway.Recv(in, buf, 0, never); string(buf[:n]) != "GET" || err != nil {
			t.Fatalf("%q, %v", buf[:n], err)
		}
		must(t, gateway.Reset(in))
		if _, err := board.Recv(fd, buf, 0, never); err != netdev.ErrConnReset {
			t.Errorf("Recv after Reset: %v", err)
		}
		for _, c := range []error{netdev.ErrConnRefused, netdev.ErrHostUnreachable, netdev.ErrNetUnreachable} {
			_, outcome := dial()
			in, _, _, err := gateway.AcceptAny(lfd, never)
			must(t, err)
			must(t, gateway.Refuse(in, c))
			if err := <-outcome; err != c {
				t.Errorf("refused with %v, Connect says %v", c, err)
			}
			if err := gateway.Close(in); err != netdev.ErrInvalidSocketFd {
				t.Errorf("Refuse left the descriptor open: %v", err)
			}
		}
	})
}

func TestListenersOfTheirOwnComeBeforeListenAny(t *testing.T) {
	board, gateway := routed(t, &stack.Forward{})
	anyfd, err := gateway.ListenAny(8)
	must(t, err)
	defer gateway.Close(anyfd)
	lfd, name := listen(t, gateway, addrB, 1)
	must(t, board.Connect(open(t, board, netdev.SOCK_STREAM), "", name))
	fd, _, err := gateway.Accept(lfd)
	must(t, err)
	must(t, gateway.Close(fd))
}

func TestDatagramsToOthersAreForwarded(t *testing.T) {
	type datagram struct {
		from, to netip.AddrPort
		data     string
	}
	got := make(chan datagram, 1)
	var gateway *stack.Stack
	board, gateway := routed(t, &stack.Forward{UDP: func(from, to netip.AddrPort, payload []byte) {
		got <- datagram{from, to, string(payload)}
		if err := gateway.SendUDPFrom(to, from, []byte("answer")); err != nil {
			t.Error(err)
		}
	}})
	fd, name := bound(t, board, addrA)
	for _, n := range []int{5, 3000} { // the second in fragments
		data := string(make([]byte, n))
		to := at(elsewhere, 53)
		sendTo(t, board, fd, data, to)
		if d := <-got; d.from != name || d.to != to || d.data != data {
			t.Fatalf("forwarded %d bytes from %v to %v", len(d.data), d.from, d.to)
		}
		if data, from := recv(t, board, fd); data != "answer" || from != to {
			t.Fatalf("%q from %v", data, from)
		}
	}
	must(t, board.Connect(fd, "", at(elsewhere, 53)))
	for _, cause := range []error{netdev.ErrConnRefused, netdev.ErrHostUnreachable, netdev.ErrNetUnreachable} {
		must(t, gateway.SendUnreachable(name, at(elsewhere, 53), []byte("lost"), cause))
		if _, err := board.Recv(fd, make([]byte, 8), 0, soon()); err != cause {
			t.Errorf("SendUnreachable(%v) is %v to the sender", cause, err)
		}
	}
}

func TestEchoRequestsToOthersAreForwarded(t *testing.T) {
	var gateway *stack.Stack
	board, gateway := routed(t, &stack.Forward{Echo: func(from, to netip.Addr, id, seq uint16, payload []byte) {
		if from != addrA || to != elsewhere || string(payload) != "are you there?" {
			t.Errorf("echo from %v to %v: %q", from, to, payload)
		}
		if err := gateway.SendEchoReply(to, from, id, seq, payload); err != nil {
			t.Error(err)
		}
	}})
	_, err := board.Ping(t.Context(), elsewhere, []byte("are you there?"))
	must(t, err)
	_, err = board.Ping(t.Context(), addrB, []byte("and the gateway itself?"))
	must(t, err)
}
