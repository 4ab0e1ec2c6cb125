// SPDX-License-Identifier: Apache-2.0

package wasm

import "syscall"

// childAttr puts the child into its own process group, lets it die with the
// parent and, when isolated, into its own namespaces.
func childAttr(isolated bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
