package flight

// A Pool keeps the rings of idle Flights for the next that needs one. The zero
// value keeps none. It is not safe for concurrent use.
type Pool struct {
	// Max is the most records kept.
	Max int

	free    *board
	records int
}

// Attach takes a ring for f from p, if f has none and p has one. A nil p has none.
func (f *Flight) Attach(p *Pool) {
	if f.b != nil || p == nil || p.free == nil {
		return
	}
	b := p.free
	p.free, b.next = b.next, nil
	p.records -= len(b.buf)
	f.b = b
}

// Release gives f's ring to p, or to nobody where p is nil or full. Nothing
// happens unless f is Empty.
func (f *Flight) Release(p *Pool) {
	if f.b == nil || f.una != f.nxt {
		return
	}
	b := f.b
	f.b = nil
	if p == nil || p.records+len(b.buf) > p.Max {
		return
	}
	p.records += len(b.buf)
	p.free, b.next = b, p.free
}
