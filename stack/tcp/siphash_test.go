package tcp

import "testing"

// The first and the ninth of the vectors that SipHash's authors publish: key 00 01 … 0f,
// no input, and 00 01 … 07.
func TestSipHash(t *testing.T) {
	k := secret{0x0706050403020100, 0x0f0e0d0c0b0a0908}
	if got := k.sum(); got != 0x726fdb47dd0e0e31 {
		t.Errorf("of nothing: %#x", got)
	}
	if got := k.sum(0x0706050403020100); got != 0x93f5f5799a932462 {
		t.Errorf("of eight bytes: %#x", got)
	}
}
