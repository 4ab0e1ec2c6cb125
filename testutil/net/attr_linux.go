// SPDX-License-Identifier: Apache-2.0

package net

import "syscall"

// attributes: no process outlives the one that started it.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
