// Program tells how it was built and started, and ends as it is told to.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"
)

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	l.Close()
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
	case "die":
		fmt.Println("waiting")
		select {}
	}
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
