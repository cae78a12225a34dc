package broken

import (
	"errors"
	"io"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
)

func sendDevices() []Device {
	return []Device{
		device("loses the last byte of a long Send", breaks("SEND-1 SEND-2 SEND-3 SEND-11"), func(d *hooks) {
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				if len(buf) <= 1000 || d.isDatagram(fd) {
					return d.Device.Send(fd, buf, flags, deadline)
				}
				n, err := d.Device.Send(fd, buf[:len(buf)-1], flags, deadline)
				if err == nil {
					n++
				}
				return n, err
			}
		}),
		device("Send is short without an error", breaks("SEND-1 SEND-2 SEND-3 SEND-11"), func(d *hooks) {
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				if len(buf) > 1000 && !d.isDatagram(fd) {
					buf = buf[:1000]
				}
				return d.Device.Send(fd, buf, flags, deadline)
			}
		}),
		device("forgets what a short Send took", breaks("SEND-2 SEND-3"), func(d *hooks) {
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				n, err := d.Device.Send(fd, buf, flags, deadline)
				if err == netdev.ErrTimeout {
					n = 0
				}
				return n, err
			}
		}),
		device("a timeout says that all was taken", breaks("SEND-2 SEND-3"), func(d *hooks) {
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				n, err := d.Device.Send(fd, buf, flags, deadline)
				if err == netdev.ErrTimeout {
					n = len(buf)
				}
				return n, err
			}
		}),
		device("sends from the caller's buffer after Send", breaks("SEND-4"), func(d *hooks) {
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				if len(buf) != 1000 {
					return d.Device.Send(fd, buf, flags, deadline)
				}
				time.AfterFunc(5*time.Millisecond, func() { d.Device.Send(fd, buf, flags, time.Time{}) })
				return len(buf), nil
			}
		}),
		device("an empty Send is an error", breaks("SEND-5"), func(d *hooks) {
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				if len(buf) == 0 && !d.isDatagram(fd) {
					return 0, netdev.ErrInvalid
				}
				return d.Device.Send(fd, buf, flags, deadline)
			}
		}),
		device("cuts long datagrams", breaks("SEND-6"), func(d *hooks) {
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				if n := len(buf); n > 1024 && n < 70000 && d.isDatagram(fd) {
					_, err := d.Device.Send(fd, buf[:1024], flags, deadline)
					return n, err
				}
				return d.Device.Send(fd, buf, flags, deadline)
			}
		}),
		device("drops datagrams that are too long", breaks("SEND-7"), func(d *hooks) {
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				n, err := d.Device.Send(fd, buf, flags, deadline)
				if errors.Is(err, netdev.ErrMessageTooLong) {
					return len(buf), nil
				}
				return n, err
			}
		}),
		device("sends no empty datagram", breaks("SEND-8"), func(d *hooks) {
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				if len(buf) == 0 {
					return 0, nil
				}
				return d.Device.Send(fd, buf, flags, deadline)
			}
		}),
		device("sends to nobody", breaks("SEND-9"), func(d *hooks) {
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				if _, err := d.Device.GetPeerName(fd); errors.Is(err, netdev.ErrNotConnected) {
					if _, err := d.Device.GetSockName(fd); err == nil && d.isDatagram(fd) {
						return len(buf), nil
					}
				}
				return d.Device.Send(fd, buf, flags, deadline)
			}
		}),
		device("a reset is another error to Send", breaks("SEND-10"), func(d *hooks) {
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				n, err := d.Device.Send(fd, buf, flags, deadline)
				return n, replace(replace(err, netdev.ErrConnReset, netdev.ErrNetDown), netdev.ErrBrokenPipe, netdev.ErrNetDown)
			}
		}),
		device("the peer's FIN ends both directions", breaks("SEND-11"), func(d *hooks) {
			d.recv = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				n, err := d.Device.Recv(fd, buf, flags, deadline)
				if err == io.EOF {
					d.Device.Shutdown(fd, netdev.SHUT_WR)
				}
				return n, err
			}
		}),
	}
}

// receiving is a device whose Recv is recv, over the host's.
func receiving(name, rules string, recv func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, error)) Device {
	return device(name, breaks(rules), func(d *hooks) {
		d.recv = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
			return recv(d, fd, buf, flags, deadline)
		}
	})
}

func recvDevices() []Device {
	return []Device{
		receiving("waits until the buffer is full", "RECV-1", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, error) {
			got := 0
			for {
				n, err := d.Device.Recv(fd, buf[got:], flags, deadline)
				got += n
				if got > 0 && err == io.EOF {
					return got, nil
				}
				if err != nil || got == len(buf) || d.isDatagram(fd) || flags != 0 {
					return got, err
				}
			}
		}),
		device("EOF is said once", breaks("RECV-2"), func(d *hooks) {
			var ended sync.Map
			d.recv = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				if _, ok := ended.LoadAndDelete(fd); ok {
					return 0, netdev.ErrNotConnected
				}
				n, err := d.Device.Recv(fd, buf, flags, deadline)
				if err == io.EOF {
					ended.Store(fd, true)
				}
				return n, err
			}
		}),
		receiving("EOF on timeout", "RECV-3 RECV-8", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, error) {
			n, err := d.Device.Recv(fd, buf, flags, deadline)
			return n, replace(err, netdev.ErrTimeout, io.EOF)
		}),
		receiving("EOF on reset", "RECV-4", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, error) {
			n, err := d.Device.Recv(fd, buf, flags, deadline)
			return n, replace(err, netdev.ErrConnReset, io.EOF)
		}),
		device("hands out a datagram's rest as the next one", breaks("RECV-5"), func(d *hooks) {
			var rest []byte
			d.recv = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				if !d.isDatagram(fd) {
					return d.Device.Recv(fd, buf, flags, deadline)
				}
				if len(rest) == 0 {
					whole := make([]byte, 1<<16)
					n, err := d.Device.Recv(fd, whole, flags, deadline)
					if err != nil {
						return n, err
					}
					rest = whole[:n]
				}
				n := copy(buf, rest)
				rest = rest[n:]
				return n, nil
			}
		}),
		receiving("an empty datagram is EOF", "RECV-6", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, error) {
			n, err := d.Device.Recv(fd, buf, flags, deadline)
			if n == 0 && err == nil && len(buf) > 0 {
				err = io.EOF
			}
			return n, err
		}),
		receiving("waits with an empty buffer", "RECV-7", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, error) {
			if len(buf) == 0 {
				return d.Device.Recv(fd, make([]byte, 1), flags, deadline)
			}
			return d.Device.Recv(fd, buf, flags, deadline)
		}),
		receiving("writes beyond the buffer", "RECV-8", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, error) {
			n, err := d.Device.Recv(fd, buf, flags, deadline)
			if room := buf[:cap(buf)]; n > 0 && len(room) > len(buf) {
				room[len(buf)] = 0
			}
			return n, err
		}),
		device("writes to the buffer of a Recv that has returned", breaks("RECV-8"), func(d *hooks) {
			var kept []byte
			d.recv = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				n, err := d.Device.Recv(fd, buf, flags, deadline)
				copy(kept, buf[:n])
				kept = nil
				if err == netdev.ErrTimeout {
					kept = buf
				}
				return n, err
			}
		}),
		receiving("a stream without a peer is at its end", "RECV-9", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, error) {
			n, err := d.Device.Recv(fd, buf, flags, deadline)
			return n, replace(err, netdev.ErrNotConnected, io.EOF)
		}),
		receiving("drops what a small buffer has no room for", "RECV-10", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, error) {
			if len(buf) > 3 || len(buf) == 0 || d.isDatagram(fd) {
				return d.Device.Recv(fd, buf, flags, deadline)
			}
			segment := make([]byte, 4)
			n, err := d.Device.Recv(fd, segment, flags, deadline)
			return copy(buf, segment[:n]), err
		}),
		receiving("ignores flags", "RECV-11", func(d *hooks, fd int, buf []byte, _ int, deadline time.Time) (int, error) {
			return d.Device.Recv(fd, buf, 0, deadline)
		}),
	}
}
