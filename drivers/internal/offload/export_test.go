package offload

// Memory returns how many blocks are in use, how many there are, and how many are
// promised to a call of the chip.
func (c *Core) Memory() (inUse, all, reserved int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pool.InUse(), c.pool.Blocks(), c.reserved
}
