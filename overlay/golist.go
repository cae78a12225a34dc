package overlay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
)

// goEnv is what the go command says of itself in a directory.
type goEnv struct {
	GOARCH      string
	GOFLAGS     string
	GOMOD       string
	GOOS        string
	GOROOT      string
	GOVERSION   string
	GOWORK      string
	CGO_ENABLED string
	CC          string
}

func (e *goEnv) inModule() bool    { return e.GOMOD != "" && e.GOMOD != os.DevNull }
func (e *goEnv) inWorkspace() bool { return e.GOWORK != "" && e.GOWORK != "off" }

// goPackage is the part of "go list -json" that matters here.
type goPackage struct {
	Dir          string
	Name         string
	ImportPath   string
	Standard     bool
	TestGoFiles  []string
	XTestGoFiles []string
}

// A GoError is a go command that failed. Its output has been shown.
type GoError struct{ Code int }

func (e *GoError) Error() string { return "go: the build failed" }

// output runs the go command and returns what it prints.
func output(ctx context.Context, dir string, env []string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return nil, errors.New("no go command in PATH; install Go from https://go.dev/dl")
	}
	if err != nil {
		if msg := strings.TrimSpace(stderr.String()); msg != "" {
			return nil, errors.New(msg)
		}
		return nil, err
	}
	return out, nil
}

func readEnv(ctx context.Context, dir string) (env goEnv, err error) {
	out, err := output(ctx, dir, nil, "env", "-json")
	if err != nil {
		return env, err
	}
	return env, json.Unmarshal(out, &env)
}

// list runs "go list" for the packages; what is wrong with them the build says.
func list(ctx context.Context, dir string, env, flags, packages []string) ([]goPackage, error) {
	args := append([]string{"list", "-e", "-find", "-json=Dir,Name,ImportPath,Standard,TestGoFiles,XTestGoFiles"}, flags...)
	args = append(append(args, "--"), packages...)
	out, err := output(ctx, dir, env, args...)
	if err != nil {
		return nil, err
	}
	var all []goPackage
	dec := json.NewDecoder(bytes.NewReader(out))
	for {
		var p goPackage
		if err := dec.Decode(&p); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
}

func appendEnv(env []string, kv ...string) []string {
	if env == nil {
		env = os.Environ()
	}
	return append(env[:len(env):len(env)], kv...)
}
