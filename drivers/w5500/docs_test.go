package w5500_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// Whoever changes what the guide quotes is told to change the guide.
func TestTheGuideQuotesTheDriver(t *testing.T) {
	const root = "../../"
	guide, err := os.ReadFile(root + "docs/write-a-driver.md")
	if err != nil {
		t.Fatal(err)
	}
	excerpts := regexp.MustCompile("(?s)<!-- (\\S+) -->\n```go\n(.*?)```").FindAllSubmatch(guide, -1)
	if blocks := strings.Count(string(guide), "```go"); blocks != len(excerpts) || blocks == 0 {
		t.Errorf("%d excerpts of Go, and %d say where they are from", blocks, len(excerpts))
	}
	for _, e := range excerpts {
		file, text := string(e[1]), string(e[2])
		source, err := os.ReadFile(root + file)
		if err != nil {
			t.Error(err)
		} else if !strings.Contains(string(source), text) {
			t.Errorf("%s does not have:\n%s", file, text)
		}
	}
}
