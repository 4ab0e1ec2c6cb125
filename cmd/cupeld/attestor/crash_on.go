// SPDX-License-Identifier: Apache-2.0

//go:build cupelcrash

package attestor

import (
	"os"
	"syscall"
)

// CrashEnv set to "committing", "committed" or "revealing" makes the process
// kill itself there. Binaries without the build tag ignore it.
const CrashEnv = "CUPEL_CRASH_AFTER"

// crash ends the process as kill -9 does: no deferred call runs.
func crash(point string) {
	if os.Getenv(CrashEnv) != point {
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}
