package main

import (
	_ "embed"
	"fmt"
	"html"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// page has its variables in double braces. A template package would do more
// than is needed, and costs a board a lot of flash.
//
//go:embed page.html
var page string

// render answers with the page. draft is what stands in the form, and problem
// what is wrong with it.
func (s *site) render(w http.ResponseWriter, status int, draft note, problem string) {
	s.mu.Lock()
	vars := []string{
		"{{address}}", html.EscapeString(s.address),
		"{{uptime}}", inWords(time.Since(s.started)),
		"{{served}}", strconv.Itoa(s.served),
		"{{lamp}}", onOff(s.lamp),
		"{{switch}}", onOff(!s.lamp),
		"{{checked}}", strconv.FormatBool(s.lamp),
		"{{notes}}", list(s.notes),
	}
	s.mu.Unlock()
	if problem != "" {
		problem = `<p class="problem" id="problem" role="alert">` + html.EscapeString(problem) + `</p>`
	}
	vars = append(vars,
		"{{problem}}", problem,
		"{{name}}", html.EscapeString(draft.name),
		"{{message}}", html.EscapeString(draft.message),
		"{{maxname}}", strconv.Itoa(maxName),
		"{{maxmessage}}", strconv.Itoa(maxMessage),
	)

	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	io.WriteString(w, strings.NewReplacer(vars...).Replace(page))
}

// list is the guest book, the newest note first.
func list(notes []note) string {
	if len(notes) == 0 {
		return `<p class="empty">Nobody has signed yet. Be the first.</p>`
	}
	var b strings.Builder
	b.WriteString("<ol>")
	for i := len(notes) - 1; i >= 0; i-- {
		n := notes[i]
		name := n.name
		if name == "" {
			name = "Somebody"
		}
		fmt.Fprintf(&b, "<li><p>%s</p><footer><b>%s</b>, %s ago</footer></li>",
			html.EscapeString(n.message), html.EscapeString(name), inWords(time.Since(n.written)))
	}
	b.WriteString("</ol>")
	return b.String()
}

// inWords gives the two largest units: a board may not know the time of day,
// but it knows how long ago something was.
func inWords(d time.Duration) string {
	s := int(d / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	case s < 86400:
		return fmt.Sprintf("%d h %d min", s/3600, s/60%60)
	}
	return fmt.Sprintf("%d d %d h", s/86400, s/3600%24)
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
