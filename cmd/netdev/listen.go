package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/spf13/cobra"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
)

// A listener prints what comes in: bytes to out, who they are from to log.
type listener struct {
	echo bool
	out  io.Writer
	log  io.Writer
}

func listenCmd() *cobra.Command {
	var device choice
	var udp bool
	l := new(listener)
	cmd := &cobra.Command{
		Use:   "listen [-device NAME] [device flags] [-u] [-echo] [ADDRESS]",
		Short: "Accept connections and print what they say",
		Long: `Listen accepts TCP connections, or datagrams with -u, on a HOST:PORT of the
device. What comes in is printed to standard output; who connects and leaves,
or sends, to standard error. Without an address it takes a free port, and says
which. The default device says where this machine's port for it is.

It goes on until it is interrupted. That is its end, and the exit code is 0.`,
		Example: `  netdev listen -echo :9000
  netdev listen -network lab -name echo -echo :7
  netdev listen -u -p 9000:9000/udp :9000
  netdev listen -device host 127.0.0.1:9000`,
		ValidArgsFunction: cobra.NoFileCompletions,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Errorf("listen takes one address, and was given %d arguments", len(args))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			address := ":0"
			if len(args) == 1 {
				address = args[0]
			}
			if _, _, err := net.SplitHostPort(address); err != nil {
				return usageError{fmt.Errorf("%w; an address is HOST:PORT, or :PORT for every host", err)}
			}
			dev, err := device.use()
			if err != nil {
				return err
			}
			defer device.leave()
			l.out, l.log = cmd.OutOrStdout(), &syncWriter{w: cmd.ErrOrStderr()}
			listen := l.tcp
			if udp {
				listen = l.udp
			}
			err = listen(cmd.Context(), dev, address)
			if errors.Is(err, netdev.ErrAddrInUse) {
				err = fmt.Errorf("%w; try another port, or :0 for a free one", err)
			}
			return err
		},
	}
	deviceFlags(cmd, &device)
	cmd.Flags().BoolVarP(&udp, "udp", "u", false, "datagrams in place of connections")
	cmd.Flags().BoolVar(&l.echo, "echo", false, "send back what comes in")
	return cmd
}

// tcp serves connections until ctx ends.
func (l *listener) tcp(ctx context.Context, dev netdev.Netdever, address string) error {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer ln.Close()
	var conns sync.WaitGroup
	defer conns.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	context.AfterFunc(ctx, func() { ln.Close() })
	l.announce(dev, ln.Addr())
	for {
		c, err := ln.Accept()
		if err != nil {
			return unlessEnded(ctx, err)
		}
		conns.Go(func() {
			defer context.AfterFunc(ctx, func() { c.Close() })()
			l.serve(ctx, c)
		})
	}
}

func (l *listener) serve(ctx context.Context, c net.Conn) {
	defer c.Close()
	fmt.Fprintf(l.log, "%s connected\n", c.RemoteAddr())
	out := l.out
	if l.echo {
		out = io.MultiWriter(l.out, c)
	}
	n, err := io.Copy(out, c)
	if err = unlessEnded(ctx, err); err != nil {
		fmt.Fprintf(l.log, "%s failed after %d bytes: %v\n", c.RemoteAddr(), n, err)
		return
	}
	fmt.Fprintf(l.log, "%s left after %d bytes\n", c.RemoteAddr(), n)
}

// udp prints datagrams until ctx ends.
func (l *listener) udp(ctx context.Context, dev netdev.Netdever, address string) error {
	if _, ok := netdev.As[netdev.PacketNetdever](dev); !ok {
		return errors.New("the device does not tell who a datagram is from (it has no netdev.PacketNetdever); try it without -u")
	}
	var lc net.ListenConfig
	c, err := lc.ListenPacket(ctx, "udp", address)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { c.Close() })()
	defer c.Close()
	l.announce(dev, c.LocalAddr())
	buf := make([]byte, 1<<16)
	for {
		n, from, err := c.ReadFrom(buf)
		if err != nil {
			return unlessEnded(ctx, err)
		}
		fmt.Fprintf(l.log, "%s sends %d bytes\n", from, n)
		if _, err := l.out.Write(buf[:n]); err != nil {
			return err
		}
		if l.echo {
			if _, err := c.WriteTo(buf[:n], from); err != nil {
				fmt.Fprintf(l.log, "%s: %v\n", from, err)
			}
		}
	}
}

// announce says where to connect to. A wildcard address does not tell that.
func (l *listener) announce(dev netdev.Netdever, at net.Addr) {
	fmt.Fprintf(l.log, "listening on %s %s", at.Network(), at)
	if addr, err := dev.Addr(); err == nil {
		fmt.Fprintf(l.log, "; the device's address is %s", addr)
	}
	fmt.Fprintln(l.log)
}

// unlessEnded returns err where it is not the end of ctx that caused it.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// A syncWriter is a Writer for many goroutines.
type syncWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *syncWriter) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(p)
}
