package main

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// site is a web server for the tests of get. It sends to slow, if there is
// room, when an answer that has no end has begun.
func site(slow chan<- struct{}) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello %s at %s\n", r.Header.Get("X-Name"), r.Host)
	})
	mux.HandleFunc("GET /moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) })
	mux.HandleFunc("GET /cut", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "only this")
	})
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		fmt.Fprintln(w, "wait")
		w.(http.Flusher).Flush()
		select {
		case slow <- struct{}{}:
		default:
		}
		<-r.Context().Done()
	})
	return mux
}

func TestGet(t *testing.T) {
	s := httptest.NewServer(site(nil))
	t.Cleanup(s.Close)
	for _, device := range []string{"host", "bare"} {
		t.Run(device, func(t *testing.T) {
			t.Parallel()
			get := func(args ...string) outcome {
				t.Helper()
				return tool(t, append([]string{"get", "-device", device}, args...)...)
			}
			want := "hello there at " + s.Listener.Addr().String() + "\n"
			if out := get("-H", "X-Name: there", s.URL+"/moved").succeeds(t); out != want {
				t.Errorf("printed %q, want %q", out, want)
			}
			if out := get("-H", "Host: example.com", s.URL).succeeds(t); out != "hello  at example.com\n" {
				t.Errorf("with another Host: %q", out)
			}
			if out := get("-I", s.URL).succeeds(t); !strings.HasPrefix(out, "HTTP/1.1 200 OK\n") ||
				!strings.Contains(out, "Content-Type: text/plain") || strings.Contains(out, "hello") {
				t.Errorf("the headers are %q", out)
			}
			get(s.URL+"/nosuch").fails(t, exitFailed, s.URL+"/nosuch: the server says 404 Not Found")
			o := get(s.URL + "/cut")
			if o.code != exitFailed || o.stdout != "only this" || !strings.Contains(o.stderr, "the connection ended in the body, after 9 bytes") {
				t.Errorf("a body cut short: %+v", o)
			}
			o = get("-timeout", "50ms", s.URL+"/slow")
			if o.code != exitFailed || !strings.Contains(o.stderr, "Client.Timeout") {
				t.Errorf("a slow body: %+v", o)
			}
			get("http://127.0.0.1:1/").fails(t, exitFailed, "connection refused")
			get("http://nosuch.onion/").fails(t, exitFailed, "lookup nosuch.onion", "no such host")
		})
	}
}

func TestGetToAFile(t *testing.T) {
	t.Parallel()
	slow := make(chan struct{}, 1)
	s := httptest.NewServer(site(slow))
	defer s.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "page")
	holds := func(want string) {
		t.Helper()
		files := snapshot(t, dir)
		if len(files) != 1 || files[file] != want {
			t.Errorf("the files are %q, want page to be %q and no other", files, want)
		}
	}
	write(t, dir, map[string]string{"page": "the one before"})
	tool(t, "get", "-device", "host", "-o", file, s.URL+"/nosuch").fails(t, exitFailed, "404 Not Found")
	holds("the one before")
	tool(t, "get", "-device", "host", "-o", file, s.URL+"/cut").fails(t, exitFailed, "the connection ended in the body")
	holds("the one before")
	p := start(t, "get", "-device", "host", "-o", file, s.URL+"/slow")
	<-slow
	if o := p.interrupt(); o.code != exitInterrupted || o.stdout+o.stderr != "" {
		t.Errorf("interrupted: %+v", o)
	}
	holds("the one before")
	if out := tool(t, "get", "-device", "host", "-o", file, s.URL).succeeds(t); out != "" {
		t.Errorf("printed %q", out)
	}
	holds("hello  at " + s.Listener.Addr().String() + "\n")
	tool(t, "get", "-device", "host", "-o", filepath.Join(dir, "nosuch", "page"), s.URL).fails(t, exitFailed, "no such file or directory")
	tool(t, "get", "-device", "host", "-o", os.DevNull, s.URL).succeeds(t)
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s was replaced: %v", os.DevNull, err)
	}
}

func TestGetVerifiesCertificates(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(site(nil))
	s.EnableHTTP2 = true
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes are meant to fail
	s.StartTLS()
	defer s.Close()
	file := filepath.Join(t.TempDir(), "root.pem")
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(file, root, 0o644); err != nil {
		t.Fatal(err)
	}
	trusting := call{env: []string{"SSL_CERT_FILE=" + file}}
	for _, device := range []string{"host", "bare"} {
		tool(t, "get", "-device", device, s.URL).fails(t, exitFailed, "certificate signed by unknown authority")
		if out := trusting.run(t, "get", "-device", device, "-I", s.URL).succeeds(t); !strings.HasPrefix(out, "HTTP/2.0 200 OK\n") {
			t.Errorf("on %s the headers are %q", device, out)
		}
		_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
		trusting.run(t, "get", "-device", device, "https://localhost:"+port).
			fails(t, exitFailed, "certificate is valid for")
	}
}
