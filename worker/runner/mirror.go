// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"slices"
	"strings"

	"github.com/cupel-network/cupel/worker/manifest"
)

// mirrors names the other providers of a task, which keep its inputs and serve
// them by hash. It is asked only when the requester's own source failed.
type mirrors func(ctx context.Context) []uint32

// lotMirrors are the other seats of a lot.
func (r *Runner) lotMirrors(batch uint64, lot uint32) mirrors {
	return func(ctx context.Context) []uint32 {
		l, err := r.Ledger.Lot(ctx, batch, lot)
		if err != nil {
			return nil
		}
		var ids []uint32
		for _, s := range l.Seats {
			ids = append(ids, s.Provider)
		}
		return ids
	}
}

// caseMirrors are the other operators of a case.
func caseMirrors(others []uint32) mirrors {
	return func(context.Context) []uint32 { return others }
}

// mirrorURIs returns where the other providers serve the content. One that
// cannot be looked up is left out.
func (r *Runner) mirrorURIs(ctx context.Context, from mirrors, ref manifest.Ref) []string {
	if from == nil {
		return nil
	}
	r.mu.Lock()
	own := r.self.provider.Id
	r.mu.Unlock()
	ids := from(ctx)
	slices.Sort(ids)
	var uris []string
	for _, id := range slices.Compact(ids) {
		if id == own {
			continue
		}
		res, err := r.Directory.ProviderByID(ctx, id)
		if err != nil || res.Provider.Endpoint == "" {
			continue
		}
		uris = append(uris, strings.TrimSuffix(res.Provider.Endpoint, "/")+"/artifacts/"+ref.SHA256)
	}
	return uris
}
