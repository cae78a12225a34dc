// Size builds small programs for a 32-bit ARM and prints how much code of ours is in
// each: what a program does not use is not to be linked.
//
//	go run ./bench/size            # the table
//	go run ./bench/size -functions udp
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
)

// programs are the directories below programs, and what they are.
var programs = []struct{ name, is string }{
	{"empty", "nothing"},
	{"udp", "UDP echo, static address"},
	{"udpnet", "the same with package net"},
	{"client", "TCP client, static address"},
	{"clientnames", "TCP client, DHCP and DNS"},
	{"full", "TCP both ways, BBR, UDP, groups, DHCP, DNS"},
}

func main() {
	functions := flag.String("functions", "", "list our functions in a `program`, the largest first")
	flag.Usage = func() {
		out := flag.CommandLine.Output()
		fmt.Fprint(out, "Usage: go run ./bench/size [flags]\n\nBuilds programs for a 32-bit ARM and prints how much code is in each:\n\n")
		for _, p := range programs {
			fmt.Fprintf(out, "  %-12s %s\n", p.name, p.is)
		}
		fmt.Fprint(out, "\nFlags:\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	var err error
	switch {
	case flag.NArg() > 0:
		err = fmt.Errorf("it takes no arguments, only flags: %q; -h lists them", flag.Arg(0))
	case *functions != "":
		err = listFunctions(*functions)
	default:
		err = table()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "size:", err)
		os.Exit(1)
	}
}

// measure builds a program and returns what is in it.
func measure(name string) (*image, error) {
	dir, err := os.MkdirTemp("", "size")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, name)
	if err := build(name, file, "", board...); err != nil {
		return nil, err
	}
	im, err := read(file)
	if err != nil {
		return nil, err
	}
	if err := build(name, file, "-s -w", board...); err != nil {
		return nil, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	im.stripped = int(info.Size())
	return im, nil
}

func table() error {
	var images []*image
	var packages []string
	for _, p := range programs {
		im, err := measure(p.name)
		if err != nil {
			return err
		}
		images = append(images, im)
		for name := range im.ours {
			if !slices.Contains(packages, name) {
				packages = append(packages, name)
			}
		}
	}
	slices.Sort(packages)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', tabwriter.AlignRight|tabwriter.Debug)
	defer w.Flush()
	row := func(name string, value func(*image) int) {
		fmt.Fprint(w, name, "\t")
		for _, im := range images {
			if n := value(im); n != 0 {
				fmt.Fprint(w, n)
			}
			fmt.Fprint(w, "\t")
		}
		fmt.Fprintln(w)
	}
	fmt.Fprint(w, "bytes\t")
	for _, p := range programs {
		fmt.Fprint(w, p.name, "\t")
	}
	fmt.Fprintln(w)
	row("file, stripped", func(im *image) int { return im.stripped })
	row("text", func(im *image) int { return im.text })
	row("text of ours", (*image).sum)
	for _, name := range packages {
		row(name, func(im *image) int { return im.ours[name] })
	}
	return nil
}

func listFunctions(program string) error {
	var names []string
	for _, p := range programs {
		names = append(names, p.name)
	}
	if !slices.Contains(names, program) {
		return fmt.Errorf("there is no program %q; there are %s", program, strings.Join(names, ", "))
	}
	im, err := measure(program)
	if err != nil {
		return err
	}
	slices.SortFunc(im.functions, func(a, b function) int { return b.size - a.size })
	for _, f := range im.functions {
		fmt.Printf("%7d %s\n", f.size, f.name)
	}
	return nil
}
