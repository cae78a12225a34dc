package neighbour

import (
	"math/rand"
	"net/netip"
	"testing"
	"time"
)

func TestTheLeastRecentlyUsedNeighbourMakesRoom(t *testing.T) {
	p := cache(t, Config{Entries: 4})
	a := []netip.Addr{gateway}
	for range 4 {
		a = append(a, a[len(a)-1].Next())
	}
	for _, a := range a[:4] {
		p.resolve(a, hwA)
	}
	p.lookup(a[0], hwA)
	p.resolve(a[4], hwB)
	for i, want := range []State{Reachable, None, Reachable, Reachable, Reachable} {
		p.state(a[i], want)
	}
	if p.Counters.Evicted != 1 || p.Len() != 4 {
		t.Errorf("%d entries, %+v", p.Len(), p.Counters)
	}
	p.check()
}

// Whoever asks us is learned, but not at the expense of those that we call.
func TestAFloodOfRequestsEvictsNobodyThatIsUsed(t *testing.T) {
	p := cache(t, Config{Entries: 8})
	a := gateway
	for range 7 {
		p.resolve(a, hwA)
		a = a.Next()
	}
	for i := range 1000 {
		p.Learn(p.now, netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), hwB)
	}
	for a, i := gateway, 0; i < 7; a, i = a.Next(), i+1 {
		p.state(a, Reachable)
	}
	p.check()
}

// A program that calls at every address of the network.
func TestAScanOfTheNetworkLeavesKnownNeighboursTheirHalf(t *testing.T) {
	p := cache(t, Config{Entries: 16})
	known := netip.MustParseAddr("10.9.0.1")
	for range 8 {
		p.resolve(known, hwA)
		known = known.Next()
	}
	a := gateway
	for range 5000 {
		p.wait(a, "x")
		p.done()
		p.now += 10 * time.Millisecond
		a = a.Next()
	}
	for known, i := netip.MustParseAddr("10.9.0.1"), 0; i < 8; known, i = known.Next(), i+1 {
		if p.State(p.now, known) == None {
			t.Errorf("%v was forgotten", known)
		}
	}
	p.check()
	for p.Deadline() != 0 {
		p.now = p.Deadline()
		p.done()
	}
	p.check()
}

func TestATableOfOneNeighbour(t *testing.T) {
	p := cache(t, Config{Entries: 1})
	for range 3 {
		p.wait(gateway, "x")
		p.expect("who has 10.0.2.1")
		p.wait(other, "y")
		p.expect("who has 10.0.2.2")
		p.Answer(p.now, gateway, hwA)
		p.Answer(p.now, other, hwB)
		p.expect("y to b")
		p.check()
		p.Clear()
	}
}

// Random calls against what must hold of any: the lists are sound, what is known
// was told, requests keep their distance, and no packet is lost uncounted.
func TestRandomCallsKeepTheCacheSound(t *testing.T) {
	for seed := range int64(40) {
		rnd := rand.New(rand.NewSource(seed))
		p := cache(t, Config{Entries: 1 + rnd.Intn(12), Packets: 1 + rnd.Intn(10), Waiting: 1 + rnd.Intn(4)})
		told := map[netip.Addr]map[[6]byte]bool{}
		in, out := uint(0), uint(0)
		type request struct {
			at      time.Duration
			evicted uint // who is forgotten is asked for anew at once
		}
		asked := map[netip.Addr]request{}
		b := make([]byte, 300)
		for range 3000 {
			a := netip.AddrFrom4([4]byte{10, 0, 0, byte(rnd.Intn(16))})
			hw := [6]byte{2, 0, 0, 0, 0, byte(rnd.Intn(3))}
			if told[a] == nil {
				told[a] = map[[6]byte]bool{}
			}
			switch rnd.Intn(10) {
			case 0:
				p.Answer(p.now, a, hw)
				told[a][hw] = true
			case 1:
				p.Learn(p.now, a, hw)
				told[a][hw] = true
			case 2:
				p.Update(p.now, a, hw)
				told[a][hw] = true
			case 3:
				p.Confirm(p.now, a)
			case 4:
				p.now += time.Duration(rnd.Intn(5000)) * time.Millisecond
			case 5:
				if rnd.Intn(10) == 0 {
					p.Forget(a)
					delete(asked, a)
				}
			case 6:
				for range rnd.Intn(4) {
					act := p.Output(p.now, b)
					switch act.Kind {
					case Packet, Unreachable:
						out++
						if act.Kind == Packet && !told[act.Addr][act.HW] {
							t.Fatalf("seed %d: %v is at %x", seed, act.Addr, act.HW)
						}
					case Request:
						if last, ok := asked[act.Addr]; ok && p.now-last.at < time.Second && p.Counters.Evicted == last.evicted {
							t.Fatalf("seed %d: %v is asked for %v after the last time", seed, act.Addr, p.now-last.at)
						}
						asked[act.Addr] = request{p.now, p.Counters.Evicted}
					}
				}
			default:
				if got, ok := p.Lookup(p.now, a); !ok {
					p.Wait(p.now, a, b[:1+rnd.Intn(200)])
					in++
				} else if !told[a][got] {
					t.Fatalf("seed %d: %v is at %x", seed, a, got)
				}
			}
			p.check()
			if in != out+p.Counters.Dropped+uint(p.waiting) {
				t.Fatalf("seed %d: %d packets in, %d out, %d dropped, %d wait", seed, in, out, p.Counters.Dropped, p.waiting)
			}
		}
	}
}
