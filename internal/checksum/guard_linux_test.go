package checksum

import (
	"syscall"
	"testing"
)

// Behind the last byte, and before the first, there may be no memory.
func TestNothingOutsideIsTouched(t *testing.T) {
	src, dst := between(t), between(t)
	copy(src, random(len(src), 1))
	for name, w := range widths {
		for n := range 2100 {
			for _, from := range []int{0, len(src) - n} {
				in, out := src[from:][:n], dst[from:][:n]
				clear(dst)
				if got, copied := w.sum(in), w.copy(out, in); little(got) != slow(in) || little(copied) != slow(in) {
					t.Fatalf("%s, %d bytes from %d on: %#x and %#x, want %#x", name, n, from, little(got), little(copied), slow(in))
				}
				if from > 0 && dst[from-1] != 0 || from == 0 && n < len(dst) && dst[n] != 0 {
					t.Fatalf("%s, %d bytes from %d on: more was written", name, n, from)
				}
			}
		}
	}
}

// between returns memory between two pages that must not be touched.
func between(t *testing.T) []byte {
	t.Helper()
	page := syscall.Getpagesize()
	m, err := syscall.Mmap(-1, 0, 3*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(m) })
	for _, edge := range [][]byte{m[:page], m[2*page:]} {
		if err := syscall.Mprotect(edge, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	return m[page : 2*page]
}
