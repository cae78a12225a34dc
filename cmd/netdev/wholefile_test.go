package main

import (
	"io"
	"path/filepath"
	"testing"
)

func TestAFileIsThereWhenItIsWhole(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "file")
	for _, c := range []struct {
		text  string
		whole bool
		want  string
	}{
		{"first", true, "first"},
		{"half of the sec", false, "first"},
		{"third", true, "third"},
	} {
		f, err := createWhole(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, c.text); err != nil {
			t.Fatal(err)
		}
		if files := snapshot(t, dir); c.text != "first" && files[name] == c.text {
			t.Error("it is there before it is committed")
		}
		if c.whole {
			err = f.commit()
		} else {
			f.discard()
		}
		if files := snapshot(t, dir); err != nil || len(files) != 1 || files[name] != c.want {
			t.Errorf("after %q (%v) the files are %q", c.text, err, files)
		}
	}
}
