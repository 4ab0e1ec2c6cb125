// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/cupel-network/cupel/worker/access"
	"github.com/cupel-network/cupel/worker/crypt"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/journal"
	"github.com/cupel-network/cupel/worker/manifest"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// Vault opens encrypted inputs and keeps encrypted results.
type Vault interface {
	// Open decrypts the file with the digest into dir. An error that wraps
	// crypt.ErrNoKey or crypt.ErrBroken will not mend by itself.
	Open(ctx context.Context, digest, path, dir string) (string, error)
	// FileKey returns the key of the file, or an error that wraps crypt.ErrNoKey.
	FileKey(digest, path string) ([]byte, error)
	// Learn takes the key of a file from another worker.
	Learn(digest, path string, key []byte) error
	// Seal encrypts a file to recipients and keeps it under a name.
	Seal(path, name string, to []string) error
	Remove(name string) error
}

// KeyAsker asks the worker at an endpoint for the key of an encrypted input.
type KeyAsker interface {
	Ask(ctx context.Context, endpoint string, c access.Claims) ([]byte, error)
}

// learn makes sure that an encrypted input can be opened: with the worker's own
// key, else with the key of the file from another provider of the task, until
// Config.FetchFor is over. That it cannot is found out again when it is opened.
func (r *Runner) learn(ctx context.Context, ref manifest.Ref, path string, from mirrors) error {
	end := time.Now().Add(r.cfg.FetchFor)
	for wait := 250 * time.Millisecond; ; wait *= 2 {
		if _, err := r.Vault.FileKey(ref.SHA256, path); !errors.Is(err, crypt.ErrNoKey) {
			return nil
		}
		claims := from.seat
		claims.Digest = ref.SHA256
		for _, endpoint := range r.endpoints(ctx, from) {
			key, err := r.Keys.Ask(ctx, endpoint, claims)
			if err == nil {
				err = r.Vault.Learn(ref.SHA256, path, key)
			}
			if err == nil {
				return nil
			}
			r.Log.Info("another worker did not tell the key of an input", "endpoint", endpoint, "input", ref.SHA256, "err", err)
		}
		if time.Now().Add(wait).After(end) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// decrypt replaces the encrypted files of a task by what is in them. Shred
// removes that again; it is never kept beyond the run.
func (r *Runner) decrypt(ctx context.Context, j *job, in inputs, index uint32, task *engine.Job) (shred func(), err error) {
	run := j.doc.Task(int(index))
	dir := ""
	shred = func() {
		if dir != "" {
			_ = os.RemoveAll(dir) // the next start empties the scratch directory too
		}
	}
	open := func(ref manifest.Ref, to *string) {
		if err != nil || !ref.Encrypted {
			return
		}
		if dir == "" {
			if dir, err = os.MkdirTemp(r.cfg.Scratch, "run-*"); err != nil {
				return
			}
		}
		*to, err = r.Vault.Open(ctx, ref.SHA256, in[ref.SHA256].path, dir)
	}
	if run.Stdin != nil {
		open(*run.Stdin, &task.Stdin)
	}
	for i, f := range run.Inputs {
		open(f.Ref, &task.Files[i].HostPath)
	}
	if err != nil {
		shred()
		return nil, err
	}
	return shred, nil
}

// undecryptable is what became of a task whose inputs do not open.
func undecryptable(ctx context.Context, j *job, err error) (journal.Run, error) {
	switch {
	case ctx.Err() != nil:
		return journal.Run{}, ctx.Err()
	case errors.Is(err, crypt.ErrNoKey), errors.Is(err, crypt.ErrBroken):
		return fault(j, markettypes.OutcomeInputUnavailable, err.Error()), nil
	}
	return journal.Run{}, err
}

// keep stores the artifact of a run: as it is, or so that only those whom the
// document names can read it. The digest is that of the plain one either way.
func (r *Runner) keep(j *job, run *journal.Run, path string) error {
	var err error
	if to := j.doc.ResultsTo; len(to) > 0 {
		run.Sealed = crypt.Name(j.batch.Manifest, run.Digest)
		err = r.Vault.Seal(path, hex.EncodeToString(run.Sealed), to)
	} else {
		err = r.Results.Adopt(path, hex.EncodeToString(run.Digest))
	}
	if err != nil {
		return fmt.Errorf("keep the artifact: %w", err)
	}
	return nil
}
