package espat_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
)

// From the list of drivers/comboat, whose chip is another one with AT commands.

func TestDefectComboat_ConnectEndsSomeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		m.on["AT+CIPSTART="] = func(args string) string {
			var ms int
			fmt.Sscanf(args[strings.LastIndex(args, ",")+1:], "%d", &ms)
			time.AfterFunc(time.Duration(ms)*time.Millisecond, func() { m.say("+ERRNO:0x74\r\n" + wrong) })
			return "\r\n"
		}
		dev := connected(t, m)
		fd, err := dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		err = dev.Connect(fd, "", peer)
		if d := time.Since(begin); !errors.Is(err, netdev.ErrConnTimedOut) || d < 30*time.Second || d > 90*time.Second {
			t.Errorf("Connect = %v after %v", err, d)
		}
	})
}

func TestDefectComboat_AConnectThatWaitsLeavesTimeForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		fd := dialled(t, dev)
		m.do(func() {
			m.on["AT+CIPSTART="] = func(args string) string {
				var ms int
				fmt.Sscanf(args[strings.LastIndex(args, ",")+1:], "%d", &ms)
				time.AfterFunc(time.Duration(ms)*time.Millisecond, func() { m.say(wrong) })
				return "\r\n"
			}
		})
		go func() {
			silent, err := dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
			if err != nil {
				t.Error(err)
			}
			dev.Connect(silent, "", peer)
		}()
		synctest.Wait()
		b := make([]byte, 9)
		atOnce := 0
		for range 20 {
			begin := time.Now()
			if _, err := dev.Send(fd, []byte("ping"), 0, never); err != nil {
				t.Fatal(err)
			}
			m.arrive(4, "pong")
			if n, err := dev.Recv(fd, b, 0, never); string(b[:n]) != "pong" || err != nil {
				t.Fatalf("Recv = %q, %v", b[:n], err)
			}
			d := time.Since(begin)
			if d > 5*time.Second {
				t.Errorf("an echo took %v", d)
			}
			if d == 0 {
				atOnce++
			}
			time.Sleep(300 * time.Millisecond)
		}
		if atOnce < 14 {
			t.Errorf("only %d of 20 echoes did not wait", atOnce)
		}
	})
}

func TestDefectComboat_AReaderBlocksNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		fd := dialled(t, dev)
		begin := time.Now()
		received := make(chan error)
		go func() {
			_, err := dev.Recv(fd, make([]byte, 1), 0, begin.Add(7*time.Second))
			received <- err
		}()
		synctest.Wait()
		if n, err := dev.Send(fd, bytes.Repeat([]byte("x"), 5000), 0, never); n != 5000 || err != nil {
			t.Error(n, err)
		}
		if d := time.Since(begin); d > 0 {
			t.Errorf("Send waited %v for a reader", d)
		}
		if err := <-received; !errors.Is(err, netdev.ErrTimeout) || time.Since(begin) != 7*time.Second {
			t.Errorf("Recv = %v after %v", err, time.Since(begin))
		}
	})
}

func TestDefectComboat_DisconnectingTwiceIsNoPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dev := connected(t, newModule())
		dev.NetDisconnect()
		dev.NetDisconnect()
		if _, err := dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); !errors.Is(err, netdev.ErrNetDown) {
			t.Errorf("Socket = %v, want ErrNetDown", err)
		}
	})
}
