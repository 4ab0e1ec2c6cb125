// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"encoding/hex"
	"errors"
	"log/slog"

	"github.com/cupel-network/cupel/worker/artifact"
	"github.com/cupel-network/cupel/worker/journal"
)

// tidy removes results that no record names: a crash left them between a result
// and its record, or between a batch that was forgotten and its files. An empty
// journal may be a lost one: then nothing is removed.
func tidy(j *journal.Journal, log *slog.Logger, stores ...*artifact.Store) error {
	named, err := j.Files()
	if err != nil || len(named) == 0 {
		return err
	}
	removed := 0
	var all []error
	for _, s := range stores {
		n, err := s.Retain(func(name string) bool {
			raw, err := hex.DecodeString(name)
			return err == nil && named[string(raw)]
		})
		removed += n
		all = append(all, err)
	}
	if removed > 0 {
		log.Info("removed results that nobody waits for", "files", removed)
	}
	return errors.Join(all...)
}
