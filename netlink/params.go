package netlink

// minPassphrase is WPA's own minimum.
const minPassphrase = 8

// Validate says what a WiFi device cannot connect with: ErrConnectModeNoGood,
// ErrAuthTypeNoGood, ErrMissingSSID or ErrShortPassphrase. An empty Passphrase
// is that of an open network unless AuthType asks for protection by more than
// its zero value.
func (p *ConnectParams) Validate() error {
	if p.ConnectMode != ConnectModeSTA && p.ConnectMode != ConnectModeAP {
		return ErrConnectModeNoGood
	}
	if p.AuthType < AuthTypeWPA2 || p.AuthType > AuthTypeWPA2Mixed {
		return ErrAuthTypeNoGood
	}
	if p.Ssid == "" {
		return ErrMissingSSID
	}
	if !p.IsOpen() && len(p.Passphrase) < minPassphrase {
		return ErrShortPassphrase
	}
	return nil
}

// IsOpen reports whether the network is without protection.
func (p *ConnectParams) IsOpen() bool {
	return p.AuthType == AuthTypeOpen || p.AuthType == AuthTypeWPA2 && p.Passphrase == ""
}
