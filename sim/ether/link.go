package ether

// Direction is a way over a link, as its device sees it.
type Direction int

const (
	Transmit Direction = 1 << iota // what the device sends
	Receive                        // what it is sent

	Both = Transmit | Receive
)

// A link is what a Device and a Port have in common: the two directions.
type link struct {
	name   string
	tx, rx *direction
}

// Name returns the name that the configuration gave, or the default.
func (l *link) Name() string { return l.name }

// Impair changes what is done to frames in the direction, or in both alike.
// Frames under way keep the time at which they arrive, and are not overtaken.
// It is safe from any goroutine; the error is that of Impairment.Validate.
func (l *link) Impair(dir Direction, imp Impairment) error {
	if err := imp.Validate(); err != nil {
		return err
	}
	for _, d := range l.directions(dir) {
		d.impair(imp)
	}
	return nil
}

// Impairment returns what is done to frames in the direction; of Both, that of
// Transmit.
func (l *link) Impairment(dir Direction) Impairment {
	if d := l.directions(dir); len(d) > 0 {
		return d[0].impairment()
	}
	return Impairment{}
}

// Stats returns what the direction has counted so far; of Both, the sums.
func (l *link) Stats(dir Direction) Stats {
	var s Stats
	for _, d := range l.directions(dir) {
		d.count.addTo(&s)
	}
	return s
}

// Capture has every frame of the link recorded in c, as an interface of the
// link's name: what the device sends as it sends it, what it receives as it
// receives it, and what is dropped on either way. Nil ends that.
func (l *link) Capture(c *Capture) {
	if c == nil {
		l.tx.entry.Store(nil)
		l.rx.exit.Store(nil)
		return
	}
	id := c.addInterface(l.name)
	l.tx.entry.Store(&tap{capture: c, id: id, outbound: true})
	l.rx.exit.Store(&tap{capture: c, id: id})
}

func (l *link) directions(dir Direction) []*direction {
	var d []*direction
	if dir&Transmit != 0 {
		d = append(d, l.tx)
	}
	if dir&Receive != 0 {
		d = append(d, l.rx)
	}
	return d
}
