package espat_test

import (
	"strings"
	"testing"
	"time"

	"github.com/netdev-go/netdev/sim/bus"
	"github.com/netdev-go/netdev/sim/espat"
	"github.com/netdev-go/netdev/sim/radio"
)

func TestTheChipBootsWithNoiseAndReady(t *testing.T) {
	boot(t, espat.Config{BootNoise: []byte("\xFF\x00OK\xFE"), BootTime: time.Second}, func(r *rig) {
		begin := time.Now()
		r.Enable(false)
		r.write("AT\r\n") // to nobody
		r.Enable(true)
		r.expect("\xFF\x00OK\xFE\r\nready\r\n")
		if d := time.Since(begin); d != time.Second {
			t.Errorf("it boots in %v", d)
		}
	})
}

func TestItEchoesUntilATE0(t *testing.T) {
	boot(t, espat.Config{}, func(r *rig) {
		r.ask("AT", "AT\r\n\r\nOK\r\n")
		r.ask("ATE0", "ATE0\r\n\r\nOK\r\n")
		r.ask("AT", "\r\nOK\r\n")
		r.ask("ATE1", "\r\nOK\r\n")
		r.ask("AT", "AT\r\n\r\nOK\r\n")
	})
}

func TestWhatIsNoCommandIsAnError(t *testing.T) {
	boot(t, espat.Config{}, func(r *rig) {
		r.command("ATE0")
		for _, line := range []string{"at", "OK", "AT+NOSUCH", "ATX", "AT+RST?", "AT+GMR=1", "AT+CIPMUX=2", "AT+CIPMUX=", "AT+CIPMUX=1,1", `AT+CWJAP="a`} {
			r.ask(line, "\r\nERROR\r\n")
		}
		r.write("\r\n\n")
		r.command("AT+SYSLOG=1")
		r.ask("AT+FAKE", "ERR CODE:0x01090000\r\n\r\nERROR\r\n")
	})
}

func TestALineTooLongIsAbuse(t *testing.T) {
	boot(t, espat.Config{}, func(r *rig) {
		r.command("ATE0")
		r.ask("AT+CWJAP=\""+strings.Repeat("x", 300), "\r\nERROR\r\n")
		if r.Stats().Abuse != 1 {
			t.Error("it is not counted")
		}
		r.ask("AT", ok)
	})
}

func TestWhatComesWhileACommandRunsIsBusyAndForgotten(t *testing.T) {
	boot(t, espat.Config{ScanTime: time.Second}, func(r *rig) {
		r.command("ATE0")
		r.command("AT+CWMODE=1")
		r.write("AT+CWLAP\r\nAT+CIPMUX=1\r\n")
		r.expect("\r\nbusy p...\r\n+CWLAP:")
		r.until(ok)
		r.ask("AT+CIPMUX?", "+CIPMUX:0\r\n"+ok)
		if got := r.Stats().Busy; got != 1 {
			t.Errorf("busy %d times", got)
		}
	})
}

func TestVersion(t *testing.T) {
	boot(t, espat.Config{Firmware: "2.2.0.0"}, func(r *rig) {
		r.command("ATE0")
		if got := r.command("AT+GMR"); !strings.HasPrefix(got, "AT version:2.2.0.0(") || !strings.Contains(got, "\r\nBin version:v2.2.0.0(") {
			t.Errorf("%q", got)
		}
	})
}

func TestResets(t *testing.T) {
	for name, f := range map[string]func(r *rig){
		"AT+RST": func(r *rig) { r.ask("AT+RST", ok) },
		"pin": func(r *rig) {
			r.Enable(false)
			r.Enable(true)
		},
		"crash": func(r *rig) {
			r.Crash()
			r.expect("\r\nWill force to restart!!!\r\n")
		},
	} {
		t.Run(name, func(t *testing.T) {
			boot(t, espat.Config{}, func(r *rig) {
				r.setUp()
				fd := r.dial("0")
				r.command("AT+CIPSERVER=1,80")
				r.command(`AT+CIPSTART=3,"UDP","10.0.0.1",99`)
				f(r)
				r.until("\r\nready\r\n")
				r.noSockets()
				if _, err := r.peer.Recv(fd, make([]byte, 1), 0, soon()); err == nil {
					t.Error("the peer's connection lives")
				}
				r.ask("AT", "AT"+"\r\n"+ok)
				r.command("ATE0")
				r.ask("AT+CIPMUX?", "+CIPMUX:0\r\n"+ok)
				r.ask("AT+CWMODE?", "+CWMODE:0\r\n"+ok)
				if got := r.Stats().Resets; got != 1 {
					t.Errorf("%d resets", got)
				}
			})
		})
	}
}

func TestWhatIsInFlashOutlastsAResetAndTheChipJoinsUnasked(t *testing.T) {
	boot(t, espat.Config{}, func(r *rig) {
		r.command("ATE0")
		r.command("AT+CWMODE=1")
		r.command(`AT+CIPSTA="10.0.0.2","10.0.0.1","255.255.255.0"`)
		r.command(`AT+CWJAP="home","correct horse"`)
		r.ask("AT+RST", ok)
		r.until("\r\nready\r\n")
		r.expect("WIFI CONNECTED\r\nWIFI GOT IP\r\n")
		r.command("ATE0")
		r.ask("AT+CWSTATE?", "+CWSTATE:2,\"home\"\r\n"+ok)
		r.ask("AT+RESTORE", ok)
		r.until("\r\nready\r\n")
		r.silent(time.Minute)
		r.command("ATE0")
		r.ask("AT+CWMODE?", "+CWMODE:0\r\n"+ok)
	})
}

func TestASilentChipAnswersLate(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		r.Silence(time.Second)
		begin := time.Now()
		r.ask("AT", ok)
		if d := time.Since(begin); d < time.Second {
			t.Errorf("after %v", d)
		}
	})
}

func TestFaultsMeetBytesOfEachDirection(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		r.Inject(nil, bus.Nth(2, bus.Lose))
		r.ask("AT", "\r\nK\r\n")
		r.Inject(bus.Nth(1, bus.Double), nil)
		r.ask("AT", "\r\nERROR\r\n") // ATT
		r.Inject(bus.Nth(2, bus.Lose), bus.Nth(0, bus.Double))
		r.write("AT\r\n") // LF alone ends a line too
		r.expect("\r\r\nOK\r\n")
		r.Inject(nil, nil)
		r.ask("AT", ok)
	})
}

// A ring of 128 bytes at 115200 holds what comes in 11 ms.
func TestARingThatNobodyReadsLosesBytes(t *testing.T) {
	c := espat.Config{Baud: espat.Baud, Ring: espat.RingTinyGo, Air: radio.New(
		radio.AccessPoint{SSID: strings.Repeat("a", 32)}, radio.AccessPoint{SSID: strings.Repeat("b", 32)})}
	boot(t, c, func(r *rig) {
		r.command("ATE0")
		r.command("AT+CWMODE=1")
		r.write("AT+CWLAP\r\n")
		time.Sleep(time.Second)
		r.more(0)
		if got := r.Stats().Lost; len(r.got) != 128 || got == 0 {
			t.Errorf("%d bytes are there, %d were lost", len(r.got), got)
		}
	})
}

func TestNothingIsLeftAfterStop(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		l := r.serve(80)
		r.write(`AT+CIPSTART=0,"TCP","10.0.0.9",80` + "\r\n") // nobody answers
		time.Sleep(time.Millisecond)
		must(t, r.Stop())
		r.noSockets()
		must(t, r.Stop())
		r.Enable(true)
		r.Crash()
		must(t, r.peer.Close(l))
	})
}
