package at

import "net/netip"

// Kind says what a [Token] is.
type Kind uint8

const (
	More    Kind = iota // all bytes are taken and nothing is complete
	Line                // Text is a line, without its end
	Long                // a line that there was no room for; it is dropped
	Prompt              // the modem waits for data
	Counted             // N bytes of the reply follow as Data, from From
	Pushed              // N bytes of Link follow as Data that nobody asked for
	Data                // Text is some of the bytes that were announced
)

// A Token is a piece of what the modem said. Text is valid until the next Scan.
type Token struct {
	Kind Kind
	Text []byte
	Link int
	N    int
	From netip.AddrPort // not valid where it was not told
}

// mostCounted bounds what is believed of a length.
const mostCounted = 1 << 16

// A Scanner takes the bytes of a modem apart. Bytes that are counted are never
// looked at. The zero Scanner has no room for lines; use [NewScanner].
type Scanner struct {
	line []byte // of the line so far
	long bool   // it has outgrown line
	rest int    // Data still to come

	// Expected at this point of the exchange.
	prompt    bool
	counted   string // begins the header of counted data
	addressed bool   // the header tells the sender

	Dropped uint32 // counts lines that were too long
}

// NewScanner returns a Scanner of lines of up to size bytes.
func NewScanner(size int) *Scanner { return &Scanner{line: make([]byte, 0, size)} }

// Reset forgets what has begun, and what is expected.
func (s *Scanner) Reset() {
	s.line, s.long, s.rest = s.line[:0], false, 0
	s.Expect("", false)
	s.prompt = false
}

// Expect has counted data behind header, such as "+CIPRECVDATA:", told as that,
// with its sender if addressed. An empty header expects none.
func (s *Scanner) Expect(header string, addressed bool) {
	s.counted, s.addressed = header, addressed
}

// ExpectPrompt has a '>' that begins a line told as a Prompt, once.
func (s *Scanner) ExpectPrompt(on bool) { s.prompt = on }

// Scan takes bytes from the front of b, up to the end of the first token, and
// returns how many.
func (s *Scanner) Scan(b []byte) (int, Token) {
	if s.rest > 0 && len(b) > 0 {
		n := min(s.rest, len(b))
		s.rest -= n
		return n, Token{Kind: Data, Text: b[:n]}
	}
	for i, c := range b {
		switch {
		case c == '\n':
			return i + 1, s.end()
		case c == '>' && s.prompt && len(s.line) == 0 && !s.long:
			s.prompt = false
			return i + 1, Token{Kind: Prompt}
		case s.long:
		case c == ' ' && len(s.line) == 0: // some firmware has one behind the prompt
		case len(s.line) == cap(s.line):
			s.long = true
		default:
			s.line = append(s.line, c)
			if c == ',' || c == ':' {
				if t := s.header(); t.Kind != More {
					s.line, s.rest = s.line[:0], t.N
					return i + 1, t
				}
			}
		}
	}
	return len(b), Token{}
}

// end is for a line that is complete. One that does not end in CR LF has lost a
// byte, or is none of the modem's; it keeps its LF to tell.
func (s *Scanner) end() Token {
	text, long := s.line, s.long
	s.line, s.long = s.line[:0], false
	if long {
		s.Dropped++
		return Token{Kind: Long}
	}
	if n := len(text); n > 0 && text[n-1] == '\r' {
		return Token{Kind: Line, Text: text[:n-1]}
	}
	if len(text) == cap(text) {
		s.Dropped++
		return Token{Kind: Long}
	}
	return Token{Kind: Line, Text: append(text, '\n')}
}

// header returns what the line so far announces, or More.
func (s *Scanner) header() Token {
	if s.counted != "" && hasPrefix(s.line, s.counted) {
		return s.countedHeader(s.line[len(s.counted):])
	}
	const push = "+IPD,"
	if hasPrefix(s.line, push) && s.line[len(s.line)-1] == ':' {
		return pushHeader(s.line[len(push) : len(s.line)-1])
	}
	return Token{}
}

// countedHeader is n, or n,"address",port, of which b ends in a comma.
func (s *Scanner) countedHeader(b []byte) Token {
	f := Fields(b)
	n, ok := f.Uint(mostCounted)
	if !ok || len(b) == 0 || b[len(b)-1] != ',' {
		return Token{}
	}
	t := Token{Kind: Counted, N: n}
	if s.addressed {
		if t.From, ok = f.AddrPort(); !ok {
			return Token{}
		}
	}
	if len(f) != 0 {
		return Token{}
	}
	return t
}

// pushHeader is link,n or link,n,"address",port.
func pushHeader(b []byte) Token {
	f := Fields(b)
	link, ok := f.Uint(255)
	n, ok2 := f.Uint(mostCounted)
	if !ok || !ok2 {
		return Token{}
	}
	t := Token{Kind: Pushed, Link: link, N: n}
	if len(f) > 0 {
		if t.From, ok = f.AddrPort(); !ok || len(f) > 0 {
			return Token{}
		}
	}
	return t
}

func hasPrefix(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}
