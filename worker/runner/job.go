// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/cupel-network/cupel/worker/artifact"
	"github.com/cupel-network/cupel/worker/manifest"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// job is a batch with its document.
type job struct {
	batch markettypes.Batch
	class string
	doc   manifest.Manifest
	// verifying is the key of the circuit of a PROOF batch.
	verifying []byte
	// broken is why no task of the batch can be run by anybody.
	broken error
}

// unusable reports whether every task of the batch ends without a run.
func (j *job) unusable() bool { return j.broken != nil }

// measured reports whether units are seconds, which differ between runs.
func (j *job) measured() bool { return j.doc.Container != nil }

// maxJobs bounds the cache of documents, which may be large.
const maxJobs = 64

type jobCache struct {
	mu    sync.Mutex
	jobs  map[uint64]*job
	order []uint64
}

func (c *jobCache) get(batch uint64) *job {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.jobs[batch]
}

func (c *jobCache) put(batch uint64, j *job) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.jobs == nil {
		c.jobs = make(map[uint64]*job)
	}
	if _, ok := c.jobs[batch]; !ok {
		c.order = append(c.order, batch)
	}
	c.jobs[batch] = j
	if len(c.order) > maxJobs {
		delete(c.jobs, c.order[0])
		c.order = c.order[1:]
	}
}

// load returns the batch with its document. An error means that the chain did
// not say; a document that cannot be had or read is job.broken.
func (r *Runner) load(ctx context.Context, batch uint64) (*job, error) {
	if j := r.jobs.get(batch); j != nil {
		return j, nil
	}
	b, err := r.Market.Batch(ctx, batch)
	if err != nil {
		return nil, fmt.Errorf("read batch %d: %w", batch, err)
	}
	j := &job{batch: b.Batch, class: b.Class}
	doc, err := r.document(ctx, b.Batch)
	var unusable *unusableError
	switch {
	case errors.As(err, &unusable):
		j.broken = err
		return j, nil // not cached: the next attempt may have more luck
	case err != nil:
		return nil, err
	}
	j.doc, j.broken = decode(doc, b)
	if err := r.loadCircuit(ctx, j); err != nil {
		return nil, err
	}
	r.jobs.put(batch, j)
	return j, nil
}

// unusableError is content that could not be had, as opposed to a chain that
// did not answer.
type unusableError struct{ err error }

// Error implements error.
func (e *unusableError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *unusableError) Unwrap() error { return e.err }

// document returns the bytes that have the hash that is on chain.
func (r *Runner) document(ctx context.Context, b markettypes.Batch) ([]byte, error) {
	res, err := r.Market.Manifest(ctx, b.Id)
	if err != nil {
		return nil, fmt.Errorf("read the manifest of batch %d: %w", b.Id, err)
	}
	if len(res.Manifest) > 0 {
		if !bytes.Equal(manifest.Hash(res.Manifest), b.Manifest) {
			return nil, fmt.Errorf("the node's manifest of batch %d does not match its hash", b.Id)
		}
		return res.Manifest, nil
	}
	path, err := r.obtain(ctx, artifact.Source{SHA256: hex.EncodeToString(b.Manifest), Limit: manifest.MaxSize, URIs: []string{res.Uri}})
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > manifest.MaxSize {
		return nil, &unusableError{fmt.Errorf("manifest has %d bytes, at most %d are allowed", info.Size(), manifest.MaxSize)}
	}
	return os.ReadFile(path)
}

// decode says for every worker alike whether the document can be used.
func decode(raw []byte, b *markettypes.QueryBatchResponse) (manifest.Manifest, error) {
	doc, err := manifest.Decode(raw)
	switch {
	case err != nil:
		return doc, err
	case doc.Class != b.Class:
		return doc, fmt.Errorf("manifest is for class %s, the batch for %s", doc.Class, b.Class)
	case len(doc.Tasks) != int(b.Batch.Count):
		return doc, fmt.Errorf("manifest has %d tasks, the batch %d", len(doc.Tasks), b.Batch.Count)
	case (doc.Proof != nil) != (b.Batch.Policy == markettypes.PolicyProof):
		return doc, fmt.Errorf("class %s does not answer batches that are %s", doc.Class, b.Batch.Policy)
	case doc.Proof != nil && doc.Proof.Circuit != b.Batch.Circuit:
		return doc, fmt.Errorf("manifest is for circuit %d, the batch for %d", doc.Proof.Circuit, b.Batch.Circuit)
	}
	return doc, nil
}

// obtain fetches content, trying again until Config.FetchFor is over.
// Something that can never be fetched is given up at once.
func (r *Runner) obtain(ctx context.Context, src artifact.Source) (string, error) {
	end := time.Now().Add(r.cfg.FetchFor)
	for wait := 250 * time.Millisecond; ; wait *= 2 {
		path, err := r.Fetcher.Fetch(ctx, src)
		if err == nil {
			return path, nil
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		hopeless := errors.Is(err, artifact.ErrForbidden) || errors.Is(err, artifact.ErrTooLarge)
		if hopeless && len(src.URIs) == 1 || time.Now().Add(wait).After(end) {
			return "", &unusableError{err}
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(wait):
		}
	}
}
