// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"slices"
	"strings"

	"github.com/cupel-network/cupel/worker/access"
	"github.com/cupel-network/cupel/worker/manifest"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// mirrors are the other providers of a task, which keep its inputs and serve
// them by hash. They are asked only when the requester's own source failed, or
// for the key of an encrypted input.
type mirrors struct {
	ids func(ctx context.Context) []uint32
	// seat is where this worker was drawn, as a claim.
	seat access.Claims
}

// lotMirrors are the other seats of a lot.
func (r *Runner) lotMirrors(batch uint64, lot uint32) mirrors {
	return mirrors{seat: access.Claims{Batch: batch, Lot: lot}, ids: func(ctx context.Context) []uint32 {
		l, err := r.Ledger.Lot(ctx, batch, lot)
		if err != nil {
			return nil
		}
		var ids []uint32
		for _, s := range l.Seats {
			ids = append(ids, s.Provider)
		}
		return ids
	}}
}

// caseMirrors are the other operators of a case.
func caseMirrors(task uint64, others []uint32) mirrors {
	batch, _ := markettypes.SplitTaskID(task)
	return mirrors{seat: access.Claims{Batch: batch, Case: task}, ids: func(context.Context) []uint32 { return others }}
}

// mirrorURIs returns where the other providers serve the content.
func (r *Runner) mirrorURIs(ctx context.Context, from mirrors, ref manifest.Ref) []string {
	uris := r.endpoints(ctx, from)
	for i := range uris {
		uris[i] += "/artifacts/" + ref.SHA256
	}
	return uris
}

// endpoints are those of the other providers, without a slash at the end. One
// that cannot be looked up is left out.
func (r *Runner) endpoints(ctx context.Context, from mirrors) []string {
	if from.ids == nil {
		return nil
	}
	r.mu.Lock()
	own := r.self.provider.Id
	r.mu.Unlock()
	ids := from.ids(ctx)
	slices.Sort(ids)
	var all []string
	for _, id := range slices.Compact(ids) {
		if id == own {
			continue
		}
		res, err := r.Directory.ProviderByID(ctx, id)
		if err != nil || res.Provider.Endpoint == "" {
			continue
		}
		all = append(all, strings.TrimSuffix(res.Provider.Endpoint, "/"))
	}
	return all
}
