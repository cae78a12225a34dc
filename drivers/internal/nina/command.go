package nina

import "time"

// A Command of the firmware. The replies it may have are in its layout.
type Command byte

// The network, and the older set of sockets.
const (
	SetNetwork    Command = 0x10 // ssid: join an open network
	SetPassphrase Command = 0x11 // ssid, passphrase
	SetIP         Command = 0x14 // 1, address, gateway, mask
	SetDNS        Command = 0x15 // 1, first, second
	SetHostname   Command = 0x16
	StartAP       Command = 0x18 // ssid, channel
	StartAPWPA2   Command = 0x19 // ssid, passphrase, channel
	GetDNS        Command = 0x1E
	GetReason     Command = 0x1F
	GetStatus     Command = 0x20
	GetIP         Command = 0x21 // address, mask, gateway
	GetMAC        Command = 0x22 // the last byte first
	GetRSSI       Command = 0x25
	GetEncryption Command = 0x26
	ScanNetworks  Command = 0x27
	StartServer   Command = 0x28 // port, slot, mode
	ServerState   Command = 0x29
	Available     Command = 0x2B // of a connection bytes, of a server the slot of a connection
	StartClient   Command = 0x2D // address, port, slot, mode, or a name before those
	StopClient    Command = 0x2E
	ClientState   Command = 0x2F // of one that is not connected it frees the slot
	Disconnect    Command = 0x30
	ScanRSSI      Command = 0x32
	ScanAuth      Command = 0x33
	Resolve       Command = 0x34
	Resolved      Command = 0x35
	GetVersion    Command = 0x37
	SendPacket    Command = 0x39
	RemoteAddr    Command = 0x3A
	ScanBSSID     Command = 0x3C
	ScanChannel   Command = 0x3D
	Ping          Command = 0x3E
	FreeSlot      Command = 0x3F
	WriteClient   Command = 0x44
	ReadClient    Command = 0x45
	AppendPacket  Command = 0x46
)

// The sockets of firmware 1.5.0 and later.
const (
	Socket      Command = 0x70
	Close       Command = 0x71
	Errno       Command = 0x72
	Bind        Command = 0x73
	Listen      Command = 0x74
	Accept      Command = 0x75
	Connect     Command = 0x76
	Send        Command = 0x77
	Recv        Command = 0x78
	SendTo      Command = 0x79
	RecvFrom    Command = 0x7A
	Ioctl       Command = 0x7B
	Poll        Command = 0x7C
	SetSockOpt  Command = 0x7D
	GetSockOpt  Command = 0x7E
	GetPeerName Command = 0x7F
)

// Letters of a layout that are no length.
const (
	anyLen = 'v' // a length that only memory bounds
	orNone = '?' // the reply may have no parameters at all
	list   = '*' // any number of parameters of any length
)

// layout returns the lengths of the parameters that a reply to c has, a digit
// each. It is "" for a command that is not known here.
func (c Command) layout() string {
	switch c {
	case GetDNS:
		return "44"
	case GetIP:
		return "444"
	case GetMAC, ScanBSSID:
		return "6"
	case GetRSSI, ScanRSSI, Resolved:
		return "4"
	case ScanNetworks:
		return "*"
	case Available, Ping, WriteClient, Send, SendTo:
		return "2"
	case StartClient:
		return "1?"
	case RemoteAddr:
		return "42"
	case GetVersion, ReadClient, Recv, Ioctl, GetSockOpt:
		return "v"
	case Accept, GetPeerName:
		return "142"
	case RecvFrom:
		return "42v"
	case SetNetwork, SetPassphrase, SetIP, SetDNS, SetHostname, StartAP, StartAPWPA2, GetReason, GetStatus,
		GetEncryption, StartServer, ServerState, StopClient, ClientState, Disconnect, ScanAuth, Resolve,
		SendPacket, ScanChannel, FreeSlot, AppendPacket,
		Socket, Close, Errno, Bind, Listen, Connect, Poll, SetSockOpt:
		return "1"
	}
	return ""
}

// wideRequest tells commands whose parameters have lengths of two bytes.
func (c Command) wideRequest() bool {
	switch c {
	case WriteClient, ReadClient, AppendPacket, Send, SendTo:
		return true
	}
	return false
}

// wideReply tells commands whose replies have lengths of two bytes.
func (c Command) wideReply() bool { return c == ReadClient || c == Recv || c == RecvFrom }

// repeatable tells commands that may be sent again when nobody knows whether
// they were carried out: twice is as once, or, where it is not, the second reply
// says so. It is not for what moves data, takes a socket, or answers only once.
func (c Command) repeatable() bool {
	switch c {
	case GetDNS, GetReason, GetStatus, GetIP, GetMAC, GetRSSI, GetEncryption, ScanNetworks, ScanRSSI, ScanAuth,
		ScanBSSID, ScanChannel, GetVersion, SetNetwork, SetPassphrase, SetIP, SetDNS, SetHostname, StartAP, StartAPWPA2,
		Disconnect, Resolve, Resolved, Ping, ServerState, ClientState, StopClient, RemoteAddr, FreeSlot,
		Close, Errno, Listen, Connect, Ioctl, Poll, SetSockOpt, GetPeerName:
		return true
	}
	return false
}

// slow tells commands that wait for the network. All others are done within
// what memory that is short makes lwIP wait, 20 s.
func (c Command) slow() bool {
	switch c {
	case StartClient, Resolve, WriteClient:
		return true
	}
	return false
}

const quick = 25 * time.Second

// patience is how long the reply to c may take where none takes longer than limit.
func (c Command) patience(limit time.Duration) time.Duration {
	if c.slow() {
		return limit
	}
	return min(limit, quick)
}
