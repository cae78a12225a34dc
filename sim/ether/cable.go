package ether

// Cable returns the two devices at the ends of a cable. An end that is closed
// leaves the other alive and without a peer.
func Cable(a, b Config) (*Device, *Device, error) {
	a, err := a.withDefaults("a")
	if err != nil {
		return nil, nil, err
	}
	b, err = b.withDefaults("b")
	if err != nil {
		return nil, nil, err
	}
	x, y := newDevice(a), newDevice(b)
	x.tx = newDirection(a.Seed, a.Name+" transmit")
	y.tx = newDirection(b.Seed, b.Name+" transmit")
	x.tx.deliver, y.tx.deliver = y.receive, x.receive
	x.tx.whole, y.tx.whole = y.receiveWhole, x.receiveWhole
	x.tx.together, y.tx.together = y.acceptAll, x.acceptAll
	x.rx, y.rx = y.tx, x.tx
	return x, y, nil
}
