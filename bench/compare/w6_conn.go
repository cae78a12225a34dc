package main

import (
	"bytes"
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

// lossOverConn does a transfer over the connection that connect makes, and times it
// from before that.
func lossOverConn(r lossRun, connect func() (client, server net.Conn, err error)) (m moved, err error) {
	begin := time.Now()
	client, server, err := connect()
	if err != nil {
		return m, err
	}
	defer client.Close()
	defer server.Close()
	server.SetDeadline(begin.Add(r.limit))
	var stopped atomic.Bool
	written := make(chan error, 1)
	go func() {
		for sent := 0; sent < r.total; {
			n, err := client.Write(lossTape[sent%tapeLen:][:min(chunk, r.total-sent)])
			sent += n
			if err != nil && !isTimeout(err) && !stopped.Load() {
				written <- err
				return
			}
			if err != nil {
				break
			}
		}
		written <- nil
	}()
	buf := make([]byte, chunk)
	for m.bytes < r.total {
		n, err := server.Read(buf)
		m.took = time.Since(begin)
		if !bytes.Equal(buf[:n], lossTape[m.bytes%tapeLen:][:n]) {
			return m, fmt.Errorf("other bytes arrived than were sent, from %d on", m.bytes)
		}
		m.bytes += n
		if m.took <= time.Second {
			m.early = m.bytes
		}
		if isTimeout(err) {
			if m.bytes > 0 || m.took > r.limit+10*time.Second {
				break
			}
			server.SetDeadline(time.Now().Add(r.limit)) // the machine is very busy
		} else if err != nil {
			return m, err
		}
	}
	stopped.Store(true)
	interrupt(client)
	return m, <-written
}
