package fragment

// room makes room for n bytes of packet i, and tells whether there is. Packet i
// itself may have been what had to go.
func (r *Reassembler) room(i int16, n int) bool {
	need := (n + r.pool.BlockSize() - 1) / r.pool.BlockSize()
	for r.blocks+need > r.budget || r.pool.Free() < need {
		j := r.largest()
		if j == none {
			// Sockets have all the memory, or the packet is longer than the budget.
			j = i
		}
		r.evict(j)
		if j == i {
			return false
		}
	}
	return true
}

// evict gives packet i up for want of memory. What still comes of it is dropped,
// so that the rest of it takes no memory from others.
func (r *Reassembler) evict(i int16) { r.refuse(i, &r.Counters.Evicted) }

// largest returns the oldest packet of the sources that hold most memory, none if
// nobody holds any. Who floods us loses his own packets, and if he does it in many
// names, those that have not become whole for longest go.
func (r *Reassembler) largest() int16 {
	most := 1
	for s := range r.sources {
		most = max(most, r.sources[s].blocks)
	}
	for _, j := range r.order {
		if q := &r.packets[j]; r.sources[q.source].blocks == most && q.blocks > 0 {
			return j
		}
	}
	return none
}

// evictPacket forgets one packet for another: one that is given up already, or the
// oldest of the source that has most.
func (r *Reassembler) evictPacket() {
	victim, most := int16(none), 0
	for _, j := range r.order {
		if r.packets[j].refused {
			r.remove(j)
			return
		}
		if n := r.sources[r.packets[j].source].packets; n > most {
			victim, most = j, n
		}
	}
	r.Counters.Evicted++
	r.Counters.ReasmFails++
	r.remove(victim)
}
