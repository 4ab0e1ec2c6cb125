// SPDX-License-Identifier: Apache-2.0

//go:build !cupelcrash

package signing

// crashGuarded does nothing: only a binary built for the crash tests can be
// told to die between the guard and the signature.
func crashGuarded() {}
