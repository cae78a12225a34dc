package overlay

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProgramKeepsItsLanguage(t *testing.T) {
	tests := []struct {
		mod, flag, edit string
	}{
		{"module m\n\ngo 1.21.3\n", "-gcflags=m/...=-lang=go1.21", "-godebug=default=go1.21"},
		{"module \"m/v2\"\ngo 1.18\n", "-gcflags=m/v2/...=-lang=go1.18", "-godebug=default=go1.20"},
		{"module m\n", "-gcflags=m/...=-lang=go1.16", "-godebug=default=go1.20"},
		{"module m\ngo 1.26rc1\n", "-gcflags=m/...=-lang=go1.26", "-godebug=default=go1.26"},
		{"module m\ngo 1.25\ngodebug default=go1.22\n", "-gcflags=m/...=-lang=go1.25", ""},
	}
	for _, tt := range tests {
		if diff := cmp.Diff([]string{tt.flag}, keepLanguage([]byte(tt.mod))); diff != "" {
			t.Errorf("%q: flags\n%s", tt.mod, diff)
		}
		var want []string
		if tt.edit != "" {
			want = []string{tt.edit}
		}
		if diff := cmp.Diff(want, keepVersion([]byte(tt.mod))); diff != "" {
			t.Errorf("%q: edits\n%s", tt.mod, diff)
		}
	}
}

func TestJoinLinesKeepsEachOnce(t *testing.T) {
	got := string(joinLines([]byte("a\nb"), []byte("b\nc\n")))
	if want := "a\nb\nc\n"; got != want {
		t.Errorf("joinLines = %q, want %q", got, want)
	}
	if got := joinLines(nil, nil); len(got) != 0 {
		t.Errorf("joinLines of nothing = %q", got)
	}
}
