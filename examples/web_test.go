package examples_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
)

// browse is a client of the standard library that follows no redirect.
func browse(t *testing.T, method, address string, form url.Values) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return roundTripHTTP(t, req)
}

func roundTripHTTP(t *testing.T, req *http.Request) (*http.Response, string) {
	t.Helper()
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

// status checks what a request is answered with, and returns the page.
func status(t *testing.T, want int, method, address string, form url.Values) string {
	t.Helper()
	resp, body := browse(t, method, address, form)
	if resp.StatusCode != want {
		t.Errorf("%s %s %v: %s, want %d", method, address, form, resp.Status, want)
	}
	return body
}

func TestWebServerCountsRequests(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		server := start(t, d, "webserver", "-listen", d.listen())
		home := server.url()
		for want := 1; want <= 3; want++ {
			page := status(t, 200, "GET", home, nil)
			contains(t, page, "<title>", "Address", server.told,
				"Running for", " s</dd>", "Requests served", fmt.Sprintf("<dd>%d</dd>", want), "Nobody has signed yet")
			if left := regexp.MustCompile(`\{\{.*?\}\}`).FindString(page); left != "" {
				t.Errorf("the page has %s in it", left)
			}
		}
		if out := server.interrupt(); out != "" {
			t.Errorf("the server printed more than its address: %q", out)
		}
	})
}

func TestWebServerLampSwitches(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		server := start(t, d, "webserver", "-listen", d.listen())
		home := server.url()
		off, on := `aria-checked="false"`, `aria-checked="true"`
		contains(t, status(t, 200, "GET", home, nil), "whose lamp is off", `value="on"`, off)
		for _, step := range []struct{ lamp, want string }{{"on", on}, {"on", on}, {"off", off}, {"", off}} {
			resp, _ := browse(t, "POST", home+"lamp", url.Values{"lamp": {step.lamp}})
			if got := resp.Header.Get("Location"); resp.StatusCode != 303 || got != "/#lamp" {
				t.Errorf("lamp %q: %s to %q", step.lamp, resp.Status, got)
			}
			contains(t, status(t, 200, "GET", home, nil), step.want)
		}
	})
}

func TestWebServerGuestBookKeepsTheNewestNotes(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		server := start(t, d, "webserver", "-listen", d.listen())
		home := server.url()
		for i := range 10 {
			status(t, 303, "POST", home+"sign", url.Values{"name": {"Ada"}, "message": {fmt.Sprintf("note %d.", i)}})
		}
		status(t, 303, "POST", home+"sign", url.Values{"message": {"no name"}})
		page := status(t, 200, "GET", home, nil)
		contains(t, page, "no name", "Somebody", "note 9.", "<b>Ada</b>", "note 8.", "note 3.")
		if strings.Contains(page, "note 2.") {
			t.Error("the ninth oldest note is still there")
		}
	})
}

func TestWebServerEscapesWhatItIsGiven(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		server := start(t, d, "webserver", "-listen", d.listen())
		home := server.url()
		hostile := `"><script>alert('&')</script>{{notes}}` + "\xff\n"
		status(t, 303, "POST", home+"sign", url.Values{"name": {hostile}, "message": {hostile}})
		// A name too long stands in the form again.
		refused := status(t, 422, "POST", home+"sign", url.Values{"name": {hostile + strings.Repeat("x", 40)}, "message": {"m"}})
		for _, page := range []string{refused, status(t, 200, "GET", home, nil)} {
			contains(t, page, "&#34;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;{{notes}}")
			if strings.Contains(page, "<script") {
				t.Errorf("a script is in the page:\n%s", page)
			}
		}
	})
}

func TestWebServerRefusesBadRequests(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		server := start(t, d, "webserver", "-listen", d.listen())
		home := server.url()
		sign := func(name, message string) url.Values {
			return url.Values{"name": {name}, "message": {message}}
		}
		contains(t, status(t, 422, "POST", home+"sign", sign("Ada", "  ")), `role="alert">Please write a message.`, `value="Ada"`)
		contains(t, status(t, 422, "POST", home+"sign", sign("", strings.Repeat("ö", 201))), "at most 200 characters")
		status(t, 303, "POST", home+"sign", sign(strings.Repeat("ö", 40), strings.Repeat("ö", 200)))
		status(t, 400, "POST", home+"sign", sign("", strings.Repeat("x", 5000)))
		status(t, 405, "GET", home+"sign", nil)
		status(t, 405, "GET", home+"lamp", nil)
		status(t, 405, "POST", home, sign("", "x"))
		status(t, 404, "GET", home+"nothing", nil)
		if body := status(t, 200, "HEAD", home, nil); body != "" {
			t.Errorf("HEAD is answered with a page of %d bytes", len(body))
		}

		req, _ := http.NewRequestWithContext(t.Context(), "POST", home+"lamp", strings.NewReader("lamp=on"))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		if resp, _ := roundTripHTTP(t, req); resp.StatusCode != 403 {
			t.Errorf("a form of another site: %s, want 403", resp.Status)
		}

		// No client library would send this.
		conn := dial(t, "tcp", strings.Trim(home, "htp:/"))
		io.WriteString(conn, "this is not HTTP\r\n\r\n")
		if line, err := bufio.NewReader(conn).ReadString('\n'); !strings.HasPrefix(line, "HTTP/1.1 400 ") {
			t.Errorf("something that is not HTTP is answered with %q, %v", line, err)
		}
		server.interrupt()
	})
}

func TestWebServerFinishesARequestUnderWay(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		server := start(t, d, "webserver", "-listen", d.listen())
		addr := server.addr()
		conn := dial(t, "tcp", addr)
		io.WriteString(conn, "POST /lamp HTTP/1.1\r\nHost: board\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\nlam")
		// Until the server counts one request more than these, it has not begun.
		for gets := 1; !strings.Contains(status(t, 200, "GET", "http://"+addr+"/", nil), fmt.Sprintf("<dd>%d</dd>", gets+1)); gets++ {
		}

		server.cmd.Process.Signal(os.Interrupt)
		for {
			late, err := net.Dial("tcp", addr)
			if err != nil {
				break // it serves nobody new
			}
			late.Close()
		}
		io.WriteString(conn, "p=on")
		if line, err := bufio.NewReader(conn).ReadString('\n'); !strings.HasPrefix(line, "HTTP/1.1 303 ") {
			t.Errorf("the request under way is answered with %q, %v", line, err)
		}
		if _, stderr, code := server.wait(); code != 0 || stderr != "" {
			t.Errorf("exit code %d, errors: %s", code, stderr)
		}
	})
}

// The form example signs the book of the server example.
func TestHTTPPostFormSignsTheGuestBook(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		server := start(t, d, "webserver", "-listen", d.listen())
		home := server.url()
		contains(t, succeed(t, d, "http-postform", "-url", d.peer(home)+"sign"), "200 OK", "Greetings from a Go program.")
	})
}

func TestWebStaticServesItsFiles(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		server := start(t, d, "webstatic", "-listen", d.listen())
		home := server.url()
		for _, file := range []struct{ path, name, kind string }{
			{"", "index.html", "text/html; charset=utf-8"},
			{"style.css", "style.css", "text/css; charset=utf-8"},
			{"board.png", "board.png", "image/png"},
		} {
			want, err := os.ReadFile("webstatic/site/" + file.name)
			if err != nil {
				t.Fatal(err)
			}
			resp, body := browse(t, "GET", home+file.path, nil)
			if got := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || got != file.kind || body != string(want) {
				t.Errorf("%q: %s, %s, %d bytes; want 200, %s, %d bytes", file.path, resp.Status, got, len(body), file.kind, len(want))
			}
		}
		req, _ := http.NewRequestWithContext(t.Context(), "GET", home+"board.png", nil)
		req.Header.Set("Range", "bytes=1-3")
		if resp, body := roundTripHTTP(t, req); resp.StatusCode != 206 || body != "PNG" {
			t.Errorf("a part of the picture: %s, %q", resp.Status, body)
		}
		status(t, 404, "GET", home+"nothing", nil)
		status(t, 404, "GET", home+"../main.go", nil)
		server.interrupt()
	})
}
