// The command footprint prints how many bytes the profile of a small board takes at
// most on the machine that it is built for.
package main

import (
	"fmt"

	"github.com/netdev-go/netdev/stack"
)

func main() { fmt.Println(stack.SmallBoard().Memory().Total()) }
