// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/crypt"
	"github.com/cupel-network/cupel/worker/engine"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// fetchRounds is how often all providers are tried.
const fetchRounds = 3

// artifactOverhead is what an artifact may be larger than the output limit.
const artifactOverhead = 32 << 20

// errMismatch means that a provider serves other bytes than it answered for.
var errMismatch = errors.New("the bytes have another sha256 than the chain says")

// artifactLimits bounds the artifact of a task by what its batch allows.
func artifactLimits(b markettypes.Batch) engine.ArtifactLimits {
	return engine.ArtifactLimits{Bytes: int64(b.Limits.OutputKib)<<10 + artifactOverhead}
}

// fetch downloads the artifact of a task into a temporary file in dir and
// returns its path; an empty dir is that of temporary files. A download that was
// interrupted goes on where it was, unless it is encrypted or dir is empty. Every provider whose result is the agreed one is tried;
// only bytes with the digest on the chain are kept.
func (s *session) fetch(ctx context.Context, b markettypes.Batch, t markettypes.TaskView, dir string) (string, error) {
	var misses []string
	mismatch := false
	for round := range fetchRounds {
		if round > 0 {
			if err := s.pause(ctx); err != nil {
				return "", err
			}
		}
		misses = misses[:0]
		for _, id := range t.Right {
			path, err := s.fetchFrom(ctx, id, b, t.Result.Digest, dir)
			switch {
			case err == nil:
				return path, nil
			case ctx.Err() != nil:
				return "", ctx.Err()
			case errors.Is(err, crypt.ErrNoKey):
				return "", failf(exit.UsageError, "the result of task %d is not encrypted to the identity that --%s names", t.Task, flagIdentity)
			}
			mismatch = mismatch || errors.Is(err, errMismatch) || errors.Is(err, crypt.ErrBroken)
			misses = append(misses, fmt.Sprintf("provider %d: %v", id, err))
		}
		if mismatch {
			break
		}
	}
	if len(misses) == 0 {
		misses = append(misses, "no provider is recorded for it")
	}
	if s.identity == nil && s.sealed(ctx, b.Id) {
		return "", failf(exit.UsageError, "the result of task %d is encrypted\nDecrypt it with: cupeld job results %d/%d --%s FILE", t.Task, t.Batch, t.Index, flagIdentity)
	}
	code := exit.NetworkUnreachable
	if mismatch {
		code = exit.VerificationFailed
	}
	return "", failf(code, "cannot fetch the result of task %d: %s\nTry again with: cupeld job results %d/%d",
		t.Task, strings.Join(misses, "; "), t.Batch, t.Index)
}

func (s *session) fetchFrom(ctx context.Context, provider uint32, b markettypes.Batch, digest []byte, dir string) (string, error) {
	res, err := s.registry.Provider(ctx, &registrytypes.QueryProviderRequest{Provider: strconv.FormatUint(uint64(provider), 10)})
	if err != nil {
		return "", plain(err)
	}
	if s.identity == nil && dir != "" {
		path, err := s.fetchPart(ctx, artifactURL(res.Provider.Endpoint, digest), digest, artifactLimits(b).Bytes, dir)
		if !errors.Is(err, errPartBusy) {
			return path, err
		}
	}
	body, err := s.download(ctx, res.Provider.Endpoint, b, digest)
	if err != nil {
		return "", err
	}
	defer body.Close()
	return saveVerified(body, digest, artifactLimits(b).Bytes, dir)
}

// saveVerified keeps the bytes only if they have the digest.
func saveVerified(r io.Reader, digest []byte, limit int64, dir string) (path string, err error) {
	f, err := os.CreateTemp(dir, ".cupel-artifact-*")
	if err != nil {
		return "", err
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, hash), io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return "", err
	case n > limit:
		return "", fmt.Errorf("more than %d bytes: %w", limit, errMismatch)
	case string(hash.Sum(nil)) != string(digest):
		return "", errMismatch
	}
	return f.Name(), nil
}
