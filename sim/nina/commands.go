package nina

// handlers are the commands by their number.
var handlers [0x80]handler

func init() {
	handlers = [0x80]handler{
		0x10: setNet,
		0x11: setPassphrase,
		0x12: setKey,
		0x14: setIPConfig,
		0x15: setDNSConfig,
		0x16: setHostname,
		0x17: acknowledge, // power mode
		0x18: setAPNet,
		0x19: setAPPassphrase,
		0x1A: acknowledge, // debug
		0x1B: getTemperature,
		0x1E: getDNSConfig,
		0x1F: getReason,

		0x20: getStatus,
		0x21: getIP,
		0x22: getMAC,
		0x23: getSSID,
		0x24: getBSSID,
		0x25: getRSSI,
		0x26: getEncryption,
		0x27: scan,
		0x28: startServer,
		0x29: getServerState,
		0x2A: acknowledge, // data sent
		0x2B: getAvailable,
		0x2C: getByte,
		0x2D: startClient,
		0x2E: stopSlot,
		0x2F: getClientState,

		0x30: disconnect,
		0x32: getFoundRSSI,
		0x33: getFoundEncryption,
		0x34: requestHostByName,
		0x35: getHostByName,
		0x36: acknowledge, // start scan
		0x37: getVersion,
		0x39: sendDatagram,
		0x3A: getRemote,
		0x3B: getTime,
		0x3C: getFoundBSSID,
		0x3D: getFoundChannel,
		0x3E: ping,
		0x3F: getSocket,

		0x40: setEnterprise,
		0x44: sendData,
		0x45: getData,
		0x46: insertData,

		0x50: acknowledge, // pin mode
		0x51: acknowledge, // digital write
		0x52: acknowledge, // analog write
		0x53: getZero,     // digital read
		0x54: getAnalog,

		0x70: bsdSocket,
		0x71: bsdClose,
		0x72: bsdErrno,
		0x73: bsdBind,
		0x74: bsdListen,
		0x75: bsdAccept,
		0x76: bsdConnect,
		0x77: bsdSend,
		0x78: bsdRecv,
		0x79: bsdSendTo,
		0x7A: bsdRecvFrom,
		0x7B: bsdIoctl,
		0x7C: bsdPoll,
		0x7D: bsdSetSockOpt,
		0x7E: bsdGetSockOpt,
		0x7F: bsdGetPeerName,
	}
}
