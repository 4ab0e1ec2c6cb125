// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/cupel-network/cupel/worker/engine"
)

// What lies in the shared directory: runs/ID/ holds order.json and the inputs,
// runs/ID/1/ and, after a node was lost, runs/ID/2/ one submission each.
const (
	runsDir      = "runs"
	lockFile     = "lock"
	tagFile      = "tag"
	orderFile    = "order.json"
	scriptFile   = "script.sh"
	intentFile   = "intent"
	slurmIDFile  = "slurm-id"
	claimFile    = "claim"
	runningFile  = "running"
	resultFile   = "result.json"
	logFile      = "log"
	scratchName  = "scratch"
	artifactName = "artifact.tar"

	maxTries     = 2
	maxSmallFile = 4 << 20
)

// order is what a node is told to run. Host paths are names in the run's
// directory.
type order struct {
	Job      engine.Job      `json:"job"`
	Settings json.RawMessage `json:"settings,omitempty"`
}

// report is what a node answers.
type report struct {
	Result engine.Result `json:"result"`
	// Failed is the error of the engine, with which there is no result.
	Failed string `json:"failed,omitempty"`
	Node   string `json:"node"`
}

// write makes the run's directory unless it is there and whole.
func (r *run) write() error {
	if _, err := os.Stat(filepath.Join(r.dir, orderFile)); err == nil {
		return nil
	}
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return fmt.Errorf("make the directory of the run: %w", err)
	}
	job, n := r.job, 0
	put := func(path *string) error {
		if *path == "" {
			return nil
		}
		name := "in-" + strconv.Itoa(n)
		n++
		if err := place(*path, filepath.Join(r.dir, name)); err != nil {
			return err
		}
		*path = name
		return nil
	}
	err := errors.Join(put(&job.Module), put(&job.Stdin))
	job.Files = append([]engine.File(nil), job.Files...)
	for i := range job.Files {
		err = errors.Join(err, put(&job.Files[i].HostPath))
	}
	if err != nil {
		return fmt.Errorf("copy the inputs to the fleet: %w", err)
	}
	return writeJSON(filepath.Join(r.dir, orderFile), order{Job: job, Settings: r.e.opts.Settings})
}

// place makes to the same content as from, without a copy where it can.
func place(from, to string) error {
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// readOrder reads an order; its host paths are whole again.
func readOrder(dir string) (order, error) {
	var o order
	if err := readJSON(filepath.Join(dir, orderFile), &o); err != nil {
		return o, err
	}
	whole := func(path *string) {
		if *path != "" {
			*path = filepath.Join(dir, filepath.Base(*path))
		}
	}
	whole(&o.Job.Module)
	whole(&o.Job.Stdin)
	for i := range o.Job.Files {
		whole(&o.Job.Files[i].HostPath)
	}
	return o, nil
}

// writeJSON makes a file appear at once and whole, on disk.
func writeJSON(path string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return writeFile(path, raw)
}

func writeFile(path string, raw []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(raw)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxSmallFile+1))
	if err == nil && len(raw) > maxSmallFile {
		err = fmt.Errorf("%s has more than %d bytes", path, maxSmallFile)
	}
	return raw, err
}

func readJSON(path string, v any) error {
	raw, err := readSmall(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

// lockWait is how long another holder of a lock may take to go: the sbatch of
// a worker that was killed, say.
const lockWait = 45 * time.Second

// lock takes an advisory lock that its file's copies in child processes share.
func lock(ctx context.Context, path string, wait time.Duration) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	end := time.Now().Add(wait)
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) || time.Now().After(end) {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// locked reports whether another process has the lock.
func locked(path string) bool {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	return errors.Is(unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB), unix.EWOULDBLOCK)
}

func lockDir(ctx context.Context, dir string) (*os.File, error) {
	f, err := lock(ctx, filepath.Join(dir, lockFile), 2*time.Second)
	if err != nil {
		return nil, fmt.Errorf("%w: does another worker use this directory? give each its own engines.slurm.dir", err)
	}
	return f, nil
}

// loadTag returns the word by which Slurm jobs of this directory are told from
// those of other workers.
func loadTag(dir string) (string, error) {
	path := filepath.Join(dir, tagFile)
	raw, err := os.ReadFile(path)
	if tag := strings.TrimSpace(string(raw)); err == nil && len(tag) == 8 && strings.Trim(tag, "0123456789abcdef") == "" {
		return tag, nil
	}
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return "", errors.Join(fmt.Errorf("%s is damaged: remove it once no job of this worker is in Slurm's queue", path), err)
	}
	tag := randomHex(4)
	return tag, writeFile(path, []byte(tag+"\n"))
}
