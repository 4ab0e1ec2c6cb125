// SPDX-License-Identifier: Apache-2.0

//go:build !cupelcrash

package attestor

// crash does nothing: only a binary built for the crash tests can be told to
// die at a point.
func crash(string) {}
