package reassembly

// before returns the last run that begins at s or before it. It looks first where
// the last addition was, behind which the next one mostly goes.
func (q *Queue) before(s seq) *run {
	r := q.newest
	if r == nil || s.Less(r.left) {
		if r = q.first; r == nil || s.Less(r.left) {
			return nil
		}
	}
	for r.next != nil && r.next.left.LessEq(s) {
		r = r.next
	}
	return r
}

// after returns the run behind r, where nil stands before all of them.
func (q *Queue) after(r *run) *run {
	if r == nil {
		return q.first
	}
	return r.next
}

// insert puts r behind prev, as the newest one.
func (q *Queue) insert(prev, r *run) {
	if prev == nil {
		r.next, q.first = q.first, r
	} else {
		r.next, prev.next = prev.next, r
	}
	r.older, q.newest = q.newest, r
	q.runs++
}

// remove takes r, which comes behind prev, away.
func (q *Queue) remove(p *Pool, prev, r *run) {
	if prev == nil {
		q.first = r.next
	} else {
		prev.next = r.next
	}
	q.forget(r)
	q.runs--
	p.put(r)
}

// touch makes r the newest run.
func (q *Queue) touch(r *run) {
	if q.newest != r {
		q.forget(r)
		r.older, q.newest = q.newest, r
	}
}

// forget takes r out of the order of additions.
func (q *Queue) forget(r *run) {
	at := &q.newest
	for *at != r {
		at = &(*at).older
	}
	*at = r.older
}
