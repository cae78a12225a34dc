package examples_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// shout answers each message of a WebSocket in capitals.
func shout(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	for {
		kind, message, err := conn.Read(r.Context())
		if err != nil {
			return
		}
		conn.Write(r.Context(), kind, []byte(strings.ToUpper(string(message))))
	}
}

func TestWebSocketDialTalksToAServer(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		server := httptest.NewServer(http.HandlerFunc(shout))
		defer server.Close()
		url := "ws" + strings.TrimPrefix(d.peer(server.URL), "http")
		out := succeed(t, d, "dial", "-url", url)
		contains(t, out, "Connected to "+url, `"hello" -> "HELLO"`, `"goodbye" -> "GOODBYE"`)
	})
}

func TestWebSocketDialReportsAServerWithoutWebSockets(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		fail(t, []string{"expected handshake response status code 101"}, d, "dial", "-url", d.peer(site(t).URL)+"/page")
	})
}

func TestWebSocketHandlerEchoes(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		server := start(t, d, "handler", "-listen", d.listen())
		addr := server.addr()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		conn, _, err := websocket.Dial(ctx, "ws://"+addr+"/echo", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.CloseNow()
		for _, want := range []string{"hello", "", strings.Repeat("long ", 4000)} {
			if err := conn.Write(ctx, websocket.MessageBinary, []byte(want)); err != nil {
				t.Fatal(err)
			}
			kind, got, err := conn.Read(ctx)
			if err != nil || kind != websocket.MessageBinary || string(got) != want {
				t.Fatalf("sent %.20q, got %.20q back in a %v message, %v", want, got, kind, err)
			}
		}

		contains(t, status(t, 200, "GET", "http://"+addr+"/", nil), "<title>WebSocket echo</title>", "new WebSocket(")
		status(t, 426, "GET", "http://"+addr+"/echo", nil)

		server.interrupt() // with a client that is still there
		if _, _, err := conn.Read(ctx); err == nil || ctx.Err() != nil {
			t.Errorf("after the server ended: %v", err)
		}
	})
}
