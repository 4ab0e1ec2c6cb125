// SPDX-License-Identifier: Apache-2.0

package relayer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Pause is why and since when a target is paused.
type Pause struct {
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

// Pauses keeps one file per paused target, so that a pause reaches a running
// relayer at its next step and outlives a restart. It implements mirror.Gate.
type Pauses struct{ dir string }

// NewPauses keeps the files below a relayer's home.
func NewPauses(home string) Pauses { return Pauses{filepath.Join(home, "paused")} }

func (p Pauses) path(target string) string { return filepath.Join(p.dir, target+".json") }

// Paused implements mirror.Gate. A file that cannot be read is an error:
// whether the target is paused is then unknown, and nothing is sent.
func (p Pauses) Paused(target string) (string, bool, error) {
	text, err := os.ReadFile(p.path(target))
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", true, err
	}
	var pause Pause
	if err := json.Unmarshal(text, &pause); err != nil {
		return "", true, fmt.Errorf("%s: %w (cupel-relayer resume %s removes it)", p.path(target), err, target)
	}
	return "paused by the operator: " + pause.Reason, true, nil
}

// Set pauses a target. A pause of before is replaced.
func (p Pauses) Set(target string, pause Pause) error {
	text, err := json.Marshal(pause)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return fmt.Errorf("pause %s: %w", target, err)
	}
	return writeSynced(p.path(target), text)
}

// Clear resumes a target. It is a no-op for one that is not paused.
func (p Pauses) Clear(target string) error {
	if err := os.Remove(p.path(target)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("resume %s: %w", target, err)
	}
	return nil
}

// writeSynced puts a file in place in one step, on disk before it returns.
func writeSynced(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), path)
}
