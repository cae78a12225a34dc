package ether

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// OpenSegment returns a device on an Ethernet segment that the processes of one
// machine share: each has a Unix datagram socket in the directory, which is made
// if it is missing, and a frame goes from socket to socket. A frame for an
// address that was heard goes to its process alone, every other to all of them.
// No process is the first: they come and go as they like, and what one that was
// killed left behind is cleared away. Whoever may write to the directory is on
// the segment.
//
// The far end of each process may be a switch with several addresses behind it.
// Processes whose devices have the same name and seed must have other MACs. A
// process that does not take its frames is waited for 100 ms, then loses them.
func OpenSegment(c Config, dir string) (*Device, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	s, err := joinSegment(dir)
	if err != nil {
		return nil, err
	}
	d, err := openSocket(c, &socket{read: s.read, write: s.write, close: s.conn.Close})
	if err != nil {
		return nil, errors.Join(err, s.conn.Close())
	}
	return d, nil
}

// segmentPatience is how long a process that takes no frames is waited for.
const segmentPatience = 100 * time.Millisecond

const segmentSuffix = ".port"

// A segment is one process's place in the directory.
type segment struct {
	dir, own string
	conn     unixConn

	mu       sync.Mutex
	stations map[[6]byte]string // the socket behind which an address was heard last
}

func joinSegment(dir string) (*segment, error) {
	for n := 0; ; n++ {
		own := filepath.Join(dir, fmt.Sprintf("%d-%d%s", os.Getpid(), n, segmentSuffix))
		conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: own, Net: "unixgram"})
		if err == nil {
			return &segment{dir: dir, own: own, conn: unixConn{conn}, stations: map[[6]byte]string{}}, nil
		}
		// A process of this number may have been killed, or have a port already.
		if n == 100 || !taken(own) {
			return nil, err
		}
	}
}

func taken(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

func (s *segment) read(b []byte) (int, bool, error) {
	n, from, err := s.conn.ReadFromUnix(b)
	if err != nil || from == nil || n < headerLen {
		return n, err == nil, err
	}
	s.learn([6]byte(b[6:12]), from.Name)
	return n, true, nil
}

func (s *segment) learn(mac [6]byte, port string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stations[mac] == port {
		return
	}
	if len(s.stations) >= DefaultMaxStations {
		clear(s.stations)
	}
	s.stations[mac] = port
}

// write sends to the port of the destination, or to all. That some are gone is
// no error, as on any wire.
func (s *segment) write(frame []byte) error {
	to := [6]byte(frame[:6])
	s.mu.Lock()
	port, ok := s.stations[to]
	s.mu.Unlock()
	if ok {
		if s.send(frame, port) == nil {
			return nil
		}
		s.forget(port)
	}
	ports, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, p := range ports {
		name := filepath.Join(s.dir, p.Name())
		if strings.HasSuffix(name, segmentSuffix) && name != s.own && errors.Is(s.send(frame, name), syscall.ECONNREFUSED) {
			os.Remove(name) // of a process that was killed
			s.forget(name)
		}
	}
	return nil
}

func (s *segment) send(frame []byte, port string) error {
	s.conn.SetWriteDeadline(time.Now().Add(segmentPatience))
	_, err := s.conn.WriteToUnix(frame, &net.UnixAddr{Name: port, Net: "unixgram"})
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil // lost, but not gone
	}
	return err
}

func (s *segment) forget(port string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for mac, p := range s.stations {
		if p == port {
			delete(s.stations, mac)
		}
	}
}
