package rtl8720dn

import "sync"

// tasks is what waits for the firmware's WiFi task, which does what the server
// task is not there for: what becomes of the link by itself.
type tasks struct {
	mu   sync.Mutex
	todo []func()
	some chan struct{}
}

func (t *tasks) init() { t.some = make(chan struct{}, 1) }

// post has f done soon; it does not wait.
func (t *tasks) post(f func()) {
	t.mu.Lock()
	t.todo = append(t.todo, f)
	t.mu.Unlock()
	select {
	case t.some <- struct{}{}:
	default:
	}
}

func (t *tasks) take() []func() {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := t.todo
	t.todo = nil
	return all
}

func (s *session) runTasks() {
	defer s.others.Done()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-s.tasks.some:
		}
		for _, f := range s.tasks.take() {
			if !s.pause() {
				return
			}
			f()
		}
	}
}
