package compat_test

import (
	"context"
	"errors"
	"net"
	"reflect"
	"testing"

	"github.com/netdev-go/netdev/netlink"
	tinylink "tinygo.org/x/drivers/netlink"
)

func TestConstantsOfNetlinkAreEqual(t *testing.T) {
	for name, c := range map[string][2]int{
		"EventNetUp":        {int(netlink.EventNetUp), int(tinylink.EventNetUp)},
		"EventNetDown":      {int(netlink.EventNetDown), int(tinylink.EventNetDown)},
		"ConnectModeSTA":    {netlink.ConnectModeSTA, tinylink.ConnectModeSTA},
		"ConnectModeAP":     {netlink.ConnectModeAP, tinylink.ConnectModeAP},
		"AuthTypeWPA2":      {netlink.AuthTypeWPA2, tinylink.AuthTypeWPA2},
		"AuthTypeOpen":      {netlink.AuthTypeOpen, tinylink.AuthTypeOpen},
		"AuthTypeWPA":       {netlink.AuthTypeWPA, tinylink.AuthTypeWPA},
		"AuthTypeWPA2Mixed": {netlink.AuthTypeWPA2Mixed, tinylink.AuthTypeWPA2Mixed},
	} {
		if c[0] != c[1] {
			t.Errorf("%s is %d here, %d there", name, c[0], c[1])
		}
	}
	if netlink.DefaultConnectTimeout != tinylink.DefaultConnectTimeout {
		t.Error("DefaultConnectTimeout differs")
	}
}

func TestErrorTextsOfNetlinkAreEqual(t *testing.T) {
	for _, c := range [][2]error{
		{netlink.ErrConnected, tinylink.ErrConnected},
		{netlink.ErrConnectFailed, tinylink.ErrConnectFailed},
		{netlink.ErrConnectTimeout, tinylink.ErrConnectTimeout},
		{netlink.ErrMissingSSID, tinylink.ErrMissingSSID},
		{netlink.ErrShortPassphrase, tinylink.ErrShortPassphrase},
		{netlink.ErrAuthFailure, tinylink.ErrAuthFailure},
		{netlink.ErrAuthTypeNoGood, tinylink.ErrAuthTypeNoGood},
		{netlink.ErrConnectModeNoGood, tinylink.ErrConnectModeNoGood},
		{netlink.ErrNotSupported, tinylink.ErrNotSupported},
	} {
		if c[0].Error() != c[1].Error() {
			t.Errorf("%q here, %q there", c[0], c[1])
		}
	}
}

func TestConnectParamsHaveTheFieldsOfTinyGos(t *testing.T) {
	ours, theirs := reflect.TypeFor[netlink.ConnectParams](), reflect.TypeFor[tinylink.ConnectParams]()
	for i := range theirs.NumField() {
		b := theirs.Field(i)
		a, ok := ours.FieldByName(b.Name)
		if !ok || a.Type.Kind() != b.Type.Kind() || a.Anonymous != b.Anonymous {
			t.Errorf("field %s %v there has no equal here", b.Name, b.Type)
		}
	}
	// Hostname came after v0.33.0.
	if n := ours.NumField() - theirs.NumField(); n != 0 && n != 1 {
		t.Errorf("%d fields here, %d there", ours.NumField(), theirs.NumField())
	}
}

// NetConnect and NetNotify name types of their own package, so unlike Netdever
// neither Netlinker is the other, and a program that goes over to this module
// takes a driver of TinyGo through these few lines.
type adapter struct{ tinylink.Netlinker }

var _ netlink.Netlinker = adapter{}

func (a adapter) NetConnect(p *netlink.ConnectParams) error {
	return translate(a.Netlinker.NetConnect(&tinylink.ConnectParams{
		ConnectMode:     tinylink.ConnectMode(p.ConnectMode),
		Ssid:            p.Ssid,
		Passphrase:      p.Passphrase,
		AuthType:        tinylink.AuthType(p.AuthType),
		Country:         p.Country,
		Retries:         p.Retries,
		ConnectTimeout:  p.ConnectTimeout,
		WatchdogTimeout: p.WatchdogTimeout,
	}))
}

func (a adapter) NetNotify(cb func(netlink.Event)) {
	if cb == nil {
		a.Netlinker.NetNotify(nil)
		return
	}
	a.Netlinker.NetNotify(func(e tinylink.Event) { cb(netlink.Event(e)) })
}

// translate finds our error of the same text: a Supervisor compares by
// identity.
func translate(err error) error {
	if err == nil {
		return nil
	}
	for _, ours := range []error{
		netlink.ErrConnected, netlink.ErrConnectFailed, netlink.ErrConnectTimeout, netlink.ErrMissingSSID,
		netlink.ErrShortPassphrase, netlink.ErrAuthFailure, netlink.ErrAuthTypeNoGood,
		netlink.ErrConnectModeNoGood, netlink.ErrNotSupported,
	} {
		if err.Error() == ours.Error() {
			return ours
		}
	}
	return err
}

// tinyLink is a Netlinker of TinyGo's.
type tinyLink struct {
	cb     func(tinylink.Event)
	params tinylink.ConnectParams
	err    error
}

func (l *tinyLink) NetConnect(p *tinylink.ConnectParams) error {
	l.params = *p
	if l.err == nil && l.cb != nil {
		l.cb(tinylink.EventNetUp)
	}
	return l.err
}
func (l *tinyLink) NetDisconnect()                             {}
func (l *tinyLink) NetNotify(cb func(tinylink.Event))          { l.cb = cb }
func (l *tinyLink) GetHardwareAddr() (net.HardwareAddr, error) { return net.HardwareAddr{2}, nil }

func TestANetlinkerOfTinyGoNeedsAnAdapter(t *testing.T) {
	if _, ok := any(&tinyLink{}).(netlink.Netlinker); ok {
		t.Fatal("it is one of ours as it stands: the adapter has no reason")
	}
	link := &tinyLink{}
	ctx, cancel := context.WithCancel(t.Context())
	s := &netlink.Supervisor{
		Params: &netlink.ConnectParams{Ssid: "home", Passphrase: "12345678", AuthType: netlink.AuthTypeWPA},
		Notify: func(state netlink.State, _ error) {
			if state == netlink.StateUp {
				cancel()
			}
		},
	}
	if err := s.Run(ctx, adapter{link}); err != context.Canceled {
		t.Errorf("Run = %v", err)
	}
	if link.params.Ssid != "home" || link.params.AuthType != tinylink.AuthTypeWPA || link.params.Retries != 1 {
		t.Errorf("the driver was given %+v", link.params)
	}
	if link.cb != nil {
		t.Error("the driver still has the callback")
	}

	link.err = tinylink.ErrMissingSSID
	if err := s.Run(t.Context(), adapter{link}); err != netlink.ErrMissingSSID {
		t.Errorf("Run = %v, want ErrMissingSSID at once", err)
	}
	link.err = errors.New("chip fault")
	if err := (adapter{link}).NetConnect(&netlink.ConnectParams{}); err != link.err {
		t.Errorf("NetConnect = %v, want the driver's own error", err)
	}
}
