// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cupel-network/cupel/worker/artifact"
	"github.com/cupel-network/cupel/worker/journal"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// served is the content of an answer and where its provider serves it.
func served(endpoint string, digest []byte) artifact.Source {
	name := hex.EncodeToString(digest)
	return artifact.Source{SHA256: name, URIs: []string{strings.TrimSuffix(endpoint, "/") + "/artifacts/" + name}}
}

// serves reports whether a provider sends an artifact, tried again until
// Config.FetchFor is over. An error is the end of ctx.
func (r *Runner) serves(ctx context.Context, src artifact.Source) (bool, error) {
	end := time.Now().Add(r.cfg.FetchFor)
	for wait := 250 * time.Millisecond; ; wait *= 2 {
		err := r.Fetcher.Probe(ctx, src, src.URIs[0])
		switch {
		case err == nil:
			return true, nil
		case ctx.Err() != nil:
			return false, ctx.Err()
		case errors.Is(err, artifact.ErrForbidden), errors.Is(err, artifact.ErrTooLarge), time.Now().Add(wait).After(end):
			r.Log.Info("an artifact is not served", "uri", src.URIs[0], "err", err)
			return false, nil
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(wait):
		}
	}
}

// missing returns the replicas of a case, ascending, whose artifact cannot be
// fetched. Only an added seat with a result of its own says so, and not of
// results that only their requester can read: those have no hash to ask for.
func (r *Runner) missing(ctx context.Context, w markettypes.CaseWork, own journal.Run) ([]uint32, error) {
	if w.Original || markettypes.Outcome(own.Outcome).HostMade() || len(own.Sealed) > 0 {
		return nil, nil
	}
	c, err := r.Ledger.Case(ctx, w.Task)
	if err != nil {
		return nil, err
	}
	digests, err := r.replicas(ctx, c)
	if err != nil {
		return nil, err
	}
	found := make([]bool, len(digests))
	g, ctx := errgroup.WithContext(ctx)
	for i, d := range digests {
		g.Go(func() error {
			res, err := r.Directory.ProviderByID(ctx, d.provider)
			if err != nil {
				return err
			}
			found[i], err = r.serves(ctx, served(res.Provider.Endpoint, d.digest))
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var out []uint32
	for i, d := range digests {
		if !found[i] {
			out = append(out, d.provider)
		}
	}
	slices.Sort(out)
	return out, nil
}

// replica is an artifact that a replica has to serve.
type replica struct {
	provider uint32
	digest   []byte
}

// replicas are the original seats of a case that revealed an artifact: in the
// case, or in their lot if the case awaits them again.
func (r *Runner) replicas(ctx context.Context, c markettypes.Case) ([]replica, error) {
	var out []replica
	var first map[uint32][]byte
	for _, s := range c.Seats {
		if !s.Original {
			continue
		}
		digest := s.Result.Digest
		if len(digest) == 0 && first == nil {
			var err error
			if first, err = r.firstRound(ctx, c.Task); err != nil {
				return nil, err
			}
		}
		if len(digest) == 0 {
			digest = first[s.Provider]
		}
		if len(digest) > 0 {
			out = append(out, replica{s.Provider, digest})
		}
	}
	return out, nil
}

// firstRound returns what the seats of a lot revealed for one of its tasks.
func (r *Runner) firstRound(ctx context.Context, task uint64) (map[uint32][]byte, error) {
	batch, index := markettypes.SplitTaskID(task)
	b, err := r.Market.Batch(ctx, batch)
	if err != nil {
		return nil, err
	}
	id, position := b.Batch.LotOf(index)
	lot, err := r.Ledger.Lot(ctx, batch, id)
	if err != nil {
		return nil, err
	}
	out := make(map[uint32][]byte, len(lot.Seats))
	for _, s := range lot.Seats {
		v := int(s.Vector) - 1
		if v >= 0 && v < len(lot.Vectors) && int(position) < len(lot.Vectors[v].Results) {
			out[s.Provider] = lot.Vectors[v].Results[position].Digest
		}
	}
	return out, nil
}
