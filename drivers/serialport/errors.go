//go:build !tinygo

package serialport

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"go.bug.st/serial"
)

var errSpeed = errors.New("the speed is no number of bits per second")

// An OpenError says why a port could not be opened, and what to do about it.
type OpenError struct {
	Name string
	Baud int
	Err  error
}

func (e *OpenError) Error() string {
	return fmt.Sprintf("serial port %s: %s", e.Name, e.reason())
}

// Unwrap returns the cause.
func (e *OpenError) Unwrap() error { return e.Err }

func (e *OpenError) reason() string {
	var port *serial.PortError
	if errors.As(e.Err, &port) {
		switch port.Code() {
		case serial.PortNotFound:
			return "there is no such port; " + existing()
		case serial.PermissionDenied:
			return "permission denied; on Linux join the group that owns it (often \"dialout\" or \"uucp\": sudo usermod -aG dialout $USER) and log in again"
		case serial.PortBusy:
			return "another program has it open"
		case serial.InvalidSpeed:
			return fmt.Sprintf("it does not know the speed of %d baud", e.Baud)
		case serial.InvalidSerialPort:
			return "this is no serial port"
		}
	}
	if e.Err == errSpeed {
		return fmt.Sprintf("it does not know the speed of %d baud", e.Baud)
	}
	if errors.Is(e.Err, fs.ErrNotExist) {
		return "there is no such port; " + existing()
	}
	return e.Err.Error()
}

func existing() string {
	names, err := serial.GetPortsList()
	if err != nil || len(names) == 0 {
		return "none is there: is the adapter plugged in?"
	}
	return "these are there: " + strings.Join(names, ", ")
}
