package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/spf13/cobra"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
)

// pingPayload is as long as that of other pings, so that times compare.
var pingPayload = make([]byte, 56)

// A pinger is one run of ping.
type pinger struct {
	count    int
	interval time.Duration
	timeout  time.Duration
	json     bool
	out      io.Writer
}

func pingCmd() *cobra.Command {
	var device choice
	p := new(pinger)
	cmd := &cobra.Command{
		Use:   "ping [-device NAME] [device flags] [-c COUNT] [-i INTERVAL] HOST",
		Short: "Ask a host for ICMP echoes",
		Long: `Ping sends ICMP echo requests from the device and prints when each was
answered, until COUNT of them are sent or it is interrupted. The summary
follows.

The exit code is 1 when nothing was answered. The host's kernel, which a board's
gateway uses too, lets a user ping whose group is within sysctl
net.ipv4.ping_group_range.`,
		Example: `  netdev ping -c 3 gateway
  netdev ping -c 5 -i 200ms -json pkg.go.dev`,
		Args:              exactly(1, "a host"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if p.count < 0 || p.interval < 0 || p.timeout <= 0 {
				return usageError{errors.New("-c and -i take 0 or more, -timeout more than 0")}
			}
			dev, err := device.use()
			if err != nil {
				return err
			}
			defer device.leave()
			echo, ok := netdev.As[netdev.Pinger](dev)
			if !ok {
				return fmt.Errorf("device %s cannot ping (it has no netdev.Pinger); try \"netdev get -device %s URL\" instead", device.device, device.device)
			}
			ctx := cmd.Context()
			addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", args[0])
			if err != nil {
				return err
			}
			p.out = cmd.OutOrStdout()
			return p.run(ctx, echo, args[0], addrs[0])
		},
	}
	deviceFlags(cmd, &device)
	cmd.Flags().IntVarP(&p.count, "count", "c", 0, "requests to send; 0 is until interrupted")
	cmd.Flags().DurationVarP(&p.interval, "interval", "i", time.Second, "time between requests")
	cmd.Flags().DurationVar(&p.timeout, "timeout", 5*time.Second, "time to wait for an answer")
	cmd.Flags().BoolVar(&p.json, "json", false, "print JSON, at the end")
	return cmd
}

// An echo is a request and what came of it.
type echo struct {
	Seq   int           `json:"seq"`
	Time  time.Duration `json:"time_ns,omitempty"`
	Error string        `json:"error,omitempty"`
}

// pingResult is what ping prints at its end.
type pingResult struct {
	Host     string     `json:"host"`
	Address  netip.Addr `json:"address"`
	Sent     int        `json:"sent"`
	Received int        `json:"received"`
	Echoes   []echo     `json:"echoes"`

	least, most, sum time.Duration
}

func (p *pinger) run(ctx context.Context, dev netdev.Pinger, host string, addr netip.Addr) error {
	res := &pingResult{Host: host, Address: addr, Echoes: []echo{}}
	p.printf("pinging %s (%s) with %d bytes\n", host, addr, len(pingPayload))
	for seq := 1; p.count == 0 || seq <= p.count; seq++ {
		began := time.Now()
		rtt, err := p.once(ctx, dev, addr)
		if ctx.Err() != nil {
			p.printf("\n") // after the terminal's ^C
			break          // the request under way is not counted
		}
		if err != nil {
			p.printf("%d: %v\n", seq, err)
			res.failed(seq, err, p.json)
		} else {
			p.printf("%d: %s\n", seq, rtt.Round(time.Microsecond))
			res.answered(seq, rtt, p.json)
		}
		if seq == p.count {
			break
		}
		select {
		case <-time.After(p.interval - time.Since(began)):
		case <-ctx.Done():
		}
	}
	return p.finish(res)
}

func (p *pinger) once(ctx context.Context, dev netdev.Pinger, addr netip.Addr) (time.Duration, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.timeout, errNoAnswer)
	defer cancel()
	rtt, err := dev.Ping(ctx, addr, pingPayload)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return rtt, err
}

var errNoAnswer = errors.New("no answer")

func (r *pingResult) answered(seq int, rtt time.Duration, keep bool) {
	if r.Received == 0 || rtt < r.least {
		r.least = rtt
	}
	r.most = max(r.most, rtt)
	r.sum += rtt
	r.Sent++
	r.Received++
	if keep {
		r.Echoes = append(r.Echoes, echo{Seq: seq, Time: rtt})
	}
}

func (r *pingResult) failed(seq int, err error, keep bool) {
	r.Sent++
	if keep {
		r.Echoes = append(r.Echoes, echo{Seq: seq, Error: err.Error()})
	}
}

func (p *pinger) finish(r *pingResult) error {
	if p.json {
		if err := printJSON(p.out, r); err != nil {
			return err
		}
	}
	p.printf("%d sent, %d answered", r.Sent, r.Received)
	if r.Received > 0 {
		p.printf("; least %s, mean %s, most %s", r.least.Round(time.Microsecond),
			(r.sum / time.Duration(r.Received)).Round(time.Microsecond), r.most.Round(time.Microsecond))
	}
	p.printf("\n")
	if r.Received == 0 {
		return fmt.Errorf("ping: no answer from %s", r.Address)
	}
	return nil
}

// printf prints what is for people.
func (p *pinger) printf(format string, args ...any) {
	if !p.json {
		fmt.Fprintf(p.out, format, args...)
	}
}
