package dns

import (
	"context"

	"golang.org/x/net/dns/dnsmessage"
)

// lower returns name in lower case. It is ASCII.
func lower(name string) string {
	for i := 0; i < len(name); i++ {
		if 'A' <= name[i] && name[i] <= 'Z' {
			b := []byte(name)
			for j := range b[i:] {
				if 'A' <= b[i+j] && b[i+j] <= 'Z' {
					b[i+j] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return name
}

func (c *Client) resolve(ctx context.Context, name string, qtype dnsmessage.Type) (answer, error) {
	return answer{}, &Error{Name: name, Err: ErrNoServers}
}
