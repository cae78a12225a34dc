package block

// Lend adds the bytes of b to the end without a copy, as many as p has memory for, and
// returns how many those are. b must not change until [Queue.Recall], for which that much
// memory is set aside.
func (q *Queue) Lend(p *Pool, b []byte) int {
	most := MaxBlockSize / p.size * p.size
	done := 0
	for done < len(b) {
		n := min(len(b)-done, most, p.Free()*p.size)
		if n == 0 {
			break
		}
		if n == p.size {
			n = q.Append(p, b[done:done+n]) // a loan is told from a block by its size
		} else {
			l := p.loan(b[done:], n)
			q.link(l, l)
			q.n += int32(n)
		}
		done += n
	}
	return done
}

// Recall copies what is left of lent bytes into blocks. Cursors of q must be sought anew
// if it returns true: then there were some.
func (q *Queue) Recall(p *Pool) bool {
	if p.loans == 0 {
		return false
	}
	some := false
	var before *Block
	for b := q.head; b != nil; b = b.next {
		if len(b.buf) == p.size {
			before = b
			continue
		}
		some = true
		var own Queue
		left, after := b.buf[b.lo:b.hi], b.next
		p.repay(b)
		own.Append(p, left)
		if own.tail.next = after; after == nil {
			q.tail = own.tail
		}
		if before == nil {
			q.head = own.head
		} else {
			before.next = own.head
		}
		b, before = own.tail, own.tail
	}
	return some
}

// cost is how many blocks are set aside for a loan of n bytes.
func (p *Pool) cost(n int) int { return (n + p.size - 1) / p.size }

// loan returns a Block for the first n bytes of b.
func (p *Pool) loan(b []byte, n int) *Block {
	p.take(p.cost(n))
	p.loans++
	l := p.unlent
	if l == nil {
		l = new(Block)
	} else {
		p.unlent = l.next
	}
	*l = Block{buf: b[:n], hi: uint16(n)}
	return l
}

// repay takes a loan back.
func (p *Pool) repay(l *Block) {
	p.loans--
	n := p.cost(len(l.buf))
	p.inUse -= n
	p.puts += uint64(n)
	*l = Block{next: p.unlent}
	p.unlent = l
}
