// Package broken has devices that break one promise of the contract each, on
// purpose. They prove that package netdevtest catches what it claims to.
package broken
