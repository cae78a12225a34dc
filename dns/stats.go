package dns

// Stats counts what a Client did since it was made.
type Stats struct {
	Queries   uint // messages sent, over UDP and TCP
	Answers   uint // answers believed
	Timeouts  uint // waits that ended with nothing
	TCP       uint // questions that went to TCP
	Ignored   uint // messages that answered no question of ours: wrong id, question or source
	Malformed uint // answers that could not be read
	Failures  uint // answers with an error code other than "no such name"
	Shared    uint // questions that somebody else was asking already

	CacheHits      uint
	CacheMisses    uint
	CacheEvictions uint // answers forgotten for want of room
	CacheEntries   uint // answers remembered now
	CacheBytes     uint // the memory that they take, about
}

// Stats returns the counters.
func (c *Client) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.CacheEntries, s.CacheBytes = uint(c.cache.len()), uint(c.cache.bytes)
	return s
}

// count adds 1 to a counter of c.stats.
func (c *Client) count(counter *uint) {
	c.mu.Lock()
	*counter++
	c.mu.Unlock()
}
