package netdevtest_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/internal/bare"
	"github.com/netdev-go/netdev/netdevtest"
)

// Two devices side by side, outside "go test". Under it a driver author calls
// Run instead.
func ExampleConform() {
	devices := map[string]netdev.Netdever{"host": host.New(), "bare": bare.Device(host.New())}
	var reports []*netdevtest.Report
	for _, name := range []string{"host", "bare"} {
		report, err := netdevtest.Conform(context.Background(), netdevtest.Config{
			Name:  name,
			New:   func(testing.TB) netdev.Netdever { return devices[name] },
			Rules: []string{"RECV", "CLOSE", "SNAME", "POLL"},
			// One device for all rules, so one rule after the other.
			Parallel: 1,
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, res := range report.Failures() {
			fmt.Println(res.ID, res.Text, res.Detail)
		}
		reports = append(reports, report)
	}
	netdevtest.Matrix(os.Stdout, reports...)
	// Output:
	//           host  bare
	// Recv      ✔ 11  ✔ 11
	// Close     ✔ 8   ✔ 8
	//
	// SockName  ✔ 6   –
	// Poll      ✔ 14  –
}
