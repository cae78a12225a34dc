package examples_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// site is a web server of the standard library that tells what it was asked.
func site(t *testing.T) *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /page", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Method", r.Method)
		io.WriteString(w, "a page\n")
	})
	mux.HandleFunc("GET /long", func(w http.ResponseWriter, r *http.Request) {
		for i := range 500 {
			fmt.Fprintf(w, "line %d\n", i)
			if i%100 == 0 {
				w.(http.Flusher).Flush()
			}
		}
	})
	mux.HandleFunc("GET /moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/page", http.StatusFound)
	})
	mux.HandleFunc("POST /json", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %v\n", r.Header.Get("Content-Type"), body, err)
	})
	mux.HandleFunc("POST /form", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%q says %q\n", r.PostFormValue("name"), r.PostFormValue("message"))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

func TestWebClientPrintsWhatIsOnTheWire(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		addr := d.peer(site(t).Listener.Addr().String())
		out := succeed(t, d, "webclient", "-addr", addr, "-path", "/page")
		contains(t, out, "HTTP/1.1 200 OK", "X-Method: GET", "\n\n", "a page\n")
		contains(t, succeed(t, d, "webclient", "-addr", addr, "-path", "/long"), "line 0", "line 499")
		contains(t, succeed(t, d, "webclient", "-addr", addr), "HTTP/1.1 404 Not Found")

		fail(t, []string{"bad path"}, d, "webclient", "-addr", addr, "-path", "/a\r\nHost:elsewhere")
		ssh := d.peer(accept(t, func(conn net.Conn) { io.WriteString(conn, "SSH-2.0-somebody\r\n"); io.Copy(io.Discard, conn) }))
		fail(t, []string{"does not speak HTTP"}, d, "webclient", "-addr", ssh)
	})
}

func TestHTTPGetFetchesAPage(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		url := d.peer(site(t).URL)
		if out := succeed(t, d, "http-get", "-url", url+"/page"); out != "HTTP/1.1 200 OK\na page\n" {
			t.Errorf("the output is %q", out)
		}
		contains(t, succeed(t, d, "http-get", "-url", url+"/moved"), "200 OK", "a page")
		contains(t, succeed(t, d, "http-get", "-url", url+"/long"), "line 0", "line 499")
		fail(t, []string{"404 Not Found"}, d, "http-get", "-url", url+"/nothing")
		fail(t, []string{"unsupported protocol scheme"}, d, "http-get", "-url", "gopher://127.0.0.1/")
	})
}

func TestHTTPGetReportsAPageThatBreaksOff(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		addr := accept(t, func(conn net.Conn) {
			conn.Read(make([]byte, 1000))
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
		})
		fail(t, []string{"unexpected EOF"}, d, "http-get", "-url", "http://"+d.peer(addr))
	})
}

func TestHTTPHeadPrintsHeadersOnly(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		out := succeed(t, d, "http-head", "-url", d.peer(site(t).URL)+"/page")
		contains(t, out, "HTTP/1.1 200 OK\n", "Content-Length: 7", "X-Method: HEAD")
		if strings.Contains(out, "a page") {
			t.Errorf("the page itself came along:\n%s", out)
		}
	})
}

func TestHTTPPostSendsItsBody(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		url := d.peer(site(t).URL)
		contains(t, succeed(t, d, "http-post", "-url", url+"/json"), `application/json {"hello": "netdev"} <nil>`)
		long := `"` + strings.Repeat("long ", 10000) + `"`
		contains(t, succeed(t, d, "http-post", "-url", url+"/json", "-body", long), long)
		fail(t, []string{"405 Method Not Allowed"}, d, "http-post", "-url", url+"/page")
	})
}

func TestHTTPPostFormFillsInAForm(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		url := d.peer(site(t).URL) + "/form"
		out := succeed(t, d, "http-postform", "-url", url, "-name", "Ada & Co", "-message", "100% = größer?")
		contains(t, out, `"Ada & Co" says "100% = größer?"`)
	})
}
