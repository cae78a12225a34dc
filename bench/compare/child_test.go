package main

import (
	"context"
	"math"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What the tests of the protocol measure.
func init() {
	Register(Workload{
		ID: "T1", Title: "a test", Subjects: []string{"fast", "slow"}, Figures: []Figure{{Name: "speed", Unit: "/s"}},
		Targets: []Target{{Text: "twice as fast", Figure: "speed", Subject: "fast", Than: "slow", AtLeast: 2}},
		Run: func(subject string, o Options) (Result, error) {
			speed := map[string]float64{"fast": 20, "slow": 10}[subject]
			return o.Begin("").End().result(map[string]float64{"speed": speed}), nil
		},
	})
	Register(Workload{
		ID: "T2", Title: "what goes wrong", Subjects: []string{"sound", "skips", "panics", "dies", "strange", "endless"},
		Figures: []Figure{{Name: "pid"}},
		Run: func(subject string, o Options) (Result, error) {
			switch subject {
			case "skips":
				return Result{}, Skip("no %s", "luck")
			case "panics":
				panic("at once")
			case "dies":
				os.Exit(3)
			case "endless":
				return Result{Values: map[string]float64{"pid": math.Inf(1)}}, nil
			case "strange":
				return Result{Values: map[string]float64{"weight": 1}}, nil
			}
			return Result{Values: map[string]float64{"pid": float64(os.Getpid())}}, nil
		},
	})
	Register(Workload{
		ID: "T3", Title: "what takes long", Subjects: []string{"one"}, Figures: []Figure{{Name: "pid"}},
		Run: func(subject string, o Options) (Result, error) {
			if err := os.WriteFile(o.Profile+".pid", []byte(strconv.Itoa(os.Getpid())), 0o666); err != nil {
				return Result{}, err
			}
			select {}
		},
	})
}

func TestASubjectHasAProcessOfItsOwn(t *testing.T) {
	o := measure(t.Context(), find("T2"), find("T2").Subjects, 2, Options{}, "")
	pids, _ := o.values(&o.Figures[0], "sound")
	if len(pids) != 2 || pids[0] != pids[1] || int(pids[0]) == os.Getpid() {
		t.Errorf("processes %v, of %d", pids, os.Getpid())
	}
	if o.skipped["skips"] != "no luck" {
		t.Errorf("skipped: %q", o.skipped)
	}
	for subject, want := range map[string]string{"panics": "at once", "dies": "ended", "strange": `no figure "weight"`, "endless": "too little"} {
		if !strings.Contains(o.failed[subject], want) {
			t.Errorf("%s: %q", subject, o.failed[subject])
		}
	}
}

func TestAFailureFailsTheCommand(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	code, stdout, stderr := bench(t, "-run", "^T2$", "-subjects", "sound|dies", "-count", "1")
	if code != exitFailed || !strings.Contains(stdout, "dies FAILED") || !strings.Contains(stderr, "1 measurements failed") {
		t.Errorf("exit %d\n%s\n%s", code, stdout, stderr)
	}
}

// An interrupt ends the command, and nothing is left running.
func TestAnInterruptEndsTheChildren(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan int)
	go func() {
		var out, errs strings.Builder
		done <- execute(ctx, []string{"-run", "^T3$", "-cpuprofile", dir}, &out, &errs)
	}()
	pid := 0
	for end := time.Now().Add(10 * time.Second); pid == 0 && time.Now().Before(end); time.Sleep(time.Millisecond) {
		if b, err := os.ReadFile(dir + "/T3-one.pid"); err == nil {
			pid, _ = strconv.Atoi(string(b))
		}
	}
	cancel()
	if code := <-done; code != exitInterrupted {
		t.Errorf("exit %d", code)
	}
	if pid == 0 || syscall.Kill(pid, 0) == nil {
		t.Errorf("process %d lives on", pid)
	}
}

// A child whose parent is gone, however that died, ends: its input does.
func TestAChildEndsWithItsInput(t *testing.T) {
	c, err := startChild(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.stop()
	a, err := c.ask(request{Workload: "T1", Subject: "fast"})
	if err != nil || a.Result.Values["speed"] != 20 {
		t.Fatalf("%+v, %v", a, err)
	}
	c.in.Close()
	if err := c.cmd.Wait(); err != nil {
		t.Error(err)
	}
}
