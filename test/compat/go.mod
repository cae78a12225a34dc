module github.com/netdev-go/netdev/test/compat

go 1.26.0

require (
	github.com/netdev-go/netdev v0.0.0
	tinygo.org/x/drivers v0.33.0
)

require golang.org/x/sys v0.49.0 // indirect

replace github.com/netdev-go/netdev => ../..
