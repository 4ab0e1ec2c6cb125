// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/cupel-network/cupel/worker/engine"
)

// EvidenceName is the file of an artifact that holds the evidence of a SCORED
// run. It is a part of the artifact, so that the reveal commits to it: a
// provider cannot show one committee this and another one that.
const EvidenceName = engine.OutPrefix + ".cupel/evidence.json"

// EvidenceVersion is the version of the format.
const EvidenceVersion = "cupel/evidence/v1"

// maxEvidence is the most bytes of the file: 20,000 names of 256 bytes.
const maxEvidence = 8 << 20

// Job is what an evidence says it is of.
type Job struct {
	ChainID string `json:"chain_id"`
	Task    uint64 `json:"task"`
	// Attempt is the fencing token of the seat.
	Attempt uint32 `json:"attempt"`
	// Manifest is the sha256 of the document, lower-case hex.
	Manifest string `json:"manifest"`
	Class    string `json:"class"`
	// Program is the sha256 of the module, or the image by its digest.
	Program string `json:"program"`
}

// Node is where it ran.
type Node struct {
	// Operator and Worker are bech32 addresses.
	Operator string `json:"operator"`
	Worker   string `json:"worker"`
}

// Log is a file of the artifact with its hash.
type Log struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Evidence is the bundle: what ran where, how it ended, how long it took, and
// the hashes of its logs and files.
type Evidence struct {
	Version string `json:"version"`
	Job     Job    `json:"job"`
	Node    Node   `json:"node"`
	// Outcome and ExitCode are the completion marker.
	Outcome  string `json:"outcome"`
	ExitCode int32  `json:"exit_code"`
	Units    uint64 `json:"units"`
	// Started and Finished are Unix milliseconds.
	Started  int64 `json:"started_ms"`
	Finished int64 `json:"finished_ms"`
	// Files are standard output and error and all files of out/, by name.
	Files []Log `json:"files"`
}

// Ran fills in how a run went that ended at a time.
func (e *Evidence) Ran(res engine.Result, finished time.Time) {
	e.Version, e.Outcome, e.ExitCode, e.Units = EvidenceVersion, res.Outcome.String(), res.ExitCode, res.Fuel
	e.Finished = finished.UnixMilli()
	e.Started = e.Finished - res.Wall.Milliseconds()
}

// Seal writes the artifact at path again with its evidence to another path, and
// returns the digest. What the job wrote under the name of the evidence is left
// out.
func Seal(path, to string, e Evidence) (digest [sha256.Size]byte, err error) {
	a, err := engine.OpenArtifact(path, engine.ArtifactLimits{})
	if err != nil {
		return digest, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if e.Files, err = logs(a); err != nil {
		return digest, err
	}
	bundle, err := json.Marshal(e)
	if err != nil {
		return digest, err
	}
	entries := []engine.Entry{engine.BytesEntry(EvidenceName, bundle)}
	for _, f := range e.Files {
		entries = append(entries, engine.Entry{Name: f.Name, Size: f.Size, Open: func() (io.ReadCloser, error) {
			r, err := a.Open(f.Name)
			return io.NopCloser(r), err
		}})
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return digest, err
	}
	sum := sha256.New()
	err = engine.WriteArtifact(io.MultiWriter(out, sum), a.Meta, entries)
	return [sha256.Size]byte(sum.Sum(nil)), errors.Join(err, out.Close())
}

// logs are the files of an artifact but its evidence, by name.
func logs(a *engine.Artifact) ([]Log, error) {
	var all []Log
	for _, entry := range a.Entries {
		if entry.Name == EvidenceName {
			continue
		}
		r, err := a.Open(entry.Name)
		if err != nil {
			return nil, err
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, r); err != nil {
			return nil, fmt.Errorf("read %s of an artifact: %w", entry.Name, err)
		}
		all = append(all, Log{Name: entry.Name, Size: entry.Size, SHA256: hex.EncodeToString(sum.Sum(nil))})
	}
	return all, nil
}

// readEvidence returns the evidence of an artifact; ok is false if it has none
// that can be read.
func readEvidence(a *engine.Artifact) (e Evidence, ok bool) {
	r, err := a.Open(EvidenceName)
	if err != nil || r.Size() > maxEvidence {
		return e, false
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return e, false
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if dec.Decode(&e) != nil {
		return e, false
	}
	_, err = dec.Token()
	return e, errors.Is(err, io.EOF) && e.Version == EvidenceVersion
}
