// Package block is the bounded memory that sockets keep their bytes in.
//
// A [Pool] has a fixed number of blocks of one size. A [Queue] is a FIFO of bytes
// over blocks of a pool and owns none while it is empty, so what ten thousand
// sockets may hold at once is what the pool has, however they share it. Bytes are
// copied in and out, unless their owner lends them until [Queue.Recall]; between queues
// whole chains move without a copy. A [Cursor] reads a Queue from the middle, without
// taking anything out.
//
// Nothing here is safe for concurrent use: a pool and its queues stand under their
// owner's lock. Nothing allocates, except that a pool which was not preallocated
// makes each of its blocks once, and any pool what stands for loans. All queues that
// meet in a call belong to one pool.
package block
