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
	// Preallocate makes all blocks at once, in one arena. Without it each is made
	// when it is first needed, and kept for later.
	Preallocate bool
}

// A Block is a piece of a pool's memory, and which of its bytes are valid.
type Block struct {
	next   *Block
	buf    []byte
	lo, hi uint16
}

// room returns how many bytes still go behind the valid ones.
func (b *Block) room() int { return len(b.buf) - int(b.hi) }

// A Pool is a bounded amount of memory in blocks of one size.
type Pool struct {
	free   *Block // those that were made and are not in use, last in first out
	size   int
	blocks int
	inUse  int
	peak   int
	puts   uint64
}

// NewPool returns a pool with all of its blocks free. It panics if c is not what
// its fields ask for.
func NewPool(c Config) *Pool {
	if c.BlockSize < 1 || c.BlockSize > MaxBlockSize || c.Blocks < 0 {
		panic("block: pool of an impossible size")
	}
	p := &Pool{size: c.BlockSize, blocks: c.Blocks}
	if c.Preallocate {
		arena := make([]byte, c.BlockSize*c.Blocks)
		blocks := make([]Block, c.Blocks)
		for i := range blocks {
			end := (i + 1) * c.BlockSize
			blocks[i].buf = arena[i*c.BlockSize : end : end]
			blocks[i].next, p.free = p.free, &blocks[i]
		}
	}
	return p
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
	p.inUse++
	if p.inUse > p.peak {
		p.peak = p.inUse
	}
	b := p.free
	if b == nil {
		return &Block{buf: make([]byte, p.size)}
	}
	p.free = b.next
	b.next, b.lo, b.hi = nil, 0, 0
	return b
}

// put takes b back.
func (p *Pool) put(b *Block) {
	p.inUse--
	p.puts++
	b.next, p.free = p.free, b
}
