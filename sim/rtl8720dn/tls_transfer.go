package rtl8720dn

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	stdnet "net"
	"net/netip"
	"strings"
	"time"

	"github.com/netdev-go/netdev"
)

// A tlsSocket is the socket under a TLS client. Reading waits during the handshake
// alone; writing always does.
type tlsSocket struct {
	session *session
	fd      int
	wait    bool
	until   time.Time
}

func (k *tlsSocket) Read(b []byte) (int, error) {
	flags, until := netdev.MSG_DONTWAIT, time.Time{}
	if k.wait {
		flags, until = 0, k.until
	}
	return k.session.network.Recv(k.fd, b, flags, until)
}

func (k *tlsSocket) Write(b []byte) (int, error) {
	var until time.Time
	if k.wait {
		until = k.until
	}
	return k.session.network.Send(k.fd, b, 0, until)
}

func (k *tlsSocket) Close() error                     { return nil }
func (k *tlsSocket) LocalAddr() stdnet.Addr           { return nil }
func (k *tlsSocket) RemoteAddr() stdnet.Addr          { return nil }
func (k *tlsSocket) SetDeadline(time.Time) error      { return nil }
func (k *tlsSocket) SetReadDeadline(time.Time) error  { return nil }
func (k *tlsSocket) SetWriteDeadline(time.Time) error { return nil }

func mbedError(err error) int32 {
	var untrusted *tls.CertificateVerificationError
	switch {
	case errors.As(err, &untrusted):
		return mbedUntrusted
	case errors.Is(err, netdev.ErrWouldBlock), errors.Is(err, netdev.ErrTimeout):
		return mbedWantRead
	case errors.Is(err, io.ErrUnexpectedEOF):
		return mbedEOF
	case errors.Is(err, io.EOF):
		return mbedCloseNotify
	case errors.Is(err, netdev.ErrConnReset), errors.Is(err, netdev.ErrBrokenPipe), errors.Is(err, netdev.ErrNetDown):
		return mbedConnReset
	}
	return mbedAlert
}

func sockaddrOf(addr netip.Addr, port uint16) [sockaddrSize]byte {
	return sockaddr(netip.AddrPortFrom(addr, port))
}

// readTLS returns what there is, or an error of mbedTLS.
func (t *tlsClient) readTLS(b []byte) (int, int32) {
	if t.conn == nil {
		return 0, mbedBadInput
	}
	if len(t.peeked) > 0 {
		n := copy(b, t.peeked)
		t.peeked = t.peeked[n:]
		return n, 0
	}
	n, err := t.conn.Read(b)
	if n > 0 {
		return n, 0
	}
	return 0, mbedError(err)
}

// The times of data_to_read.
const (
	tlsTries = 20
	tlsWait  = 10 * time.Millisecond
)

// tlsDataToRead returns 0 where there is data, and an error where there is none, for
// which it looks twenty times.
func (s *session) tlsDataToRead(c *call) {
	t := s.tlsClient(c)
	if t == nil {
		return
	}
	r := int32(-1)
	for try := 0; try < tlsTries && r < 0; try++ {
		if r = 0; len(t.peeked) == 0 {
			b := make([]byte, bufferSize)
			var n int
			n, r = t.readTLS(b)
			t.peeked = b[:n]
		}
		if !s.sleep(tlsWait) {
			return
		}
	}
	c.putI32(r)
}

func (s *session) tlsSend(c *call) {
	t, b, n := s.tlsClient(c), c.binary(), int(c.u16())
	if t == nil || c.short {
		return
	}
	if n > len(b) {
		s.chip.hurt("a TLS record of %d bytes out of %d", n, len(b))
		n = len(b)
	}
	if t.conn == nil {
		c.putI32(mbedBadInput)
		return
	}
	if _, err := t.conn.Write(b[:n]); err != nil {
		c.putI32(mbedError(err))
		return
	}
	c.putI32(int32(n))
}

func (s *session) tlsReceive(c *call) {
	t, size := s.tlsClient(c), c.u32()
	if t == nil || c.short || !s.fits(size, recvOverhead) {
		return
	}
	b := make([]byte, size)
	n, errno := t.readTLS(b)
	if n > 0 {
		s.lwip.junk = b[0]
	}
	s.putData(c, b[:n])
	if errno != 0 {
		c.putI32(errno)
	} else {
		c.putI32(int32(n))
	}
}

func (s *session) tlsVerifyFingerprint(c *call) {
	t, text, name := s.tlsClient(c), string(c.text()), string(c.text())
	if t == nil || c.short {
		return
	}
	if t.conn == nil {
		c.putBool(false)
		return
	}
	leaf := t.conn.ConnectionState().PeerCertificates[0]
	want, err := hex.DecodeString(strings.NewReplacer(" ", "", ":", "").Replace(text))
	sum := sha256.Sum256(leaf.Raw)
	c.putBool(err == nil && string(want) == string(sum[:]) && t.nameDiffers(name))
}

func (s *session) tlsVerifyName(c *call) {
	t, name := s.tlsClient(c), string(c.text())
	if t != nil && !c.short {
		c.putBool(t.nameDiffers(name))
	}
}

// nameDiffers is how the firmware compares names: strcmp, whose result it takes for
// "they are the same", so that only a certificate whose every name is the wanted one
// is refused.
func (t *tlsClient) nameDiffers(name string) bool {
	if t.conn == nil {
		return false
	}
	leaf := t.conn.ConnectionState().PeerCertificates[0]
	for _, n := range append(leaf.DNSNames, leaf.Subject.CommonName) {
		if !strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

func (s *session) tlsError(c *call) {
	number, size := c.i32(), c.u32()
	if c.short || !s.fits(size, messageStart+4) {
		return
	}
	text := make([]byte, size)
	copy(text, fmt.Sprintf("mbedTLS error -0x%04X", -number))
	c.putBinary(text)
}
