package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// machine tells where and of what the figures are.
func machine(count int, size Size) []string {
	lines := []string{
		fmt.Sprintf("%s, %d cores, %s/%s, %s", processor(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version()),
		time.Now().Format("2006-01-02 15:04") + described(),
		fmt.Sprintf("medians of %d (least–most), %s of each loop after a warm-up; ratios say how many times better, run by run", count, size.Length()),
	}
	if load := load(); load != "" {
		lines[1] += ", load before the start " + load
	}
	return lines
}

func processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

// load is the average of the last minute, where the system tells it.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(b), " ")
	return first
}

// described is the commit that is measured, where git knows it.
func described() string {
	cmd := exec.Command("git", "describe", "--always", "--dirty", "--tags")
	cmd.Dir = os.Getenv(launcherEnv)
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	return ", netdev " + strings.TrimSpace(string(out))
}
