package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Bounds of the guest book, which is kept in memory.
const (
	maxNotes   = 8
	maxName    = 40  // characters
	maxMessage = 200 // characters
	maxForm    = 4 << 10
)

type note struct {
	name, message string
	written       time.Time
}

type site struct {
	address string
	started time.Time

	mu     sync.Mutex
	served int // requests
	lamp   bool
	notes  []note // the newest last
}

func newSite(address string) http.Handler {
	s := &site{address: address, started: time.Now()}
	mux := http.NewServeMux()
	mux.HandleFunc("/", s.home)
	mux.HandleFunc("/lamp", s.switchLamp)
	mux.HandleFunc("/sign", s.sign)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.served++
		s.mu.Unlock()
		mux.ServeHTTP(w, r)
	})
}

func (s *site) home(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path != "/":
		http.NotFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "this page is only read", http.StatusMethodNotAllowed)
	default:
		s.render(w, http.StatusOK, note{}, "")
	}
}

func (s *site) switchLamp(w http.ResponseWriter, r *http.Request) {
	if !posted(w, r) {
		return
	}
	// The form says which way, so that sending it twice does no harm.
	on := r.PostFormValue("lamp") == "on"
	s.mu.Lock()
	s.lamp = on
	s.mu.Unlock()
	http.Redirect(w, r, "/#lamp", http.StatusSeeOther)
}

func (s *site) sign(w http.ResponseWriter, r *http.Request) {
	if !posted(w, r) {
		return
	}
	n := note{
		name:    clean(r.PostFormValue("name")),
		message: clean(r.PostFormValue("message")),
		written: time.Now(),
	}
	problem := ""
	switch {
	case n.message == "":
		problem = "Please write a message."
	case utf8.RuneCountInString(n.name) > maxName:
		problem = fmt.Sprintf("A name has at most %d characters.", maxName)
	case utf8.RuneCountInString(n.message) > maxMessage:
		problem = fmt.Sprintf("A message has at most %d characters.", maxMessage)
	}
	if problem != "" {
		s.render(w, http.StatusUnprocessableEntity, n, problem)
		return
	}
	s.mu.Lock()
	s.notes = append(s.notes, n)
	if len(s.notes) > maxNotes {
		s.notes = append([]note(nil), s.notes[1:]...)
	}
	s.mu.Unlock()
	// A browser that reloads the page must not sign again.
	http.Redirect(w, r, "/#book", http.StatusSeeOther)
}

// posted reads the form that r posts, or answers why not.
func posted(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	switch {
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", "POST")
		http.Error(w, "this address takes a form", http.StatusMethodNotAllowed)
	case r.Header.Get("Sec-Fetch-Site") == "cross-site":
		http.Error(w, "this form is for the device's own page", http.StatusForbidden)
	case r.ParseForm() != nil:
		http.Error(w, "this form is malformed or too long", http.StatusBadRequest)
	default:
		return true
	}
	return false
}

func clean(s string) string { return strings.TrimSpace(strings.ToValidUTF8(s, "")) }
