package espat

// output is the one way to the MCU: replies of the command that runs, and messages
// that nobody asked for.
type output struct {
	session *session

	mu        lock
	replying  bool     // a reply has begun and not ended
	postponed []string // messages for later
}

// write is one piece. A message does not come in the middle of it.
func (o *output) write(text string) {
	if o.session.pause() {
		o.session.port.Write([]byte(text))
	}
}

// message is what nobody asked for. It comes at once, and between the lines of a
// reply by lot, or else behind it.
func (o *output) message(text string) {
	o.session.chip.count(func(s *Stats) { s.Messages++ })
	o.echo(text)
}

// echo is what the MCU has asked for, and may be followed by a message.
func (o *output) echo(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.replying {
		o.postponed = append(o.postponed, text)
		return
	}
	o.write(text)
}

// urgent is a message of a chip that is about to end.
func (o *output) urgent(text string) { o.session.port.Write([]byte(text)) }

// line is a piece of a reply, with more to come.
func (o *output) line(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.write(text)
	o.replying = true
	if len(o.postponed) > 0 && o.session.chip.chance(2) {
		o.flush()
	}
}

// end is the last piece of a reply.
func (o *output) end(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.postponed) > 0 && o.session.chip.chance(2) {
		o.flush()
	}
	o.write(text)
	o.replying = false
	o.flush()
}

func (o *output) flush() {
	for _, text := range o.postponed {
		o.write(text)
	}
	o.postponed = o.postponed[:0]
}
