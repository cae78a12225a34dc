package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// outputs are the files that a run writes at its end.
type outputs struct{ plot, markdown *os.File }

func (c *command) open() (f outputs, err error) {
	if c.profiles != "" {
		if err := os.MkdirAll(c.profiles, 0o777); err != nil {
			return f, fmt.Errorf("-cpuprofile: %w", err)
		}
		probe, err := os.CreateTemp(c.profiles, ".probe")
		if err != nil {
			return f, fmt.Errorf("-cpuprofile: %w", err)
		}
		probe.Close()
		os.Remove(probe.Name())
		if c.profiles, err = filepath.Abs(c.profiles); err != nil {
			return f, err
		}
	}
	if c.plot != "" {
		if !strings.EqualFold(filepath.Ext(c.plot), ".svg") {
			return f, fmt.Errorf("-o %s: the plot is an SVG, so the name ends in .svg", c.plot)
		}
		if f.plot, err = writable(c.plot); err != nil {
			return f, fmt.Errorf("-o: %w", err)
		}
	}
	if c.markdown != "" {
		if f.markdown, err = writable(c.markdown); err != nil {
			f.close()
			return f, fmt.Errorf("-markdown: %w", err)
		}
	}
	return f, nil
}

// writable opens a file that keeps what it has until there is something new.
func writable(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o666)
}

// close closes what is open, and removes what was never written.
func (f *outputs) close() {
	for _, file := range []*os.File{f.plot, f.markdown} {
		if file == nil {
			continue
		}
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() && info.Size() == 0 {
			os.Remove(file.Name())
		}
		file.Close()
	}
}

func (f *outputs) write(header []string, outcomes []*outcome, verdicts []verdict) error {
	var errs []error
	for _, file := range []*os.File{f.plot, f.markdown} {
		if file != nil {
			file.Truncate(0) // which a pipe refuses
		}
	}
	if f.markdown != nil {
		_, err := io.WriteString(f.markdown, markdown(header, outcomes, verdicts))
		errs = append(errs, err)
	}
	if f.plot != nil {
		errs = append(errs, plotRatios(f.plot, header, outcomes))
	}
	return errors.Join(errs...)
}
