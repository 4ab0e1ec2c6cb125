// SPDX-License-Identifier: Apache-2.0

//go:build linux && !amd64

package sandbox

import "errors"

// filterSyscalls is written for the architecture of the class only.
func filterSyscalls() error { return errors.New("written for amd64 only") }
