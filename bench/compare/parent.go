package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// patience is how long a single run may take.
const patience = 5 * time.Minute

// An outcome is what came of a workload: the results of each subject, in the order
// of the repetitions, or why there are none.
type outcome struct {
	*Workload
	Subjects []string // those of Workload.Subjects that were asked for
	results  map[string][]Result
	skipped  map[string]string
	failed   map[string]string
}

func newOutcome(w *Workload, subjects []string) *outcome {
	return &outcome{w, subjects, map[string][]Result{}, map[string]string{}, map[string]string{}}
}

// measure runs a workload count times. Each time every subject has its turn, so
// that what else the machine does meets all of them.
func measure(ctx context.Context, w *Workload, subjects []string, count int, o Options, profiles string) *outcome {
	out := newOutcome(w, subjects)
	children := map[string]*child{}
	defer func() {
		for _, c := range children {
			c.stop()
		}
	}()
	for range count {
		for _, s := range subjects {
			if ctx.Err() != nil {
				return out
			}
			if out.skipped[s] != "" || out.failed[s] != "" {
				continue
			}
			if children[s] == nil {
				c, err := startChild(ctx)
				if err != nil {
					out.failed[s] = err.Error()
					continue
				}
				children[s] = c
			}
			if profiles != "" {
				o.Profile = filepath.Join(profiles, w.ID+"-"+s)
			}
			a, err := children[s].ask(request{w.ID, s, o})
			switch {
			case err != nil:
				out.failed[s] = err.Error()
			case a.Error != "":
				out.failed[s] = a.Error
			case a.Skipped != "":
				out.skipped[s] = a.Skipped
			default:
				out.results[s] = append(out.results[s], a.Result)
			}
		}
	}
	return out
}

// A child is a process that measures one subject.
type child struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Reader
}

func startChild(ctx context.Context) (*child, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, exe, childFlag)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &child{cmd, in, bufio.NewReader(out)}, nil
}

// ask has the child measure once.
func (c *child) ask(r request) (a answer, err error) {
	line, err := json.Marshal(r)
	if err != nil {
		return a, err
	}
	if _, err := c.in.Write(append(line, '\n')); err != nil {
		return a, fmt.Errorf("its process is gone: %w", err)
	}
	late := time.AfterFunc(patience, func() { c.cmd.Process.Kill() })
	line, err = c.lines.ReadBytes('\n')
	switch {
	case !late.Stop():
		return a, fmt.Errorf("no result within %v", patience)
	case errors.Is(err, io.EOF):
		return a, errors.New("its process has ended without a result")
	case err != nil:
		return a, err
	}
	return a, json.Unmarshal(line, &a)
}

// stop ends the process. There is nothing in it to be saved.
func (c *child) stop() {
	c.cmd.Process.Kill()
	c.cmd.Wait()
}
