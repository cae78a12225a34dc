package stack_test

import (
	"bytes"
	"io"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

// cuts is the configuration of a device that cuts segments.
var cuts = ether.Config{Queue: 1024, Offload: true}

// Others do more at once, and one does all that there is.
var (
	batches = ether.Config{Direct: true, Batch: 32, Queue: 1024}
	every   = ether.Config{Direct: true, Batch: 32, Queue: 1024, Offload: true}
)

// offloaded returns two stacks on the ends of a cable, and those.
func offloaded(t testing.TB, a, b ether.Config, ca, cb stack.Config) (x, y *stack.Stack, dx, dy *ether.Device) {
	t.Helper()
	dx, dy, err := ether.Cable(a, b)
	must(t, err)
	t.Cleanup(func() {
		must(t, dx.Close())
		must(t, dy.Close())
	})
	ca.Address, cb.Address = netip.PrefixFrom(addrA, 24), netip.PrefixFrom(addrB, 24)
	x, y = newStack(t, dx, ca), newStack(t, dy, cb)
	must(t, x.NetConnect(nil))
	must(t, y.NetConnect(nil))
	return x, y, dx, dy
}

// exchange sends n bytes each way at once and fails the test unless they arrive.
func exchange(t *testing.T, x, y *stack.Stack, fx, fy, n int) {
	t.Helper()
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(i) ^ byte(i>>8) ^ byte(i>>16)
	}
	type end struct {
		s  *stack.Stack
		fd int
	}
	limit := time.Now().Add(5 * time.Minute)
	done := make(chan error, 4)
	for _, e := range []end{{x, fx}, {y, fy}} {
		go func() {
			_, err := e.s.Send(e.fd, data, 0, limit)
			if err == nil {
				err = e.s.Shutdown(e.fd, netdev.SHUT_WR)
			}
			done <- err
		}()
		go func() {
			got, err := readAllFor(e.s, e.fd, limit)
			if !bytes.Equal(got, data) {
				t.Errorf("%d of %d bytes arrived, or others", len(got), n)
			}
			done <- err
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// inFrames is how many frames a stack was handed.
func inFrames(s *stack.Stack) uint64 { return uint64(s.Counters().Interface.InFrames) }

// However it is sent, what is sent arrives, and long segments go where they may.
func TestBytesArriveWhateverIsCut(t *testing.T) {
	const n = 1 << 20
	few, many := uint64(n/5000), uint64(n/1461)
	off := stack.Config{Offload: -1}
	for name, c := range map[string]struct {
		a, b   ether.Config
		ca, cb stack.Config
		setUp  func(x, y *stack.Stack, fx, fy int)
		long   bool // that y is handed long ones
	}{
		"both":                      {a: cuts, b: cuts, long: true},
		"in the sender's call":      {a: ether.Config{Direct: true, Offload: true}, b: ether.Config{Direct: true, Offload: true}, long: true},
		"in batches":                {a: batches, b: batches},
		"in batches, from a queue":  {a: ether.Config{Queue: 1024, Batch: 32}, b: ether.Config{Queue: 1024, Batch: 32}},
		"in batches, short rings":   {a: batches, b: batches, ca: stack.Config{Ring: 8}, cb: stack.Config{Ring: 8}},
		"in batches, and long":      {a: every, b: every, long: true},
		"in batches, to a board":    {a: batches, b: batches, cb: stack.SmallBoard()},
		"the sender's device alone": {a: cuts, b: ether.Config{Queue: 1024}},
		"the other's device alone":  {a: ether.Config{Queue: 1024}, b: cuts},
		"a stack that sends none":   {a: cuts, b: cuts, ca: off},
		"a stack that takes none":   {a: cuts, b: cuts, cb: off},
		"a board":                   {a: cuts, b: cuts, cb: stack.SmallBoard()},
		"a peer of smaller MTU":     {a: cuts, b: ether.Config{Queue: 1024, Offload: true, MTU: 1000}, long: true},
		"a peer of larger MTU":      {a: cuts, b: ether.Config{Queue: 1024, Offload: true, MTU: 9000}, long: true},
		"a small MSS": {a: cuts, b: cuts, long: true, setUp: func(x, _ *stack.Stack, fx, _ int) {
			must(t, x.SetSockOpt(fx, netdev.SOL_TCP, netdev.TCP_MAXSEG, 536))
		}},
		"a window below a long segment": {a: cuts, b: cuts, cb: stack.Config{RecvBuffer: 8192, MaxBuffer: 8192}},
		"one long buffer":               {a: cuts, b: cuts, ca: stack.Config{Offload: 1, Preallocate: true, Blocks: 2048}, long: true},
		"a ring of two":                 {a: cuts, b: cuts, ca: stack.Config{Ring: 2}, long: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x, y, dx, dy := offloaded(t, c.a, c.b, c.ca, c.cb)
				lfd, at := listen(t, y, addrB, 1)
				fx := open(t, x, netdev.SOCK_STREAM)
				if c.setUp != nil {
					c.setUp(x, y, fx, 0)
				}
				must(t, x.Connect(fx, "", at))
				fy, _, err := y.Accept(lfd)
				must(t, err)
				t.Cleanup(func() { y.Close(fy) })
				exchange(t, x, y, fx, fy, n)
				frames := inFrames(y)
				if c.long && frames > few {
					t.Errorf("%d bytes came in %d frames", n, frames)
				}
				if !c.long && frames < many && c.cb.RecvBuffer == 0 {
					t.Errorf("%d bytes came in %d frames", n, frames)
				}
				if s := dx.Stats(ether.Transmit); s.Dropped() > 0 {
					t.Errorf("%+v", s)
				}
				if s := dy.Stats(ether.Transmit); s.Dropped() > 0 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

func TestLossFallsOnThePiecesOfLongSegments(t *testing.T) {
	for _, text := range []string{
		"loss 1%, delay 10ms", "loss 5%, delay 10ms", "loss 5%, rate 100mbit, limit 128KiB", "reorder 5%, duplicate 1%, delay 5ms",
		"corrupt 1%, delay 1ms", "burst 1% 25%, delay 10ms",
	} {
		t.Run(text, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x, y, dx, _ := offloaded(t, cuts, every, stack.Config{}, stack.Config{})
				fx, fy := connected(t, x, y)
				imp, err := ether.ParseImpairment(text)
				must(t, err)
				must(t, dx.Impair(ether.Both, imp))
				begin := time.Now()
				exchange(t, x, y, fx, fy, 1<<20)
				if took := time.Since(begin); took > 2*time.Minute {
					t.Errorf("it took %v", took)
				}
				if s := dx.Stats(ether.Both); s.TooLong > 0 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// An impairment that comes and goes meets long segments halfway.
func TestLongSegmentsGoOnAfterAnImpairment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, y, dx, _ := offloaded(t, cuts, cuts, stack.Config{}, stack.Config{})
		fx, fy := connected(t, x, y)
		over := make(chan struct{})
		go func() {
			defer close(over)
			for i := range 50 {
				imp := ether.Impairment{}
				if i%2 == 0 {
					imp.Delay, imp.Loss = time.Millisecond, 0.01
				}
				if err := dx.Impair(ether.Both, imp); err != nil {
					t.Error(err)
				}
				time.Sleep(3 * time.Millisecond)
			}
		}()
		exchange(t, x, y, fx, fy, 8<<20)
		<-over
	})
}

func TestACaptureShowsNoLongSegment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, y, dx, dy := offloaded(t, cuts, cuts, stack.Config{}, stack.Config{})
		var file bytes.Buffer
		c := ether.NewCapture(&file)
		dy.Capture(c)
		fx, fy := connected(t, x, y)
		exchange(t, x, y, fx, fy, 200_000)
		dx.Capture(nil)
		must(t, c.Close())
		r, err := pcapgo.NewNgReader(&file, pcapgo.DefaultNgReaderOptions)
		must(t, err)
		segments := 0
		for {
			b, _, err := r.ReadPacketData()
			if err == io.EOF {
				break
			}
			must(t, err)
			p := gopacket.NewPacket(b, layers.LayerTypeEthernet, gopacket.Default)
			tcp, ok := p.TransportLayer().(*layers.TCP)
			if !ok {
				continue
			}
			segments++
			must(t, tcp.SetNetworkLayerForChecksum(p.NetworkLayer()))
			if err, wrong := p.VerifyChecksums(); err != nil || len(wrong) > 0 || len(b) > 1514 {
				t.Fatalf("%d bytes: %v, %v", len(b), err, wrong)
			}
		}
		if segments < 2*200_000/1460 {
			t.Errorf("%d segments", segments)
		}
	})
}

// The neighbour cache may have forgotten where a long segment goes.
func TestPiecesWaitForANeighbour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, y, _, _ := offloaded(t, cuts, cuts, stack.Config{Neighbours: 1}, stack.Config{})
		fx, fy := connected(t, x, y)
		ux, _ := bound(t, x, addrA)
		// Somebody else, who does not answer, takes the one place in the cache.
		_, err := x.SendTo(ux, []byte("x"), 0, at(netip.MustParseAddr("10.0.0.77"), 9), soon())
		must(t, err)
		time.Sleep(10 * time.Second)
		before := x.Counters().TCP.RetransSegs
		begin := time.Now()
		if _, err := x.Send(fx, make([]byte, 14480), 0, soon()); err != nil {
			t.Fatal(err)
		}
		for got, buf := 0, make([]byte, 20000); got < 14480; {
			n, err := y.Recv(fy, buf, 0, soon())
			must(t, err)
			got += n
		}
		if took := time.Since(begin); took > 50*time.Millisecond || x.Counters().TCP.RetransSegs != before {
			t.Errorf("it took %v, and %d segments were sent again", took, x.Counters().TCP.RetransSegs-before)
		}
	})
}

func TestStackWithOffloadKeepsTheContract(t *testing.T) { conformOn(t, stack.Config{}, cuts) }

func TestStackInBatchesKeepsTheContract(t *testing.T) { conformOn(t, stack.Config{}, every) }

func TestNoAllocationPerLongSegment(t *testing.T) { noAllocation(t, cuts) }

func TestNoAllocationPerBatch(t *testing.T) { noAllocation(t, batches) }

func noAllocation(t *testing.T, end ether.Config) {
	x, y, _, _ := offloaded(t, end, end, stack.Config{}, stack.Config{})
	fx, fy := connected(t, x, y)
	buf, in := make([]byte, 128<<10), make([]byte, 128<<10)
	if n := steady(func() {
		if _, err := x.Send(fx, buf, 0, soon()); err != nil {
			t.Error(err)
		}
		for got := 0; got < len(buf); {
			n, err := y.Recv(fy, in, 0, soon())
			if err != nil {
				t.Error(err)
			}
			got += n
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// The same bytes over each kind of cable.
func BenchmarkTCPBulkOver(b *testing.B) {
	for _, c := range []struct {
		name string
		end  ether.Config
	}{
		{"queue", ether.Config{Queue: 1024}},
		{"queue,batch", ether.Config{Queue: 1024, Batch: 32}},
		{"queue,offload", cuts},
		{"direct", ether.Config{Queue: 1024, Direct: true}},
		{"direct,batch", batches},
		{"direct,batch,offload", every},
	} {
		b.Run(c.name, func(b *testing.B) {
			x, y, _, _ := offloaded(b, c.end, c.end, stack.Config{}, stack.Config{})
			bulk(b, x, y)
		})
	}
}
