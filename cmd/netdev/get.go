package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/netdev-go/netdev/net"
)

// A getter is one HTTP request and where its answer goes.
type getter struct {
	file    string
	head    bool
	headers []string
	timeout time.Duration
}

func getCmd() *cobra.Command {
	var device choice
	g := new(getter)
	cmd := &cobra.Command{
		Use:   "get [-device NAME] [device flags] [-o FILE] [-I] [-H HEADER] URL",
		Short: "Fetch a URL over HTTP or HTTPS",
		Long: `Get fetches a URL over the device and prints the body of the answer. Redirects
are followed. TLS is Go's own over the device's TCP, and certificates are
always verified. On the default device the name "host" is this machine, and
127.0.0.1 the board itself.

An HTTP status of 400 or more is an error, and so is a body that ends early. A
file is there only when all of it has come.`,
		Example: `  netdev get http://host:8080/
  netdev get -I -H 'Accept: text/html' https://pkg.go.dev
  netdev get -network lab http://web:8080/
  netdev get -device bare -timeout 1m -o go.txt https://go.dev/dl/?mode=json`,
		Args:              exactly(1, "a URL"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			req, err := g.request(cmd.Context(), args[0])
			if err != nil {
				return usageError{err}
			}
			if _, err := device.use(); err != nil {
				return err
			}
			defer device.leave()
			return g.run(req, cmd.OutOrStdout())
		},
	}
	deviceFlags(cmd, &device)
	cmd.Flags().StringVarP(&g.file, "output", "o", "", "file to write to, in place of standard output")
	cmd.Flags().BoolVarP(&g.head, "head", "I", false, "ask for the headers only, and print them")
	cmd.Flags().StringArrayVarP(&g.headers, "header", "H", nil, `header to send, as "Name: value"; can be repeated`)
	cmd.Flags().DurationVar(&g.timeout, "timeout", 0, "time for all of it; 0 is no bound")
	return cmd
}

func (g *getter) request(ctx context.Context, address string) (*http.Request, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is not a URL of HTTP; write http://HOST/ or https://HOST/", address)
	}
	method := http.MethodGet
	if g.head {
		method = http.MethodHead
	}
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "netdev")
	for _, h := range g.headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok || name == "" {
			return nil, fmt.Errorf("header %q is not of the form \"Name: value\"", h)
		}
		if value = strings.TrimSpace(value); strings.EqualFold(name, "Host") {
			req.Host = value
		} else {
			req.Header.Add(name, value)
		}
	}
	return req, nil
}

func (g *getter) run(req *http.Request, stdout io.Writer) (err error) {
	var d net.Dialer
	client := &http.Client{
		Timeout:   g.timeout,
		Transport: &http.Transport{DialContext: d.DialContext, ForceAttemptHTTP2: true},
	}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if g.head {
		fmt.Fprintf(stdout, "%s %s\n", resp.Proto, resp.Status)
		if err := resp.Header.Write(stdout); err != nil {
			return err
		}
	}
	if resp.StatusCode >= 400 {
		return fmt.Errorf("%s: the server says %s", resp.Request.URL, resp.Status)
	}
	if g.head {
		return nil
	}
	if err := g.save(resp.Body, stdout); err != nil {
		return fmt.Errorf("%s: %w", resp.Request.URL, err)
	}
	return nil
}

// save copies the body to where it belongs.
func (g *getter) save(body io.Reader, stdout io.Writer) error {
	if g.file == "" {
		return whole(io.Copy(stdout, body))
	}
	f, err := createWhole(g.file)
	if err != nil {
		return err
	}
	if err := whole(io.Copy(f, body)); err != nil {
		f.discard()
		return err
	}
	return f.commit()
}

// whole words the error of a body that ended early.
func whole(n int64, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the connection ended in the body, after %d bytes: %w", n, err)
	}
	return err
}
