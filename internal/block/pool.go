package block

import "math"

// MaxBlockSize is the largest size of a block.
const MaxBlockSize = math.MaxUint16

// Config sizes a [Pool].
type Config struct {
	// BlockSize is how many bytes a block holds, 1 to [MaxBlockSize].
	BlockSize int
	// Blocks is how many blocks there are at most.
	Blocks int
	// Preallocate makes all blocks at once, in one arena. Without it some are made
	// whenever none is left, and kept for later.
	Preallocate bool
}

// A Block is a piece of a pool's memory, and which of its bytes are valid.
type Block struct {
	next   *Block
	buf    []byte // its capacity goes on to the end of the arena
	lo, hi uint16
}

// joins tells whether the memory of next follows on b's.
func (b *Block) joins(next *Block) bool {
	n := len(b.buf)
	return n < cap(b.buf) && &b.buf[:n+1][n] == &next.buf[0]
}

// room returns how many bytes still go behind the valid ones.
func (b *Block) room() int { return len(b.buf) - int(b.hi) }

// A Pool is a bounded amount of memory in blocks of one size.
type Pool struct {
	// Those that were made and are not in use, last in first out, but for runs of
	// neighbours, which keep their order: where they are used again, what lies in
	// several blocks lies in one piece.
	free   *Block
	last   *Block // that came back last, if it is still free
	size   int
	blocks int
	made   int
	inUse  int
	peak   int
	puts   uint64

	loans  int    // blocks that stand for memory of somebody else
	unlent *Block // those that did, to be used again
}

// NewPool returns a pool with all of its blocks free. It panics if c is not what
// its fields ask for.
func NewPool(c Config) *Pool {
	if c.BlockSize < 1 || c.BlockSize > MaxBlockSize || c.Blocks < 0 {
		panic("block: pool of an impossible size")
	}
	p := &Pool{size: c.BlockSize, blocks: c.Blocks}
	if c.Preallocate {
		p.make(c.Blocks)
	}
	return p
}

// arena is how many bytes are made at once, if a block is no larger.
const arena = 128 << 10

// make makes n blocks in one arena.
func (p *Pool) make(n int) {
	p.made += n
	memory, blocks := make([]byte, n*p.size), make([]Block, n)
	for i := n - 1; i >= 0; i-- {
		blocks[i].buf = memory[i*p.size:][:p.size]
		blocks[i].next, p.free = p.free, &blocks[i]
	}
}

// BlockSize returns how many bytes a block holds.
func (p *Pool) BlockSize() int { return p.size }

// Blocks returns how many blocks there are at most, free ones and those in use.
func (p *Pool) Blocks() int { return p.blocks }

// InUse returns how many blocks queues hold.
func (p *Pool) InUse() int { return p.inUse }

// Free returns how many blocks queues may still take.
func (p *Pool) Free() int { return p.blocks - p.inUse }

// Peak returns the most blocks that were ever in use at once.
func (p *Pool) Peak() int { return p.peak }

// Returned counts the blocks that queues have given back: while it stands still,
// nobody can have what he could not have before.
func (p *Pool) Returned() uint64 { return p.puts }

// get returns an empty block, or nil if all are in use.
func (p *Pool) get() *Block {
	if p.inUse == p.blocks {
		return nil
	}
	p.take(1)
	if p.free == nil {
		p.make(min(max(1, arena/p.size), p.blocks-p.made))
	}
	b := p.free
	if p.free = b.next; b == p.last {
		p.last = nil
	}
	b.next, b.lo, b.hi = nil, 0, 0
	return b
}

// take has n more blocks be in use.
func (p *Pool) take(n int) {
	p.inUse += n
	if p.inUse > p.peak {
		p.peak = p.inUse
	}
}

// put takes b back.
func (p *Pool) put(b *Block) {
	if len(b.buf) != p.size {
		p.repay(b)
		return
	}
	p.inUse--
	p.puts++
	if l := p.last; l != nil && l.joins(b) {
		b.next, l.next = l.next, b
	} else {
		b.next, p.free = p.free, b
	}
	p.last = b
}
