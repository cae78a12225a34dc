package netdevtest

//go:generate go run ./internal/contract/generate
