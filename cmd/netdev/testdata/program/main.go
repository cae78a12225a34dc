// Program tells how it was built and started, and ends as it is told to.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"
)

func main() {
	if err := talkToItself(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	if len(os.Args) < 2 {
		fmt.Println("tags", tags())
		return
	}
	switch args := os.Args[2:]; os.Args[1] {
	case "tell":
		in, _ := io.ReadAll(os.Stdin)
		dir, _ := os.Getwd()
		fmt.Printf("args %q env %q dir %q stdin %q\n", args, os.Getenv("PROGRAM_TEST"), dir, in)
		fmt.Fprintln(os.Stderr, "this is an error")
	case "exit":
		code, _ := strconv.Atoi(args[0])
		os.Exit(code)
	case "wait":
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
		fmt.Println("waiting")
		fmt.Println(<-signals)
		os.Exit(3)
	case "serve":
		l, err := net.Listen("tcp", args[0])
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("serving")
		http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "good day, %s\n", r.UserAgent())
		}))
	case "die":
		fmt.Println("waiting")
		select {}
	}
}

// talkToItself needs nothing but the loopback address.
func talkToItself() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return err
	}
	defer c.Close()
	in, err := l.Accept()
	if err != nil {
		return err
	}
	defer in.Close()
	if _, err := io.WriteString(c, "hello"); err != nil {
		return err
	}
	_, err = io.ReadFull(in, make([]byte, 5))
	return err
}

func tags() string {
	info, _ := debug.ReadBuildInfo()
	for _, s := range info.Settings {
		if s.Key == "-tags" {
			return s.Value
		}
	}
	return "none"
}
