// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"bytes"
	"cmp"
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// voteSteps is how many queued steps a committee is paid for: five a round,
// and what it does to its case.
const voteSteps = 12

// SubmitQuote has a committee judge the quote of a provider's machine. The
// sender pays it; what it does not earn comes back. See ADR-010.
func (k *Keeper) SubmitQuote(ctx context.Context, sender sdk.AccAddress, msg types.MsgSubmitQuote) (types.MsgSubmitQuoteResponse, error) {
	var none types.MsgSubmitQuoteResponse
	version, params, err := k.CurrentParams(ctx)
	if err != nil {
		return none, err
	}
	p, class, err := k.quoting(ctx, sender, msg.Class)
	if err != nil {
		return none, err
	}
	if err := k.checkQuote(ctx, p.Id, params, msg); err != nil {
		return none, err
	}
	worker, err := k.addresses.StringToBytes(p.Worker)
	if err != nil {
		return none, err
	}
	fees := params.Committee
	deposit, err := types.MulDivCeil(fees.MinFee, types.VoteRounds*uint64(fees.Members), 1)
	if err != nil {
		return none, err
	}
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(params.StepGas*voteSteps, "queued steps")
	coins := sdk.NewCoins(sdk.NewCoin(types.BaseDenom, math.NewIntFromUint64(deposit)))
	if err := k.Bank.SendCoinsFromAccountToModule(ctx, sender, types.ModuleName, coins); err != nil {
		return none, err
	}
	now, err := k.now(ctx)
	if err != nil {
		return none, err
	}
	id, err := k.openCommittee(ctx, types.Committee{
		Kind: types.CommitteeQuote, Provider: p.Id, Class: class.Id, ParamsVersion: version, Subject: msg.Sha256,
		Denom: types.BaseDenom, Fee: fees.MinFee, Value: params.MinValue, Held: deposit, Payer: sender,
		Quote: &types.Quote{Tee: msg.Tee, Uri: msg.Uri, Sha256: msg.Sha256, Epoch: msg.Epoch, Worker: worker},
	}, params, now)
	if err != nil {
		return none, err
	}
	return types.MsgSubmitQuoteResponse{Verdict: id, Deposit: deposit}, k.Quotes.Set(ctx, p.Id, id)
}

// quoting finds the provider that a sender is the worker or the operator of,
// and a class that it offers.
func (k *Keeper) quoting(ctx context.Context, sender sdk.AccAddress, name string) (registrytypes.Provider, registrytypes.Class, error) {
	p, err := k.Registry.ProviderByWorker(ctx, sender)
	if err != nil {
		p, err = k.Registry.ProviderByOperator(ctx, sender)
	}
	if err != nil {
		return p, registrytypes.Class{}, types.ErrUnknownProvider.Wrapf("%s: %s", sender, err)
	}
	class, err := k.Registry.ClassByName(ctx, name)
	if err != nil {
		return p, class, types.ErrInvalidClass.Wrapf("%q: %s", name, err)
	}
	if _, ok := p.Resource(name); !ok || p.Status != registrytypes.ProviderActive {
		return p, class, types.ErrInvalidQuote.Wrapf("provider %d is %s and offers %s: %t", p.Id, p.Status, name, ok)
	}
	return p, class, nil
}

// checkQuote checks the fields of a quote, and that no other of the provider is
// being judged.
func (k *Keeper) checkQuote(ctx context.Context, provider uint32, p types.Params, msg types.MsgSubmitQuote) error {
	epoch, err := k.epoch(ctx)
	if err != nil {
		return err
	}
	if err := msg.Validate(epoch, p.Committee); err != nil {
		return err
	}
	if pending, err := k.Quotes.Has(ctx, provider); err != nil || pending {
		return cmp.Or(err, types.ErrQuotePending.Wrapf("provider %d", provider))
	}
	return nil
}

// payQuote pays the members that were right and returns the rest of a deposit.
func (k *Keeper) payQuote(v *types.Committee, winners []int, b *book) {
	for _, i := range winners {
		m := &v.Members[i]
		m.Paid = min(v.Fee, v.Held)
		v.Held -= m.Paid
		b.add(transfer{target: toProvider, provider: m.Provider, denom: v.Denom, amount: m.Paid})
	}
	b.add(transfer{target: toAccount, account: v.Payer, denom: v.Denom, amount: v.Held})
	v.Held = 0
}

// decideQuote makes a quote that was found genuine count until it expires or
// the worker key changes. One that was found false ends an earlier one.
func (k *Keeper) decideQuote(ctx context.Context, v *types.Committee, params types.Params, now moment) error {
	if err := k.Quotes.Remove(ctx, v.Provider); err != nil {
		return err
	}
	p, err := k.Registry.Provider(ctx, v.Provider)
	if err != nil {
		return err
	}
	worker, err := k.addresses.StringToBytes(p.Worker)
	if err != nil || len(v.Vote) == 0 || !bytes.Equal(worker, v.Quote.Worker) {
		return err
	}
	var until uint64
	if v.Vote[0] == 1 {
		until = now.tick + params.Committee.AttestationTicks
	}
	err = k.withLoad(ctx, v.Provider, func(l *registrytypes.Load) { l.AttestedUntil, l.AttestedBy = until, v.Id })
	if err != nil || until == 0 {
		return err
	}
	return k.events.EventManager(ctx).Emit(ctx, &types.EventProviderAttested{
		Provider: v.Provider, Tee: v.Quote.Tee.String(), Verdict: v.Id, Until: until,
	})
}
