// Package heap tells what an allocation really takes, for bounds that are to hold:
// Go's allocator gives out sizes of some classes only.
package heap

// classes are the sizes up to 32 KiB of Go's allocator. TinyGo's, which rounds up to
// 16 bytes, takes no more.
var classes = [...]uint16{
	8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448, 480,
	512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200, 3456, 4096, 4864,
	5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072, 20480,
	21760, 24576, 27264, 28672, 32768,
}

const (
	wordBits = 32 << (^uint(0) >> 63)
	// An object with pointers that is longer than this has a header of 8 bytes.
	noHeader = wordBits / 8 * wordBits
	page     = 8192
)

// Bytes returns what n bytes without a pointer take.
func Bytes(n int) int {
	if n <= 0 {
		return 0
	}
	for _, c := range classes {
		if n <= int(c) {
			return int(c)
		}
	}
	return (n + page - 1) / page * page
}

// Object returns what n bytes with pointers among them take.
func Object(n int) int {
	if n > noHeader && n <= int(classes[len(classes)-1])-8 {
		n += 8
	}
	return Bytes(n)
}
