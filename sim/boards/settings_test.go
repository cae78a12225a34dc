package boards_test

import (
	"strings"
	"testing"

	"github.com/netdev-go/netdev/sim/boards"
)

func TestSettings(t *testing.T) {
	for _, c := range []struct{ key, value, want string }{
		{"ssid", "home", ""},
		{"ssid", "", "want 1 to 32 bytes"},
		{"ssid", strings.Repeat("x", 33), "want 1 to 32 bytes"},
		{"passphrase", "correct horse", ""},
		{"passphrase", "short", "want 8 to 63 characters"},
		{"firmware", "1.4.8", ""},
		{"firmware", "4.1.0.0", ""},
		{"firmware", "new", "want a version such as 1.4.8"},
		{"loss", "1%", ""},
		{"colour", "red", "colour"},
	} {
		var b boards.Config
		err := b.Set(c.key, c.value)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("Set(%q, %q) = %v, want %q", c.key, c.value, err, c.want)
		}
	}
	boards.Settings(func(key, example, text string) {
		var b boards.Config
		example, _, _ = strings.Cut(example, " [") // what may be left out
		if err := b.Set(key, example); err != nil || text == "" || key == "profile" || key == "congestion" {
			t.Errorf("the example of %s is %q: %v", key, example, err)
		}
	})
}
