package congestion

// reno is NewReno's name, which is Linux's for it.
const reno = "reno"

// Find returns the first of algorithms that a user means by name, or nil. That is the
// one with this Name; and [NewReno], which Linux calls "reno", goes by "newreno" too.
func Find(name string, algorithms ...Algorithm) Algorithm {
	for _, a := range algorithms {
		if n := a.Name(); n == name || n == reno && name == "newreno" {
			return a
		}
	}
	return nil
}
