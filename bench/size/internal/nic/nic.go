// Package nic is the network device of the programs whose size is measured: as
// little as a device can be, so that what is counted is the stack.
package nic

// Device is an Ethernet controller of two mailboxes, as memory has them.
type Device struct {
	Out, In func(frame []byte) int

	handler func([]byte)
}

// HardwareAddr6 returns a local address.
func (d *Device) HardwareAddr6() ([6]byte, error) { return [6]byte{2, 0, 0, 0, 0, 1}, nil }

// SendOffsetEthFrame puts a frame into the mailbox.
func (d *Device) SendOffsetEthFrame(frame []byte) error {
	d.Out(frame)
	return nil
}

// SetEthRecvHandler sets where frames go.
func (d *Device) SetEthRecvHandler(handler func([]byte)) { d.handler = handler }

// EthPoll looks into the mailbox.
func (d *Device) EthPoll([]byte) (off, n int, err error) {
	var frame [1514]byte
	if n := d.In(frame[:]); n > 0 && d.handler != nil {
		d.handler(frame[:n])
	}
	return 0, 0, nil
}

// MaxFrameSizeAndOffset is that of Ethernet.
func (d *Device) MaxFrameSizeAndOffset() (max, off int) { return 1514, 0 }
