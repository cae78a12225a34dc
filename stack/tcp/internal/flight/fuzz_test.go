package flight

import (
	"testing"
	"time"

	wire "github.com/netdev-go/netdev/wire/tcp"
)

// FuzzFlight makes any calls, with any numbers in ACKs and SACK blocks.
func FuzzFlight(f *testing.F) {
	f.Add([]byte{4, 0, 100, 0, 100, 0, 100, 2, 0, 1, 2, 0})
	f.Add([]byte{0, 9, 10, 0, 10, 0, 10, 0, 10, 4, 0, 10, 20, 30, 4, 3, 1, 6, 2, 20})
	f.Add([]byte{200, 0xff, 10, 7, 0, 10, 0, 10, 2, 255, 5, 7, 1, 6, 3, 255})
	f.Fuzz(func(t *testing.T, data []byte) {
		data = data[:min(len(data), 1000)] // looking at all after each call takes long
		at := 0
		next := func() int {
			if at == len(data) {
				return 0
			}
			at++
			return int(data[at-1])
		}
		fl := Flight{Limit: int32(next())}
		start := wire.Seq(next()) << 24
		p := Pool{Max: next()}
		noSACK := next()&7 == 7
		now := time.Second
		fl.Sent(now, start, 1)
		// A number near what is outstanding, mostly.
		number := func() wire.Seq {
			switch n := next(); {
			case n >= 250:
				return fl.Una().Add((n - 253) << 30)
			default:
				return fl.Una().Add(n*max(1, fl.Outstanding()/100) - 10)
			}
		}
		for at < len(data) {
			now += time.Duration(next()) * 100 * time.Microsecond
			switch next() % 8 {
			case 0:
				fl.Attach(&p)
				left := fl.Nxt()
				if fl.Outstanding() < 1<<20 {
					fl.Sent(now, left, next()*next())
				}
			case 1:
				if left, right, ok := fl.Lost(); ok {
					fl.Resent(now, left, min(right-left, wire.Seq(1+next()))+left)
				} else if fl.LostBytes() != 0 {
					t.Fatalf("%d bytes are lost, and not to be had", fl.LostBytes())
				}
			case 2:
				fl.Resent(now, number(), number())
			case 3:
				fl.Timeout(now)
			case 4:
				left, right := fl.Last()
				fl.Resent(now, left, right)
				fl.Probed(next()&1 != 0)
			case 5:
				fl.Release(&p)
				fl.AppLimited()
			default:
				o := Options{MinRTT: ms, NoSACK: noSACK}
				switch next() % 3 {
				case 0:
					o.Duplicate = true
				case 1:
					o.Echo = now - ms*time.Duration(next())
				}
				ack := fl.Una()
				if next()&1 != 0 {
					ack = number()
				}
				var bl []wire.SACKBlock
				for range next() % 5 {
					bl = append(bl, wire.SACKBlock{Left: number(), Right: number()})
				}
				before, una := fl.Outstanding(), fl.Una()
				r := fl.Ack(now, ack, bl, o)
				if r.Acked != fl.Una().Diff(una) || r.Acked < 0 || r.Delivered < 0 || r.Delivered > before || before-r.Acked != fl.Outstanding() {
					t.Fatalf("%+v of %d", r, before)
				}
				fl.DetectLoss(now, 2*ms, ms)
			}
			check(t, &fl)
		}
	})
}
