package dns

// Stats counts what a Client did since it was made.
type Stats struct {
	Queries   uint64 // messages sent, over UDP and TCP
	Answers   uint64 // answers believed
	Timeouts  uint64 // waits that ended with nothing
	TCP       uint64 // questions that went to TCP
	Ignored   uint64 // messages that answered no question of ours: wrong id, question or source
	Malformed uint64 // answers that could not be read
	Failures  uint64 // answers with an error code other than "no such name"
	Shared    uint64 // questions that somebody else was asking already

	CacheHits      uint64
	CacheMisses    uint64
	CacheEvictions uint64 // answers forgotten for want of room
	CacheEntries   uint64 // answers remembered now
	CacheBytes     uint64 // the memory that they take, about
}

// Stats returns the counters.
func (c *Client) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.CacheEntries, s.CacheBytes = uint64(c.cache.len()), uint64(c.cache.bytes)
	return s
}

// count adds 1 to a counter of c.stats.
func (c *Client) count(counter *uint64) {
	c.mu.Lock()
	*counter++
	c.mu.Unlock()
}
