package checksum

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"testing"
)

// slow is RFC 1071 §1 to the letter, 16 bits at a time.
func slow(b []byte) Sum {
	var s uint32
	for i, c := range b {
		if i%2 == 0 {
			s += uint32(c) << 8
		} else {
			s += uint32(c)
		}
		s = s&0xffff + s>>16
	}
	return Sum(s)
}

// widths are the loops of both kinds of machine, all of them tested on either.
var widths = map[string]struct {
	sum  func([]byte) uint64
	copy func(dst, src []byte) uint64
}{
	"64 bits": {sum64, copy64},
	"32 bits": {sum32, copy32},
}

func init() {
	if hasWide {
		loops := widths["64 bits"]
		loops.sum, loops.copy = sumWide, copyWide
		widths["vectors"] = loops
	}
}

func random(n int, seed uint64) []byte {
	b := make([]byte, n)
	src := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16)})
	src.Read(b)
	return b
}

func TestTheSumOfRFC1071IsRight(t *testing.T) {
	// §3's example.
	if got := Of([]byte{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}); got != 0xddf2 {
		t.Errorf("%#04x, want 0xddf2", uint16(got))
	}
}

func TestEveryAlignmentAndLength(t *testing.T) {
	contents := map[string][]byte{
		"random": random(400, 1),
		"ones":   bytes.Repeat([]byte{0xff}, 400),
		"zeros":  make([]byte, 400),
	}
	for width, of := range widths {
		for name, memory := range contents {
			for align := range 16 {
				for n := range 301 {
					b := memory[align : align+n : align+n]
					want := slow(b)
					if got := little(of.sum(b)); got != want {
						t.Fatalf("%s, %s: sum of %d bytes at %d is %#04x, want %#04x", width, name, n, align, got, want)
					}
					dst := bytes.Repeat([]byte{0xa5}, 320)
					if got := little(of.copy(dst[15-align:15-align+n], b)); got != want {
						t.Fatalf("%s, %s: copy of %d bytes at %d sums up to %#04x, want %#04x", width, name, n, align, got, want)
					}
					if at := 15 - align; !bytes.Equal(dst[at:at+n], b) || bytes.Count(dst[:at], []byte{0xa5}) != at || bytes.Count(dst[at+n:], []byte{0xa5}) != 320-at-n {
						t.Fatalf("%s, %s: %d bytes at %d were not copied, or more than them", width, name, n, align)
					}
				}
			}
		}
	}
}

func TestWordsOfAHeader(t *testing.T) {
	ones := bytes.Repeat([]byte{0xff}, 32)
	for i := range uint64(1000) {
		b := random(32, i)
		for j := range b {
			b[j] |= -byte(i >> (j % 10) & 1) // many ones, for the carries
		}
		if i == 0 {
			b = ones
		}
		var words uint64
		for j := 0; j < 32; j += 4 {
			words += uint64(binary.BigEndian.Uint32(b[j:]))
		}
		if want, got, of := slow(b), Words(words), Of32((*[32]byte)(b)); got != want || of != want {
			t.Fatalf("% x: %#04x of its words, %#04x of all at once, want %#04x", b, got, of, want)
		}
	}
	if Words(0) != 0 || Of32(new([32]byte)) != 0 {
		t.Error("nothing sums up to something")
	}
}

func TestRandomLengthsUpTo64KiB(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	memory := random(64<<10+16, 4)
	dst := make([]byte, 64<<10)
	for width, of := range widths {
		for range 500 {
			align, n := rng.IntN(16), rng.IntN(64<<10+1)
			b := memory[align:][:n]
			want := slow(b)
			if got := little(of.sum(b)); got != want {
				t.Fatalf("%s: sum of %d bytes at %d is %#04x, want %#04x", width, n, align, got, want)
			}
			if got := little(of.copy(dst, b)); got != want || !bytes.Equal(dst[:n], b) {
				t.Fatalf("%s: copy of %d bytes at %d sums up to %#04x, want %#04x", width, n, align, got, want)
			}
		}
	}
}

func TestPartsCombineInAnyOrderAtAnyOffset(t *testing.T) {
	b := random(97, 5)
	want := slow(b)
	for i := range b {
		for j := i; j <= len(b); j++ {
			first, middle, last := Of(b[:i]), Of(b[i:j]), Of(b[j:])
			if got := first.AddAt(i, middle).AddAt(j, last); got != want {
				t.Fatalf("split at %d and %d: %#04x, want %#04x", i, j, got, want)
			}
			if got := Sum(0).AddAt(j, last).AddAt(i, middle).AddAt(0, first); got != want {
				t.Fatalf("split at %d and %d, backwards: %#04x, want %#04x", i, j, got, want)
			}
		}
	}
}

func TestAFilledInChecksumIsValidAndAChangeIsSeen(t *testing.T) {
	for n := 2; n < 100; n++ {
		b := random(n, uint64(n))
		b[0], b[1] = 0, 0
		c := Of(b).Checksum()
		b[0], b[1] = byte(c>>8), byte(c)
		if !Of(b).Valid() {
			t.Fatalf("%d bytes: the checksum just filled in is not valid", n)
		}
		for bit := range 8 * n {
			b[bit/8] ^= 1 << (bit % 8)
			if Of(b).Valid() {
				t.Fatalf("%d bytes: bit %d turned over and the checksum is still valid", n, bit)
			}
			b[bit/8] ^= 1 << (bit % 8)
		}
	}
}

func TestUpdateIsTheSameAsAnew(t *testing.T) {
	// RFC 1624 §4's example, on which the equation of RFC 1141 fails.
	if got := Update(0xdd2f, 0x5555, 0x3285); got != 0x0000 {
		t.Errorf("%#04x, want 0", got)
	}
	rng := rand.New(rand.NewPCG(6, 7))
	b := random(40, 8)
	for range 20000 {
		before := Of(b).Checksum()
		i := 2 * rng.IntN(len(b)/2)
		n := rng.IntN(len(b) - i + 1)
		from := Of(b[i : i+n])
		for j := range n {
			b[i+j] = byte(rng.Uint32()) & -byte(rng.IntN(2))
		}
		if got, want := Update(before, from, Of(b[i:i+n])), Of(b).Checksum(); got != want {
			t.Fatalf("%d bytes at %d changed: %#04x, want %#04x", n, i, got, want)
		}
	}
}

func TestPseudoHeaderOfBothFamilies(t *testing.T) {
	for _, c := range []struct {
		name     string
		src, dst string
		length   int
		header   []byte
	}{
		{"IPv4", "192.0.2.1", "198.51.100.255", 1480,
			[]byte{192, 0, 2, 1, 198, 51, 100, 255, 0, 6, 0x05, 0xc8}},
		{"IPv6", "2001:db8:1:2:3:4:5:6", "fe80::a:b:c", 0x12345,
			[]byte{
				0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6,
				0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xa, 0, 0xb, 0, 0xc,
				0, 1, 0x23, 0x45, 0, 0, 0, 6,
			}},
		{"IPv4 mapped to IPv6", "::ffff:192.0.2.1", "198.51.100.255", 1480,
			[]byte{192, 0, 2, 1, 198, 51, 100, 255, 0, 6, 0x05, 0xc8}},
	} {
		if got, want := Pseudo(netip.MustParseAddr(c.src), netip.MustParseAddr(c.dst), 6, c.length), slow(c.header); got != want {
			t.Errorf("%s: %#04x, want %#04x", c.name, got, want)
		}
	}
	if got := Pseudo(netip.Addr{}, netip.Addr{}, 17, 8); got != 25 {
		t.Errorf("no addresses: %#04x, want 25", got)
	}
}

func TestCopyRefusesAShortDestination(t *testing.T) {
	dst := make([]byte, 40)
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
		if !bytes.Equal(dst, make([]byte, 40)) {
			t.Error("it wrote before it looked")
		}
	}()
	Copy(dst[:39], bytes.Repeat([]byte{1}, 40))
}

func TestNothingAllocates(t *testing.T) {
	b, dst := random(1460, 9), make([]byte, 1460)
	src, to := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")
	var kept uint16
	if n := testing.AllocsPerRun(100, func() {
		kept = Update(Pseudo(src, to, 6, 20).AddAt(1, Of(b)).Checksum(), 1, Copy(dst, b))
	}); n != 0 {
		t.Errorf("%v allocations, of checksum %#x", n, kept)
	}
}

func FuzzSum(f *testing.F) {
	f.Add([]byte{0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7}, uint(3))
	f.Add(bytes.Repeat([]byte{0xff}, 131), uint(64))
	f.Fuzz(func(t *testing.T, b []byte, at uint) {
		want := slow(b)
		i := int(at % uint(len(b)+1))
		for width, of := range widths {
			if got := little(of.sum(b)); got != want {
				t.Errorf("%s: sum %#04x, want %#04x", width, got, want)
			}
			dst := make([]byte, len(b))
			if got := little(of.copy(dst, b)); got != want || !bytes.Equal(dst, b) {
				t.Errorf("%s: copy sums up to %#04x, want %#04x", width, got, want)
			}
			if got := little(of.sum(b[:i])).AddAt(i, little(of.sum(b[i:]))); got != want {
				t.Errorf("%s: split at %d sums up to %#04x, want %#04x", width, i, got, want)
			}
		}
	})
}
