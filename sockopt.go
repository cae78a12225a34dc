package netdev

// OptInt reads the value of an int option as SetSockOpt is given it. A bool
// counts as 0 or 1, and the float64 of TinyGo's net, half seconds of
// TCP_KEEPINTVL, as whole seconds, one at least.
func OptInt(value any) (int, error) {
	switch v := value.(type) {
	case int:
		return v, nil
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	case float64:
		if v < 2 {
			return 1, nil
		}
		return int(v / 2), nil
	}
	return 0, ErrInvalid
}

// OptBool reads the value of a bool option as SetSockOpt is given it. An int
// is true unless it is 0.
func OptBool(value any) (bool, error) {
	switch v := value.(type) {
	case bool:
		return v, nil
	case int:
		return v != 0, nil
	}
	return false, ErrInvalid
}
