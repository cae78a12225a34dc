package flight

// A Pool keeps the rings of idle Flights for the next that needs one. The zero
// value keeps none. It is not safe for concurrent use.
type Pool struct {
	// Max is the most records kept.
	Max int
}

// Attach takes a ring for f from p, if f has none and p has one. A nil p has none.
func (f *Flight) Attach(p *Pool) {}

// Release gives f's ring to p, or to nobody where p is nil or full. Nothing
// happens unless f is Empty.
func (f *Flight) Release(p *Pool) {}
