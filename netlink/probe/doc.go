// Package probe finds the network device of the machine that the program runs
// on, so that one source serves the board and the laptop:
//
//	link, dev := probe.Probe()
//	err := link.NetConnect(&netlink.ConnectParams{Ssid: ssid, Passphrase: pass})
//
// On a host that is the device which "netdev run" was told, and the host's
// kernel where the program was started without it. Probe also makes the device
// the current one, with netdev.UseNetdev.
package probe
