package bus

// A queue of bytes. Its zero value is empty; it keeps the memory it has needed.
type queue struct {
	b    []byte
	head int
}

func (q *queue) len() int { return len(q.b) - q.head }

func (q *queue) push(b byte) {
	q.compact(1)
	q.b = append(q.b, b)
}

func (q *queue) append(b []byte) {
	q.compact(len(b))
	q.b = append(q.b, b...)
}

// compact makes room at the end from what is free at the front, where that is
// half of all: each byte is moved once at most, on average.
func (q *queue) compact(n int) {
	if len(q.b)+n > cap(q.b) && q.head >= len(q.b)/2 {
		q.b = q.b[:copy(q.b, q.b[q.head:])]
		q.head = 0
	}
}

func (q *queue) pop() byte {
	b := q.b[q.head]
	q.head++
	q.rewind()
	return b
}

func (q *queue) read(b []byte) int {
	n := copy(b, q.b[q.head:])
	q.head += n
	q.rewind()
	return n
}

func (q *queue) rewind() {
	if q.head == len(q.b) {
		q.b, q.head = q.b[:0], 0
	}
}
