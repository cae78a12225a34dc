package flight

import "unsafe"

// RecordSize is how many bytes a record takes: what a Flight holds for each segment
// under way, up to its Limit.
const RecordSize = int(unsafe.Sizeof(record{}))
