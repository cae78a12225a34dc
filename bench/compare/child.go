package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
)

// A child is this program once more, for one workload and one subject, so that
// nobody's heap and goroutines stand in another's figures. Requests come on its
// standard input, a line of JSON each, and each is answered with a line. The end
// of the input, which the death of the parent is too, is the child's end.
const childFlag = "-child"

type request struct {
	Workload, Subject string
	Options           Options
}

type answer struct {
	Result  Result
	Skipped string `json:",omitempty"`
	Error   string `json:",omitempty"`
}

// serve is the life of a child.
func serve(in io.Reader, out io.Writer) {
	signal.Ignore(os.Interrupt) // the terminal tells the parent too, who ends us
	requests := make(chan request)
	go func() {
		lines := bufio.NewScanner(in)
		for lines.Scan() {
			var r request
			if json.Unmarshal(lines.Bytes(), &r) != nil {
				break
			}
			requests <- r
		}
		os.Exit(0)
	}()
	enc := json.NewEncoder(out)
	for r := range requests {
		if enc.Encode(run(r)) != nil {
			os.Exit(1)
		}
	}
}

// run does what a request asks for.
func run(r request) (a answer) {
	w := find(r.Workload)
	if w == nil {
		return answer{Error: fmt.Sprintf("there is no workload %q", r.Workload)}
	}
	defer func() {
		if v := recover(); v != nil {
			a = answer{Error: fmt.Sprintf("panic: %v\n%s", v, debug.Stack())}
		}
	}()
	res, err := w.Run(r.Subject, r.Options)
	if err == nil {
		err = w.check(res)
	}
	var reason skipped
	switch {
	case errors.As(err, &reason):
		return answer{Skipped: string(reason)}
	case err != nil:
		return answer{Error: err.Error()}
	}
	return answer{Result: res}
}
