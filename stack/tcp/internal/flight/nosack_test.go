package flight

import "testing"

func plain(t *testing.T, segments int) *conversation {
	c := converse(t)
	c.opts.NoSACK = true
	c.send(0, segments)
	return c
}

// dup has n duplicate ACKs come.
func (c *conversation) dup(n int) (delivered int) {
	c.Helper()
	o := c.opts
	o.Duplicate = true
	for range n {
		r := c.Ack(origin+41*ms, c.Una(), nil, o)
		check(c, &c.Flight)
		delivered += r.Delivered
	}
	return delivered
}

// RFC 5681 §3.2.
func TestThirdDuplicateAckLosesTheFirst(t *testing.T) {
	c := plain(t, 10)
	c.dup(2)
	c.lost(41*ms, 0)
	if n := c.dup(1); n != seg {
		t.Errorf("a duplicate ACK delivered %d", n)
	}
	c.lost(41*ms, 0, 0, 1)
	c.wantPipe(6)
	c.resend(42*ms, 1)
	c.wantPipe(7)
	c.dup(3)
	c.lost(43*ms, 0)
	c.wantPipe(4)
	// All but the first were counted.
	if r := c.ack(83*ms, 10); !r.Recovered || r.Acked != 10*seg || r.Delivered != 10*seg-6*seg {
		t.Errorf("%+v", r)
	}
}

// RFC 6582 §3.2 step 3.
func TestPartialAckLosesTheNext(t *testing.T) {
	c := plain(t, 10)
	c.dup(3)
	c.lost(41*ms, 0, 0, 1)
	c.resend(42*ms, 1)
	c.ack(83*ms, 4)
	c.lost(83*ms, 0, 4, 5)
	c.resend(84*ms, 1)
	c.lost(84*ms, 0)
	c.ack(120*ms, 8)
	c.lost(120*ms, 0, 8, 9)
}

func TestDuplicateAcksAtTheRecoveryPointAreNoLoss(t *testing.T) {
	c := plain(t, 10)
	c.dup(3)
	c.lost(41*ms, 0, 0, 1)
	c.resend(42*ms, 1)
	c.ack(83*ms, 10)
	c.send(84*ms, 10)
	c.dup(5)
	c.lost(85*ms, 0)
	c.ack(124*ms, 11)
	c.dup(3)
	c.lost(124*ms, 0, 11, 12)
}

func TestManyDuplicateAcksNeverEmptyThePipeTwice(t *testing.T) {
	c := plain(t, 3)
	c.dup(258) // and 256 of them do not count as none
	c.wantPipe(1)
	c.lost(41*ms, 0, 0, 1)
	c.dup(10)
	c.wantPipe(0)
	c.resend(42*ms, 1)
	c.wantPipe(1)
}

func TestTimeoutWithoutSACKLosesAll(t *testing.T) {
	c := plain(t, 10)
	c.dup(2)
	if n := c.Timeout(origin + 41*ms); n != 10*seg {
		t.Errorf("lost %d", n)
	}
	check(t, &c.Flight)
	c.resend(42*ms, 2)
	c.ack(82*ms, 1)
	c.lost(82*ms, 0)
	c.wantPipe(1)
}

func TestBlocksOfAPeerWithoutSACKAreNotRead(t *testing.T) {
	c := plain(t, 10)
	if r := c.ack(40*ms, 0, 2, 8); r.Sacked != 0 || c.Sacked() != 0 {
		t.Errorf("%+v", r)
	}
}

func TestEndOfRecoveryForgetsDuplicateAcks(t *testing.T) {
	c := plain(t, 10)
	c.dup(3)
	c.lost(41*ms, 0, 0, 1)
	c.resend(42*ms, 1)
	c.send(43*ms, 5)
	c.dup(20)
	c.wantPipe(1)
	if r := c.ack(83*ms, 10); !r.Recovered {
		t.Errorf("%+v", r)
	}
	c.wantPipe(5)
}

// What a partial acknowledgement shows to be missing cannot have sent duplicate ACKs,
// however many there were.
func TestPartialAckAfterTooManyDuplicatesLosesTheNext(t *testing.T) {
	c := plain(t, 10)
	c.dup(20)
	c.lost(41*ms, 0, 0, 1)
	c.resend(42*ms, 1)
	c.dup(20)
	c.ack(83*ms, 4)
	c.lost(83*ms, 0, 4, 5)
	c.wantPipe(0)
	check(t, &c.Flight)
	c.resend(84*ms, 1)
	c.wantPipe(1)
}
