package link

import "github.com/netdev-go/netdev/netlink"

// NetNotify has cb called, without a lock, for each event from now on.
func (l *Link) NetNotify(cb func(netlink.Event)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notify = cb
}

// event is for NetNotify's function to be told, by a goroutine that may wait. Up
// and down take turns: of those that it has no time for, two are as good as
// none. The lock is held.
func (l *Link) event(e netlink.Event) {
	if n := len(l.events); n >= 2 {
		l.events = l.events[:n-1]
		return
	}
	l.events = append(l.events, e)
	if !l.telling {
		go l.tell()
	}
}

// tell returns when all events are told, or another call tells them.
func (l *Link) tell() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.telling {
		return
	}
	l.telling = true
	for len(l.events) > 0 {
		e, f := l.events[0], l.notify
		l.events = append(l.events[:0], l.events[1:]...)
		if f != nil {
			l.mu.Unlock()
			f(e)
			l.mu.Lock()
		}
	}
	l.telling = false
}
