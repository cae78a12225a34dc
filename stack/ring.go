package stack

// A ring holds the frames that wait for the device, in the order in which they
// were written. Those at its front may be with the device, without the stack's
// lock; nobody writes to them until they are released.
type ring struct {
	frames []frame
	size   int // of a buffer
	head   int
	used   int
}

// A frame of the ring. Its packet begins at headroom, whether the frame goes to
// the device or, without the header before it, back to the stack itself.
type frame struct {
	buf   []byte
	n     int // of buf, once it is complete
	local bool
}

func newRing(frames, size int, preallocate bool) ring {
	r := ring{frames: make([]frame, frames), size: size}
	if preallocate {
		arena := make([]byte, frames*size)
		for i := range r.frames {
			r.frames[i].buf = arena[i*size : (i+1)*size : (i+1)*size]
		}
	}
	return r
}

func (r *ring) room() int { return len(r.frames) - r.used }

// next returns the frame to write now, or nil if all are used. It is not in the
// ring before push.
func (r *ring) next() *frame {
	if r.used == len(r.frames) {
		return nil
	}
	f := r.at(r.used)
	if f.buf == nil {
		f.buf = make([]byte, r.size)
	}
	return f
}

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
	r.used -= n
	if r.used == 0 {
		r.head = 0
		return
	}
	if r.head += n; r.head >= len(r.frames) {
		r.head -= len(r.frames)
	}
}
