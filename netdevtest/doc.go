// Package netdevtest holds a network device to the contract of package netdev.
//
// A driver author calls it once:
//
//	func TestConformance(t *testing.T) {
//		netdevtest.Run(t, func(tb testing.TB) netdev.Netdever {
//			return mydriver.New(…)
//		})
//	}
//
// Each rule of docs/contract.md is a subtest, named by the rule's ID: run one
// with go test -run 'TestConformance/RECV-2_'. Rules about a capability that
// the device does not have are skipped. At the end the report is logged as a
// matrix; "go test -v" shows it.
//
// The rules are tried against a [Peer], the other side of the device's network.
// [Loopback] is the host's own; a device on another network, a simulated one
// for instance, comes with its own Peer in [Config]. The suite assumes nothing
// beyond it: neither a common address, nor a common process, nor a fast device.
// A slow one gets a longer Timeout and Pause.
//
// Each call of the device is bounded in time. One that does not return fails
// its rule, with the goroutine's stack, and the suite goes on.
//
// [Conform] does the same outside "go test", for a command or a test rig. It
// leaves out the two rules that run golang.org/x/net/nettest, which only a
// testing.T can do; the other rules of the group Net ask for the same.
package netdevtest
