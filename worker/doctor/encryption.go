// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"context"
	"errors"
	"io/fs"

	"github.com/cupel-network/cupel/worker/crypt"
)

// EncryptionKey checks the file of the age identities. A worker without one
// runs all but private jobs.
func EncryptionKey(path string) Check {
	return Check{"encryption", func(context.Context) []Finding {
		ids, err := crypt.Load(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return []Finding{warn("run cupel-worker init, and register the encryption_key that cupel-worker encryption-key shows", "%s is not there: inputs of private jobs cannot be opened", path)}
		case err != nil:
			return []Finding{fail("restore it from your backup, or run chmod 600 on it", "%v", err)}
		}
		return []Finding{okay("%s opens what is encrypted to %s", path, ids.Recipient())}
	}}
}
