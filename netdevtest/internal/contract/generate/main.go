// Command generate writes docs/contract.md. It is run by "go generate
// ./netdevtest", in the directory netdevtest.
package main

import (
	"fmt"
	"os"

	"github.com/netdev-go/netdev/netdevtest/internal/contract"
)

func main() {
	text, err := contract.Markdown("..")
	if err == nil {
		err = os.WriteFile("../docs/contract.md", text, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}
