package nina

import "time"

// gpio0 is the task that has GPIO0 tell of data, which runs beside the main loop
// and works on the same slots.
type gpio0 struct {
	wake  chan struct{} // after a command, and when a socket has changed
	errno errno         // of this task
}

func (g *gpio0) signal() { signal(g.wake) }

// tick is how long the task lets others run each time.
const tick = time.Millisecond

func (f *firmware) driveGPIO0() {
	for {
		f.away(func() {
			select {
			case <-f.gpio0.wake:
			case <-f.dead:
			}
		})
		f.errno, f.gpio0.errno = f.gpio0.errno, f.errno
		data := f.anyData()
		f.errno, f.gpio0.errno = f.gpio0.errno, f.errno
		f.setData(data)
		if !f.chip.config.Fast {
			f.sleep(tick)
		}
	}
}

// anyData asks the slots one after the other, until one has data. To ask is to
// accept, to receive a datagram, and to close what is at its end.
func (f *firmware) anyData() bool {
	for i := range f.slots {
		s := &f.slots[i]
		switch s.kind {
		case kindTCP:
			if s.server.listens() && f.serverHasData(&s.server) {
				return true
			}
			if s.client.fd >= 0 && f.connectedClient(&s.client) && f.availableClient(&s.client) > 0 {
				return true
			}
		case kindUDP:
			if s.udp.fd >= 0 && (s.udp.available() > 0 || f.parse(&s.udp) > 0) {
				return true
			}
		case kindTLS:
			if s.tls.connected && f.availableTLS(&s.tls) > 0 {
				return true
			}
		}
	}
	return false
}

// serverHasData asks a server for a client, and where it has none, for one that has
// data. What connects between the two is accepted by the second alone.
func (f *firmware) serverHasData(s *server) bool {
	if f.chip.older("1.6.0") {
		return f.availableServer(s).fd >= 0
	}
	late := s.accepted < 0 && f.rand.Float64() < f.chip.config.AcceptRace
	return !late && f.hasClient(s) || f.availableServer(s).fd >= 0
}

// setData sets the level of GPIO0.
func (f *firmware) setData(high bool) {
	c := f.chip
	c.mu.Lock()
	rose := high && !c.data && c.run == f
	if c.run == f {
		c.data = high
	}
	onData := c.onData
	c.mu.Unlock()
	if rose && onData != nil {
		onData()
	}
}
