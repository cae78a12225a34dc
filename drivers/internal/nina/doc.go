// Package nina speaks to the firmware of a NINA-W102 WiFi module, or of any
// other ESP32 that runs it, over SPI and a few pins.
//
// An exchange is two transfers: a command, and when READY has fallen again the
// reply. The bus has no checksum, and nothing but their order tells the two
// apart, so everything that a reply can be checked by is checked, and a [Port]
// that has lost its place finds it again before it goes on.
package nina
