package main

import (
	"os"
	"strconv"
)

// A wholeFile becomes the file of its name when it is committed. Until then
// what that name stood for is untouched.
type wholeFile struct {
	*os.File
	name string // "" where nothing is to be renamed
}

func createWhole(name string) (*wholeFile, error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		// A device or a pipe is written to, and is not replaced.
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		return &wholeFile{File: f}, err
	}
	f, err := os.OpenFile(name+"."+strconv.Itoa(os.Getpid())+".part", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	return &wholeFile{f, name}, err
}

func (f *wholeFile) discard() {
	f.Close()
	if f.name != "" {
		os.Remove(f.File.Name())
	}
}

func (f *wholeFile) commit() error {
	err := f.Close()
	if err == nil && f.name != "" {
		err = os.Rename(f.File.Name(), f.name)
	}
	if err != nil {
		f.discard()
	}
	return err
}
