package main

import (
	"gvisor.dev/gvisor/pkg/tcpip/link/pipe"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// softwareGSO is a pipe that has TCP make long segments and cut them itself.
type softwareGSO struct{ *pipe.Endpoint }

func (softwareGSO) GSOMaxSize() uint32 { return stack.GVisorGSOMaxSize }

func (softwareGSO) SupportedGSO() stack.SupportedGSO { return stack.GVisorGSOSupported }

// hostGSO is a pipe whose peer takes packets of any length: gVisor's host GSO, with
// nobody there who has to cut them. As on a virtual network card the checksums of
// TCP are neither computed nor verified.
type hostGSO struct{ *pipe.Endpoint }

// GSOMaxSize is the longest that IPv4 has a length for.
func (hostGSO) GSOMaxSize() uint32 { return 1<<16 - 1 }

func (hostGSO) SupportedGSO() stack.SupportedGSO { return stack.HostGSOSupported }

func (hostGSO) Capabilities() stack.LinkEndpointCapabilities {
	return stack.CapabilityTXChecksumOffload | stack.CapabilityRXChecksumOffload
}

var (
	_ stack.GSOEndpoint = softwareGSO{}
	_ stack.GSOEndpoint = hostGSO{}
)
