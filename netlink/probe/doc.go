// Package probe finds the network device of the machine that the program runs
// on, so that one source serves the board and the laptop:
//
//	link, dev := probe.Probe()
//	err := link.NetConnect(&netlink.ConnectParams{Ssid: ssid, Passphrase: pass})
//
// Probe makes the device the current one, with netdev.UseNetdev.
//
// On a board it is the one that TinyGo's target has, by its build tag: ninafw
// (Arduino Nano 33 IoT, Nano RP2040 Connect, MKR WiFi 1010, PyPortal and others
// with a NINA-W102), wioterminal, challenger_rp2040; and w5500_evb_pico, which is
// to be given with -tags.
//
// On a host it is the device which "netdev run" was told, and the host's
// kernel where the program was started without it.
package probe
