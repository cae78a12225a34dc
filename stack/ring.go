package stack

// A ring holds the frames that wait for the device, in the order in which they
// were written. Those at its front may be with the device, without the stack's
// lock; nobody writes to them until they are released.
type ring struct {
	frames []frame
	short  int // how many of the buffers are
	size   int // of a buffer that is not
	head   int
	used   int

	// Buffers for long segments, which frames borrow. One is made when it is first
	// needed; a frame that the device has keeps its own.
	long     [][]byte
	idle     []uint8 // which of them no frame has
	longSize int
}

// A frame of the ring. Its packet begins at headroom, whether the frame goes to
// the device or, without the header before it, back to the stack itself.
type frame struct {
	buf   []byte
	n     int // of its bytes, once it is complete
	local bool
	long  uint8  // which long buffer it stands in, from 1; 0: in buf
	mss   uint16 // where it is long: after how much data it is to be cut
}

// shortPacket is how long a packet in a short frame may be.
const shortPacket = 112

// newRing returns a ring of so many frames, of which short ones take shortSize bytes
// and the others size.
func newRing(frames, size, short, shortSize int, preallocate bool) ring {
	r := ring{frames: make([]frame, frames), short: short, size: size}
	full := r.frames[short:]
	for i := range r.frames[:short] {
		r.frames[i].buf = make([]byte, shortSize)
	}
	if preallocate {
		arena := make([]byte, len(full)*size)
		for i := range full {
			full[i].buf = arena[i*size : (i+1)*size : (i+1)*size]
		}
	}
	return r
}

func (r *ring) room() int { return len(r.frames) - r.used }

// roomFull returns how many frames are free that are not short.
func (r *ring) roomFull() int {
	n := r.room()
	if r.short > 0 {
		for i := r.used; i < len(r.frames); i++ {
			if len(r.at(i).buf) < r.size {
				n--
			}
		}
	}
	return n
}

// next returns the frame to write n bytes to now, or nil if all of those that take
// them are used. It is not in the ring before push.
func (r *ring) next(n int) *frame {
	if r.used == len(r.frames) {
		return nil
	}
	f := r.at(r.used)
	if r.short > 0 {
		return r.fit(f, n)
	}
	if f.buf == nil {
		f.buf = make([]byte, r.size)
	}
	return f
}

// fit gives f, which is the next frame, the shortest free buffer that takes n bytes.
func (r *ring) fit(f *frame, n int) *frame {
	if f.buf == nil {
		f.buf = make([]byte, r.size)
	}
	for i := r.used + 1; i < len(r.frames); i++ {
		g := r.at(i)
		if g.buf == nil {
			g.buf = make([]byte, r.size)
		}
		if len(f.buf) < n && len(f.buf) < len(g.buf) || n <= len(g.buf) && len(g.buf) < len(f.buf) {
			f.buf, g.buf = g.buf, f.buf
		}
	}
	if len(f.buf) < n {
		return nil
	}
	return f
}

// nextFull is next for what may be as long as any frame.
func (r *ring) nextFull() *frame { return r.next(r.size) }

// push puts the frame that next returned into the ring.
func (r *ring) push() { r.used++ }

// at returns frame i from the front.
func (r *ring) at(i int) *frame {
	i += r.head
	if i >= len(r.frames) {
		i -= len(r.frames)
	}
	return &r.frames[i]
}

// release takes n frames from the front. An empty ring begins anew where the
// memory is warm.
func (r *ring) release(n int) {
	if len(r.long) > 0 {
		for i := range n {
			r.shorten(r.at(i))
		}
	}
	r.used -= n
	if r.used == 0 {
		r.head = 0
		return
	}
	if r.head += n; r.head >= len(r.frames) {
		r.head -= len(r.frames)
	}
}

// lend has the ring lend out n buffers of the given size, for long segments.
func (r *ring) lend(n, size int, preallocate bool) {
	r.long, r.idle, r.longSize = make([][]byte, n), make([]uint8, n), size
	for i := range r.long {
		r.idle[i] = uint8(n - i)
		if preallocate {
			r.long[i] = make([]byte, size)
		}
	}
}

// nextLong returns the buffer that lengthen would give a frame now, or nil if there is
// none.
func (r *ring) nextLong() []byte {
	n := len(r.idle)
	if n == 0 {
		return nil
	}
	b := &r.long[r.idle[n-1]-1]
	if *b == nil {
		*b = make([]byte, r.longSize)
	}
	return *b
}

// lengthen puts f into the buffer that nextLong returned.
func (r *ring) lengthen(f *frame, mss int) {
	last := len(r.idle) - 1
	f.long, f.mss = r.idle[last], uint16(mss)
	r.idle = r.idle[:last]
}

// shorten takes the long buffer of f back, if it has one.
func (r *ring) shorten(f *frame) {
	if f.long > 0 {
		r.idle = append(r.idle, f.long)
		f.long = 0
	}
}

// bytes returns the buffer that f stands in.
func (r *ring) bytes(f *frame) []byte {
	if f.long > 0 {
		return r.long[f.long-1]
	}
	return f.buf
}
