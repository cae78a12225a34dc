package congestion

// Cubic is the congestion control of RFC 9438.
var Cubic Algorithm = cubicAlgorithm{}

type cubicAlgorithm struct{}

func (cubicAlgorithm) Name() string    { return "cubic" }
func (cubicAlgorithm) New() Controller { return new(newReno) }
