// SPDX-License-Identifier: Apache-2.0

package container

// Unmounted makes an engine do as one whose worker may not mount.
func (e *Engine) Unmounted() { e.mounts = false }
