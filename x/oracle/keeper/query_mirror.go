// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// Limits of the lists that are not paged.
const (
	maxLeavesPage = 4_096
	maxDuties     = 100
)

// Signatures implements types.QueryServer.
func (s queryServer) Signatures(ctx context.Context, req *types.QuerySignaturesRequest) (*types.QuerySignaturesResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	c, err := s.k.checkpoint(ctx, req.Nonce)
	if err != nil {
		return nil, err
	}
	res := &types.QuerySignaturesResponse{Checkpoint: c}
	if res.Set, err = s.k.Sets.Get(ctx, c.SetId); err != nil {
		return nil, err
	}
	if c.IsSetChange() {
		next, err := s.k.Sets.Get(ctx, c.NextSetId)
		if err != nil {
			return nil, err
		}
		res.NextSet = &next
	}
	set, err := s.k.set(ctx, c.SetId)
	if err != nil {
		return nil, err
	}
	signed, err := s.signed(ctx, req.Nonce)
	if err != nil {
		return nil, err
	}
	if !req.All {
		signed = set.Quorum(signed)
	}
	for _, one := range signed {
		res.Signatures = append(res.Signatures, types.AttestorSignature{Key: one.Address[:], Signature: one.Signature[:]})
		res.Power += set.Power(one.Address)
	}
	res.Threshold = set.Threshold()
	return res, nil
}

func (s queryServer) signed(ctx context.Context, nonce uint64) ([]checkpoint.Signed, error) {
	stored, err := s.k.signatures(ctx, nonce)
	if err != nil {
		return nil, err
	}
	out := make([]checkpoint.Signed, len(stored))
	for i, one := range stored {
		if out[i], err = one.Decode(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Leaves implements types.QueryServer.
func (s queryServer) Leaves(ctx context.Context, req *types.QueryLeavesRequest) (*types.QueryLeavesResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	c, err := s.k.checkpoint(ctx, req.Nonce)
	if err != nil {
		return nil, err
	}
	limit := req.Limit
	if limit == 0 || limit > maxLeavesPage {
		limit = maxLeavesPage
	}
	res := &types.QueryLeavesResponse{Checkpoint: c}
	if req.Offset >= c.Header.LeafCount {
		return res, nil
	}
	count := min(limit, c.Header.LeafCount-req.Offset)
	res.Leaves, err = s.k.leaves(ctx, c.FirstLeaf+uint64(req.Offset), uint64(count))
	return res, err
}

// Duties implements types.QueryServer.
func (s queryServer) Duties(ctx context.Context, req *types.QueryDutiesRequest) (*types.QueryDutiesResponse, error) {
	if req == nil {
		return nil, errEmpty
	}
	account, err := s.k.account("account", req.Account)
	if err != nil {
		return nil, err
	}
	attestor, err := s.k.attestorOf(ctx, account)
	if err != nil {
		return nil, err
	}
	limit := int(req.Limit)
	if limit == 0 || limit > maxDuties {
		limit = maxDuties
	}
	duties, err := s.k.duties(ctx, attestor, limit)
	if err != nil {
		return nil, err
	}
	beacon, err := s.k.beaconDuty(ctx, account)
	return &types.QueryDutiesResponse{Duties: duties, Beacon: beacon}, err
}

// beaconDuty returns what an attestor owes the beacon now, nil if it has no slot
// in an open round.
func (k *Keeper) beaconDuty(ctx context.Context, account []byte) (*types.BeaconDuty, error) {
	operator, err := k.Accounts.Get(ctx, account)
	if err != nil {
		return nil, err
	}
	epoch, err := k.Current.Get(ctx)
	if err != nil {
		return nil, err
	}
	b, err := k.Beacon.Get(ctx)
	if err != nil {
		return nil, err
	}
	duty := &types.BeaconDuty{Epoch: epoch.Number, StartHeight: epoch.StartHeight, Blocks: epoch.Blocks}
	commit, err := k.slotOf(ctx, b.Commits, epoch.Number, operator)
	if err == nil {
		duty.Operator, duty.Commit = commit.Operator, len(commit.Commitment) == 0
	} else if !errors.Is(err, types.ErrNoSlot) {
		return nil, err
	}
	if b.Reveals == nil || !b.Reveals.Quorum() {
		return owed(duty), nil
	}
	reveal, err := k.slotOf(ctx, b.Reveals, b.Reveals.Epoch, operator)
	switch {
	case errors.Is(err, types.ErrNoSlot):
		return owed(duty), nil
	case err != nil:
		return nil, err
	}
	duty.Operator = reveal.Operator
	if len(reveal.Share) == 0 {
		duty.Commitment = reveal.Commitment
	}
	return duty, nil
}

// owed returns a duty, nil for one without an operator.
func owed(d *types.BeaconDuty) *types.BeaconDuty {
	if d.Operator == "" {
		return nil
	}
	return d
}

// duties returns the open headers that an attestor has not signed, oldest
// first. What is below the counted headers is closed.
func (k *Keeper) duties(ctx context.Context, attestor types.Attestor, limit int) ([]types.Duty, error) {
	line, err := k.Line.Get(ctx)
	if err != nil {
		return nil, err
	}
	params, err := k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	var duties []types.Duty
	var set uint64
	var key []byte
	height := sdk.UnwrapSDKContext(ctx).BlockHeight()
	for nonce := line.Counted + 1; nonce <= line.LastNonce && len(duties) < limit; nonce++ {
		c, err := k.Checkpoints.Get(ctx, nonce)
		if err != nil {
			return nil, err
		}
		if c.SetId != set {
			set = c.SetId
			if key, err = k.memberKey(ctx, set, attestor.Operator); err != nil {
				return nil, err
			}
		}
		if key == nil || !c.Open(height, params.GraceBlocks) {
			continue
		}
		signed, err := k.Signatures.Has(ctx, collections.Join(nonce, key))
		if err != nil {
			return nil, err
		}
		if !signed {
			duties = append(duties, types.Duty{Checkpoint: c, Key: key})
		}
	}
	return duties, nil
}

// memberKey returns the key of an operator in a set, nil if it has none there.
func (k *Keeper) memberKey(ctx context.Context, id uint64, operator string) ([]byte, error) {
	set, err := k.set(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, member := range set.Members {
		key, err := k.Keys.Get(ctx, member.Address[:])
		if err != nil {
			return nil, err
		}
		if key.Operator == operator {
			return key.Key, nil
		}
	}
	return nil, nil
}
