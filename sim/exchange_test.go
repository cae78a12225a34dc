package sim

import (
	"io"
	stdnet "net"
)

// echo sends back what comes, to its end.
func echo(c stdnet.Conn) error {
	if _, err := io.Copy(c, c); err != nil {
		return err
	}
	return c.(interface{ CloseWrite() error }).CloseWrite()
}

// ask sends text to its end, and returns the answer.
func ask(c stdnet.Conn, text string) (string, error) {
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(c, text)
		if err == nil {
			err = c.(interface{ CloseWrite() error }).CloseWrite()
		}
		sent <- err
	}()
	answer, err := io.ReadAll(c)
	if err == nil {
		err = <-sent
	}
	return string(answer), err
}
