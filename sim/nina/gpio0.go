package nina

// gpio0 is the task that has GPIO0 tell of data, which runs beside the main loop.
type gpio0 struct {
	wake chan struct{} // after a command, and when a frame has come
}

func (g *gpio0) signal() { signal(g.wake) }

func (f *firmware) driveGPIO0() {
	for {
		f.away(func() {
			select {
			case <-f.gpio0.wake:
			case <-f.dead:
			}
		})
		f.setData(false)
	}
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
