package rtl8720dn

import (
	"crypto/tls"
	"crypto/x509"
	"time"

	"github.com/netdev-go/netdev"
)

// Errors of mbedTLS.
const (
	mbedConnReset   = -0x0050
	mbedBadCert     = -0x2180
	mbedBadKey      = -0x3D00
	mbedUntrusted   = -0x2700
	mbedWantRead    = -0x6900
	mbedBadInput    = -0x7100
	mbedEOF         = -0x7280
	mbedAlert       = -0x7780
	mbedCloseNotify = -0x7880
)

// tlsClients are the clients by their handles, which are pointers.
type tlsClients struct {
	last uint32
	of   map[uint32]*tlsClient
}

// The first handle, and how far one is from the next.
const (
	tlsHeap = 0x10028000
	tlsSize = 0x600
)

// A tlsClient is a context of mbedTLS, and what it is to be set up with.
type tlsClient struct {
	dirty   bool // what should be nil at first is garbage
	rootCA  []byte
	cert    []byte
	key     []byte
	timeout uint32 // of the handshake, in milliseconds; a heap of zeros gives none
	socket  int32
	raw     *tlsSocket
	conn    *tls.Conn // nil before the handshake
	peeked  []byte    // of what data_to_read has taken out
}

func init() {
	register(serviceMbedTLS, map[uint8]handler{
		0x01: (*session).tlsCreate,
		0x02: (*session).tlsDestroy,
		0x03: func(s *session, c *call) { s.tlsClient(c) },
		0x04: (*session).tlsSetSocket,
		0x05: (*session).tlsSetTimeout,
		0x06: (*session).tlsGetSocket,
		0x07: (*session).tlsGetTimeout,
		0x08: func(s *session, c *call) { s.tlsSet(c, func(t *tlsClient) *[]byte { return &t.rootCA }) },
		0x0A: func(s *session, c *call) { s.tlsSet(c, func(t *tlsClient) *[]byte { return &t.cert }) },
		0x0C: func(s *session, c *call) { s.tlsSet(c, func(t *tlsClient) *[]byte { return &t.key }) },
		0x12: (*session).tlsStart,
		0x13: (*session).tlsStop,
		0x14: (*session).tlsDataToRead,
		0x15: (*session).tlsSend,
		0x16: (*session).tlsReceive,
		0x17: (*session).tlsVerifyFingerprint,
		0x18: (*session).tlsVerifyName,
		0x19: (*session).tlsError,
	})
}

func (s *session) tlsCreate(c *call) {
	if s.tls.of == nil {
		s.tls.of, s.tls.last = make(map[uint32]*tlsClient), tlsHeap
	}
	s.tls.last += tlsSize
	s.tls.of[s.tls.last] = &tlsClient{dirty: s.chip.config.DirtyHeap, socket: -1}
	c.putU32(s.tls.last)
}

// tlsClient reads a handle. A wrong one is a pointer to anywhere.
func (s *session) tlsClient(c *call) *tlsClient {
	handle := c.u32()
	if c.short {
		return nil
	}
	t := s.tls.of[handle]
	if t == nil {
		s.crash("a TLS client at %#x, where there is none", handle)
		return nil
	}
	return t
}

// tlsDestroy frees the client, and neither its socket nor its session.
func (s *session) tlsDestroy(c *call) {
	t := s.tlsClient(c)
	switch {
	case t == nil:
	case t.dirty:
		s.crash("a TLS client frees certificates that it never had")
	default:
		for h := range s.tls.of {
			if s.tls.of[h] == t {
				delete(s.tls.of, h)
			}
		}
	}
}

func (s *session) tlsSetSocket(c *call) {
	t, n := s.tlsClient(c), c.i32()
	if t != nil && !c.short {
		t.socket = n
	}
}

func (s *session) tlsSetTimeout(c *call) {
	t, ms := s.tlsClient(c), c.u32()
	if t != nil && !c.short {
		t.timeout = ms
	}
}

func (s *session) tlsGetSocket(c *call) {
	if t := s.tlsClient(c); t != nil {
		c.putI32(t.socket)
	}
}

func (s *session) tlsGetTimeout(c *call) {
	if t := s.tlsClient(c); t != nil {
		c.putU32(t.timeout)
	}
}

// tlsSet replaces a certificate or a key: what was there is freed. The firmware
// returns nothing in particular.
func (s *session) tlsSet(c *call, field func(*tlsClient) *[]byte) {
	t, value := s.tlsClient(c), c.text()
	switch {
	case t == nil || c.short:
	case t.dirty:
		s.crash("a TLS client frees a certificate that it never had")
	default:
		*field(t) = append([]byte(nil), value...)
		c.putU32(s.tls.last)
	}
}

// tlsConfig is what the firmware checks: the certificate where it was given a CA,
// and else nothing; then it does not say a name either.
func (t *tlsClient) tlsConfig(host string) (*tls.Config, int32) {
	config := &tls.Config{MaxVersion: tls.VersionTLS12, InsecureSkipVerify: true}
	if t.dirty {
		return nil, mbedBadCert
	}
	if t.rootCA != nil {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(t.rootCA) {
			return nil, mbedBadCert
		}
		config.RootCAs, config.ServerName, config.InsecureSkipVerify = pool, host, false
	}
	if t.cert != nil && t.key != nil {
		pair, err := tls.X509KeyPair(t.cert, t.key)
		if err != nil {
			return nil, mbedBadKey
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, 0
}

func (s *session) tlsStart(c *call) {
	t, host := s.tlsClient(c), ""
	if t == nil {
		return
	}
	if !c.nullable() {
		if !c.short {
			s.crash("a TLS client resolves a name that is nil")
		}
		return
	}
	host = string(c.text())
	port, timeout := c.u32(), c.i32()
	if !c.short {
		c.putI32(s.startTLS(t, host, uint16(port), timeout))
	}
}

// startTLS holds the chip until the handshake is over. When it fails it leaves the
// socket open.
func (s *session) startTLS(t *tlsClient, host string, port uint16, timeout int32) int32 {
	t.socket = s.open(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TCP)
	if t.socket < 0 {
		return t.socket
	}
	addr, ok := s.lookup(host)
	if !ok || !s.sleep(s.chip.config.NameTime) {
		return -1
	}
	name := sockaddrOf(addr, port)
	if s.connect(t.socket, name[:]) != 0 {
		return -1
	}
	k := s.lwip.sockets[t.socket]
	if timeout <= 0 {
		timeout = 30000
	}
	k.recvTime, k.sendTime = time.Duration(timeout)*time.Millisecond, time.Duration(timeout)*time.Millisecond
	k.nonblock = true
	config, errno := t.tlsConfig(host)
	if errno != 0 {
		return errno
	}
	end := time.Now().Add(time.Duration(t.timeout) * time.Millisecond)
	t.raw = &tlsSocket{session: s, fd: k.fd, wait: true, until: end}
	conn := tls.Client(t.raw, config)
	if err := conn.Handshake(); err != nil {
		// The firmware asks mbedTLS again until the time is over.
		s.sleep(time.Until(end))
		return mbedError(err)
	}
	t.raw.wait = false
	t.conn, t.peeked = conn, nil
	return t.socket
}

// tlsStop closes the socket without a word to the peer.
func (s *session) tlsStop(c *call) {
	t := s.tlsClient(c)
	if t == nil {
		return
	}
	if t.socket >= 0 {
		s.close(t.socket)
	}
	t.socket, t.conn, t.raw, t.peeked = -1, nil, nil, nil
}
