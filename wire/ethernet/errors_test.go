package ethernet

import (
	"strings"
	"testing"
)

func TestEveryErrorHasItsOwnText(t *testing.T) {
	seen := map[string]bool{Error(0).Error(): true, Error(255).Error(): true}
	if len(seen) != 1 {
		t.Errorf("unknown errors: %v", seen)
	}
	for e := ErrShort; e <= ErrType; e++ {
		text := e.Error()
		if seen[text] || !strings.HasPrefix(text, "ethernet: ") {
			t.Errorf("error %d: %q", e, text)
		}
		seen[text] = true
	}
}
