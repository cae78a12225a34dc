module github.com/netdev-go/netdev

go 1.25.0
