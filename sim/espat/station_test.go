package espat_test

import (
	"testing"
	"time"

	"github.com/netdev-go/netdev/sim/espat"
	"github.com/netdev-go/netdev/sim/radio"
)

func home() *radio.Air {
	return radio.New(radio.AccessPoint{
		SSID: `ab\,"c`, Passphrase: `0123456789"\`, Security: radio.WPA2,
		BSSID: [6]byte{0xca, 0xd7, 0x19, 0xd8, 0xa6, 0x44}, Channel: 11, RSSI: -61,
	})
}

func TestJoining(t *testing.T) {
	boot(t, espat.Config{Air: home(), JoinTime: time.Second}, func(r *rig) {
		r.command("ATE0")
		r.ask(`AT+CWJAP="x","y"`, "\r\nERROR\r\n") // CWMODE is 0
		r.command("AT+CWMODE=1")
		r.ask("AT+CWJAP?", "No AP\r\n"+ok)
		r.ask("AT+CWSTATE?", "+CWSTATE:0,\"\"\r\n"+ok)
		r.command(`AT+CIPSTA="10.0.0.2","10.0.0.1","255.255.255.0"`)
		r.ask(`AT+CWJAP="nowhere","0123456789"`, "+CWJAP:3\r\n\r\nERROR\r\n")
		r.ask(`AT+CWJAP="ab\\\,\"c","wrong horse"`, "+CWJAP:2\r\n\r\nERROR\r\n")
		r.ask(`AT+CWJAP="ab\\\,\"c","0123456789\"\\"`, "WIFI CONNECTED\r\nWIFI GOT IP\r\n"+ok)
		r.ask("AT+CWJAP?", `+CWJAP:"ab\\\,\"c","ca:d7:19:d8:a6:44",11,-61,0,1,3,0,1`+"\r\n"+ok)
		r.ask("AT+CWSTATE?", `+CWSTATE:2,"ab\\\,\"c"`+"\r\n"+ok)
		r.ask("AT+CIPSTA?", "+CIPSTA:ip:\"10.0.0.2\"\r\n+CIPSTA:gateway:\"10.0.0.1\"\r\n+CIPSTA:netmask:\"255.255.255.0\"\r\n"+ok)
		r.ask("AT+CIPSTAMAC?", "+CIPSTAMAC:\"02:00:00:00:00:02\"\r\n"+ok)
		r.ask("AT+CWQAP", "WIFI DISCONNECT\r\n"+ok)
		r.ask("AT+CWSTATE?", `+CWSTATE:0,"ab\\\,\"c"`+"\r\n"+ok)
		r.silent(time.Minute) // it does not come back by itself
	})
}

func TestJoiningAgainIsWithWhatWasJoinedLast(t *testing.T) {
	boot(t, espat.Config{}, func(r *rig) {
		r.setUp()
		r.ask("AT+CWQAP", "WIFI DISCONNECT\r\n"+ok)
		r.ask("AT+CWJAP", "WIFI CONNECTED\r\nWIFI GOT IP\r\n"+ok)
		r.ask("AT+CWJAP", "WIFI DISCONNECT\r\nWIFI CONNECTED\r\nWIFI GOT IP\r\n"+ok)
	})
}

func TestAnotherAddressEndsTheLinks(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		r.dial("0")
		r.ask(`AT+CIPSTA="10.0.0.3","10.0.0.1","255.255.255.0"`, "0,CLOSED\r\nWIFI GOT IP\r\n"+ok)
		r.ask("AT+CIPSTA?", "+CIPSTA:ip:\"10.0.0.3\"\r\n+CIPSTA:gateway:\"10.0.0.1\"\r\n+CIPSTA:netmask:\"255.255.255.0\"\r\n"+ok)
		r.dial("0")
		r.ask(`AT+CIPSTA="10.0.0.3","10.0.0.1"`, "\r\nERROR\r\n")
		r.ask(`AT+CIPSTA="10.0.0.300"`, "\r\nERROR\r\n")
	})
}

func TestScanning(t *testing.T) {
	boot(t, espat.Config{Air: home()}, func(r *rig) {
		r.command("ATE0")
		r.ask("AT+CWLAP", "\r\nERROR\r\n")
		r.command("AT+CWMODE=1")
		r.ask("AT+CWLAP", `+CWLAP:(3,"ab\\\,\"c",-61,"ca:d7:19:d8:a6:44",11,-1,-1,4,4,7,1)`+"\r\n"+ok)
		r.ask(`AT+CWLAP="other"`, ok)
	})
}

func TestAnAddressThatNobodyLeasesIsATimeout(t *testing.T) {
	boot(t, espat.Config{}, func(r *rig) {
		r.command("ATE0")
		r.command("AT+CWMODE=1")
		begin := time.Now()
		r.ask(`AT+CWJAP="home","",,,,,,4`, "WIFI CONNECTED\r\nWIFI DISCONNECT\r\n+CWJAP:1\r\n\r\nERROR\r\n")
		if d := time.Since(begin); d != 4*time.Second {
			t.Errorf("after %v", d)
		}
	})
}

func TestALostAccessPointEndsTheLinksAndTheChipComesBack(t *testing.T) {
	air := home()
	boot(t, espat.Config{Air: air}, func(r *rig) {
		r.command("ATE0")
		r.command("AT+CWMODE=1")
		r.command(`AT+CIPSTA="10.0.0.2","10.0.0.1","255.255.255.0"`)
		r.command(`AT+CWJAP="ab\\\,\"c","0123456789\"\\"`)
		r.command("AT+CIPMUX=1")
		r.dial("2")
		air.Drop("")
		r.expect("WIFI DISCONNECT\r\n2,CLOSED\r\n")
		r.ask(`AT+CIPSTART=0,"TCP","10.0.0.1",80`, "no ip\r\n\r\nERROR\r\n")
		time.Sleep(10 * time.Second)
		r.silent(0)
		air.Return("")
		r.expect("WIFI CONNECTED\r\nWIFI GOT IP\r\n")
		r.dial("0")
		r.command("AT+CWRECONNCFG=0,0")
		air.Drop("")
		r.expect("WIFI DISCONNECT\r\n0,CLOSED\r\n")
		air.Return("")
		r.silent(time.Minute)
	})
}

func TestSoftAP(t *testing.T) {
	boot(t, espat.Config{}, func(r *rig) {
		r.command("ATE0")
		r.ask(`AT+CWSAP="ESP","1234567890",5,3`, "\r\nERROR\r\n")
		r.command(`AT+CIPAP="10.0.0.2","10.0.0.2","255.255.255.0"`)
		r.command("AT+CWMODE=2")
		r.command(`AT+CWSAP="ESP","1234567890",5,3`)
		r.ask("AT+CWSAP?", "+CWSAP:\"ESP\",\"1234567890\",5,3,4,0\r\n"+ok)
		r.ask("AT+CIPAP?", "+CIPAP:ip:\"10.0.0.2\"\r\n+CIPAP:gateway:\"10.0.0.2\"\r\n+CIPAP:netmask:\"255.255.255.0\"\r\n"+ok)
		r.command("AT+CIPMUX=1")
		r.command("AT+CIPSERVER=1,80")
		r.call(80)
		r.expect("0,CONNECT\r\n")
	})
}

func TestNamesAndCountries(t *testing.T) {
	boot(t, espat.Config{}, func(r *rig) {
		r.command("ATE0")
		r.ask(`AT+CWHOSTNAME="board"`, "\r\nERROR\r\n")
		r.command("AT+CWMODE=1")
		r.command(`AT+CWHOSTNAME="board"`)
		r.ask("AT+CWHOSTNAME?", "+CWHOSTNAME:board\r\n"+ok)
		r.command(`AT+CWCOUNTRY=1,"DE",1,13`)
		r.ask("AT+CWCOUNTRY?", "+CWCOUNTRY:1,\"DE\",1,13\r\n"+ok)
		r.command(`AT+CIPDNS=1,"10.0.0.1","10.0.0.3"`)
		r.ask("AT+CIPDNS?", "+CIPDNS:1,\"10.0.0.1\",\"10.0.0.3\"\r\n"+ok)
	})
}
