//go:build !tinygo && !purego

package checksum

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// wide is from how many bytes on the vector loops pay.
const wide = 64

var hasWide = cpu.X86.HasAVX2

// sumWide is sum64 with AVX2.
func sumWide(b []byte) uint64 { return sumAVX2(unsafe.SliceData(b), len(b)) }

// copyWide is copy64 with AVX2, in one pass.
func copyWide(dst, src []byte) uint64 {
	return copyAVX2(unsafe.SliceData(dst[:len(src)]), unsafe.SliceData(src), len(src))
}

//go:noescape
func sumAVX2(p *byte, n int) uint64

//go:noescape
func copyAVX2(dst, src *byte, n int) uint64
