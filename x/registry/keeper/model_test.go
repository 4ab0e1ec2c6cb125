// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	storetypes "cosmossdk.io/store/types"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/x/registry/types"
)

func digest(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

func content(b byte) types.ModelContent {
	return types.ModelContent{
		ContentHash: digest(b), Uri: "https://models.example.com/weights.safetensors",
		DataHashes: [][]byte{digest(9)}, Metrics: []types.Metric{{Name: "accuracy", Value: "0.91"}},
	}
}

func createMsg() types.MsgCreateModel {
	return types.MsgCreateModel{Owner: text(alice), Name: "lab/llama-8b", RoyaltyBps: 500, Content: content(1)}
}

// hasModel makes model 1 of alice, which bob and the poor must sign.
func hasModel(f *fixture) {
	msg := createMsg()
	msg.Signers = []string{text(bob), text(poor)}
	_, err := f.msgs.CreateModel(f.ctx, &msg)
	require.NoError(f.t, err)
}

func version(f *fixture, model uint64, n uint32) types.ModelVersion {
	res, err := f.queries.ModelVersion(f.ctx, &types.QueryModelVersionRequest{Model: model, Version: n})
	require.NoError(f.t, err)
	return res.Version
}

func contentCases() map[string]msgCase[types.ModelContent] {
	bad := types.ErrInvalidContent
	metrics := func(n int) []types.Metric {
		out := make([]types.Metric, n)
		for i := range out {
			out[i] = types.Metric{Name: fmt.Sprintf("m%d", i)}
		}
		return out
	}
	return map[string]msgCase[types.ModelContent]{
		"valid":               {},
		"no hash":             {edit: func(c *types.ModelContent) { c.ContentHash = nil }, err: bad},
		"hash of 31 bytes":    {edit: func(c *types.ModelContent) { c.ContentHash = c.ContentHash[1:] }, err: bad},
		"no uri":              {edit: func(c *types.ModelContent) { c.Uri = "" }},
		"uri of 256":          {edit: func(c *types.ModelContent) { c.Uri = strings.Repeat("a", 256) }},
		"uri of 257":          {edit: func(c *types.ModelContent) { c.Uri = strings.Repeat("a", 257) }, err: bad},
		"uri with a newline":  {edit: func(c *types.ModelContent) { c.Uri = "a\nb" }, err: bad},
		"16 data hashes":      {edit: func(c *types.ModelContent) { c.DataHashes = repeat(16, digest(1)) }},
		"17 data hashes":      {edit: func(c *types.ModelContent) { c.DataHashes = repeat(17, digest(1)) }, err: bad},
		"a short data hash":   {edit: func(c *types.ModelContent) { c.DataHashes[0] = nil }, err: bad},
		"16 metrics":          {edit: func(c *types.ModelContent) { c.Metrics = metrics(16) }},
		"17 metrics":          {edit: func(c *types.ModelContent) { c.Metrics = metrics(17) }, err: bad},
		"a metric twice":      {edit: func(c *types.ModelContent) { c.Metrics = append(c.Metrics, c.Metrics[0]) }, err: bad},
		"a metric of no name": {edit: func(c *types.ModelContent) { c.Metrics[0].Name = "" }, err: bad},
		"a value of 65":       {edit: func(c *types.ModelContent) { c.Metrics[0].Value = strings.Repeat("1", 65) }, err: bad},
		"a value with a bell": {edit: func(c *types.ModelContent) { c.Metrics[0].Value = "\a" }, err: bad},
	}
}

func repeat[T any](n int, v T) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = v
	}
	return out
}

func TestCreateModel(t *testing.T) {
	many := func(n int) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = text(addr(fmt.Sprintf("signer %d", i)))
		}
		return out
	}
	tests := map[string]msgCase[types.MsgCreateModel]{
		"no royalty":            {edit: func(m *types.MsgCreateModel) { m.RoyaltyBps = 0 }},
		"royalty above the cap": {edit: func(m *types.MsgCreateModel) { m.RoyaltyBps = 501 }, err: types.ErrInvalidModel},
		"greatest royalty":      {edit: func(m *types.MsgCreateModel) { m.RoyaltyBps = math.MaxUint32 }, err: types.ErrInvalidModel},
		"no name":               {edit: func(m *types.MsgCreateModel) { m.Name = "" }, err: types.ErrInvalidModel},
		"name of 49":            {edit: func(m *types.MsgCreateModel) { m.Name = strings.Repeat("a", 49) }, err: types.ErrInvalidModel},
		"name in upper case":    {edit: func(m *types.MsgCreateModel) { m.Name = "LLAMA" }, err: types.ErrInvalidModel},
		"16 signers":            {edit: func(m *types.MsgCreateModel) { m.Signers = many(16) }},
		"17 signers":            {edit: func(m *types.MsgCreateModel) { m.Signers = many(17) }, err: types.ErrInvalidModel},
		"a signer twice":        {edit: func(m *types.MsgCreateModel) { m.Signers = []string{text(bob), strings.ToUpper(text(bob))} }, err: types.ErrInvalidModel},
		"a signer of no chain":  {edit: func(m *types.MsgCreateModel) { m.Signers = []string{"bob"} }, err: types.ErrInvalidModel},
		"an owner of no chain":  {edit: func(m *types.MsgCreateModel) { m.Owner = "alice" }, err: sdkerrors.ErrInvalidAddress},
	}
	for name, c := range contentCases() {
		edit := c.edit
		tests[name] = msgCase[types.MsgCreateModel]{edit: func(m *types.MsgCreateModel) {
			if edit != nil {
				edit(&m.Content)
			}
		}, err: c.err}
	}
	runCases(t, tests, nothing, createMsg, types.MsgServer.CreateModel,
		func(t *testing.T, f *fixture, m types.MsgCreateModel, res *types.MsgCreateModelResponse) {
			got, err := f.queries.Model(f.ctx, &types.QueryModelRequest{Model: res.Model})
			require.NoError(t, err)
			require.Equal(t, types.Model{Id: 1, Owner: m.Owner, Name: m.Name, RoyaltyBps: m.RoyaltyBps, Signers: m.Signers, Versions: 1}, got.Model)
			v := version(f, 1, 1)
			require.Equal(t, types.VersionInitial, v.Kind)
			require.Equal(t, m.Content, v.Content)
			require.Zero(t, v.Depth)
			require.Equal(t, len(m.Signers) == 0, v.Released())
		})
}

func TestPublishVersion(t *testing.T) {
	runCases(t, map[string]msgCase[types.MsgPublishVersion]{
		"by the owner":  {},
		"by another":    {edit: func(m *types.MsgPublishVersion) { m.Owner = text(bob) }, err: types.ErrNotModelOwner},
		"of no model":   {edit: func(m *types.MsgPublishVersion) { m.Model = 2 }, err: types.ErrModelNotFound},
		"of model 0":    {edit: func(m *types.MsgPublishVersion) { m.Model = 0 }, err: types.ErrModelNotFound},
		"of the last":   {edit: func(m *types.MsgPublishVersion) { m.Model = math.MaxUint64 }, err: types.ErrModelNotFound},
		"of no content": {edit: func(m *types.MsgPublishVersion) { m.Content = types.ModelContent{} }, err: types.ErrInvalidContent},
	}, hasModel, func() types.MsgPublishVersion {
		return types.MsgPublishVersion{Owner: text(alice), Model: 1, Content: content(2)}
	}, types.MsgServer.PublishVersion, func(t *testing.T, f *fixture, _ types.MsgPublishVersion, res *types.MsgPublishVersionResponse) {
		v := version(f, 1, res.Version)
		require.Equal(t, types.VersionNext, v.Kind)
		require.Equal(t, []types.VersionRef{{Model: 1, Version: 1}}, v.Parents)
		require.EqualValues(t, 1, v.Depth)
	})
}

func TestForkModel(t *testing.T) {
	runCases(t, map[string]msgCase[types.MsgForkModel]{
		"by anybody":    {},
		"of no version": {edit: func(m *types.MsgForkModel) { m.Parent.Version = 2 }, err: types.ErrVersionNotFound},
		"of version 0":  {edit: func(m *types.MsgForkModel) { m.Parent.Version = 0 }, err: types.ErrVersionNotFound},
		"of no model":   {edit: func(m *types.MsgForkModel) { m.Parent.Model = 7 }, err: types.ErrVersionNotFound},
		"of itself":     {edit: func(m *types.MsgForkModel) { m.Parent = types.VersionRef{Model: 2, Version: 1} }, err: types.ErrVersionNotFound},
		"of no content": {edit: func(m *types.MsgForkModel) { m.Content.ContentHash = nil }, err: types.ErrInvalidContent},
	}, hasModel, func() types.MsgForkModel {
		return types.MsgForkModel{Owner: text(bob), Parent: types.VersionRef{Model: 1, Version: 1}, Name: "bob/fork", Content: content(3)}
	}, types.MsgServer.ForkModel, func(t *testing.T, f *fixture, m types.MsgForkModel, res *types.MsgForkModelResponse) {
		require.EqualValues(t, 2, res.Model)
		v := version(f, 2, 1)
		require.Equal(t, types.VersionFork, v.Kind)
		require.Equal(t, []types.VersionRef{m.Parent}, v.Parents)
		require.EqualValues(t, 1, v.Depth)
	})
}

func TestMergeModels(t *testing.T) {
	ref := func(model uint64, version uint32) types.VersionRef {
		return types.VersionRef{Model: model, Version: version}
	}
	given := func(f *fixture) {
		hasModel(f)
		for i := range 9 {
			_, err := f.msgs.ForkModel(f.ctx, &types.MsgForkModel{Owner: text(bob), Parent: ref(1, 1), Name: "bob/fork", Content: content(byte(i) + 3)})
			require.NoError(f.t, err)
		}
	}
	parents := func(refs ...types.VersionRef) func(*types.MsgMergeModels) {
		return func(m *types.MsgMergeModels) { m.Parents = refs }
	}
	runCases(t, map[string]msgCase[types.MsgMergeModels]{
		"of two":            {},
		"without its own":   {edit: parents(ref(2, 1), ref(3, 1))},
		"of eight":          {edit: parents(ref(2, 1), ref(3, 1), ref(4, 1), ref(5, 1), ref(6, 1), ref(7, 1), ref(8, 1), ref(9, 1))},
		"of nine":           {edit: parents(ref(1, 1), ref(2, 1), ref(3, 1), ref(4, 1), ref(5, 1), ref(6, 1), ref(7, 1), ref(8, 1), ref(9, 1)), err: types.ErrInvalidLineage},
		"of none":           {edit: parents(), err: types.ErrInvalidLineage},
		"of one":            {edit: parents(ref(2, 1)), err: types.ErrInvalidLineage},
		"of one twice":      {edit: parents(ref(2, 1), ref(2, 1)), err: types.ErrInvalidLineage},
		"of its own future": {edit: parents(ref(1, 1), ref(1, 2)), err: types.ErrVersionNotFound},
		"of an unknown one": {edit: parents(ref(1, 1), ref(99, 1)), err: types.ErrVersionNotFound},
		"by another":        {edit: func(m *types.MsgMergeModels) { m.Owner = text(bob) }, err: types.ErrNotModelOwner},
	}, given, func() types.MsgMergeModels {
		return types.MsgMergeModels{Owner: text(alice), Model: 1, Parents: []types.VersionRef{ref(1, 1), ref(2, 1)}, Content: content(20)}
	}, types.MsgServer.MergeModels, func(t *testing.T, f *fixture, m types.MsgMergeModels, res *types.MsgMergeModelsResponse) {
		v := version(f, 1, res.Version)
		require.Equal(t, types.VersionMerge, v.Kind)
		require.Equal(t, m.Parents, v.Parents)
		require.EqualValues(t, 2, v.Depth)
	})
}

func TestRollbackModel(t *testing.T) {
	given := func(f *fixture) {
		hasModel(f)
		_, err := f.k.PublishVersion(f.ctx, alice, 1, content(2))
		require.NoError(f.t, err)
	}
	runCases(t, map[string]msgCase[types.MsgRollbackModel]{
		"to the first":  {},
		"to the newest": {edit: func(m *types.MsgRollbackModel) { m.Version = 2 }, err: types.ErrInvalidLineage},
		"to the future": {edit: func(m *types.MsgRollbackModel) { m.Version = 3 }, err: types.ErrInvalidLineage},
		"to none":       {edit: func(m *types.MsgRollbackModel) { m.Version = 0 }, err: types.ErrVersionNotFound},
		"by another":    {edit: func(m *types.MsgRollbackModel) { m.Owner = text(bob) }, err: types.ErrNotModelOwner},
	}, given, func() types.MsgRollbackModel {
		return types.MsgRollbackModel{Owner: text(alice), Model: 1, Version: 1}
	}, types.MsgServer.RollbackModel, func(t *testing.T, f *fixture, _ types.MsgRollbackModel, res *types.MsgRollbackModelResponse) {
		v := version(f, 1, res.Version)
		require.EqualValues(t, 3, v.Version)
		require.Equal(t, content(1), v.Content)
		require.Equal(t, types.VersionRollback, v.Kind)
	})
}

func TestSignVersion(t *testing.T) {
	runCases(t, map[string]msgCase[types.MsgSignVersion]{
		"by a signer": {},
		"twice": {given: func(f *fixture) {
			_, err := f.k.SignVersion(f.ctx, bob, types.VersionRef{Model: 1, Version: 1})
			require.NoError(f.t, err)
		}, err: types.ErrAlreadySigned},
		"by the owner":  {edit: func(m *types.MsgSignVersion) { m.Signer = text(alice) }, err: types.ErrNotSigner},
		"of no version": {edit: func(m *types.MsgSignVersion) { m.Version = 2 }, err: types.ErrVersionNotFound},
	}, hasModel, func() types.MsgSignVersion {
		return types.MsgSignVersion{Signer: text(bob), Model: 1, Version: 1}
	}, types.MsgServer.SignVersion, func(t *testing.T, f *fixture, _ types.MsgSignVersion, res *types.MsgSignVersionResponse) {
		require.False(t, res.Released)
		_, err := f.k.ModelTerms(f.ctx, 1, 1)
		require.ErrorIs(t, err, types.ErrNotReleased)
		last, err := f.msgs.SignVersion(f.ctx, &types.MsgSignVersion{Signer: text(poor), Model: 1, Version: 1})
		require.NoError(t, err)
		require.True(t, last.Released)
		terms, err := f.k.ModelTerms(f.ctx, 1, 1)
		require.NoError(t, err)
		require.Equal(t, types.ModelTerms{Owner: alice, RoyaltyBps: 500}, terms)
	})
}

func TestUpdateAndTransferModel(t *testing.T) {
	f := newFixture(t)
	hasModel(f)
	for name, err := range map[string]error{
		"update by another":   f.k.UpdateModel(f.ctx, bob, 1, 0, nil),
		"transfer by another": f.k.TransferModel(f.ctx, bob, 1, bob),
	} {
		require.ErrorIs(t, err, types.ErrNotModelOwner, name)
	}
	require.ErrorIs(t, f.k.UpdateModel(f.ctx, alice, 1, 501, nil), types.ErrInvalidModel)
	require.ErrorIs(t, f.k.TransferModel(f.ctx, alice, 1, vault), types.ErrBlockedAddress)

	_, err := f.msgs.UpdateModel(f.ctx, &types.MsgUpdateModel{Owner: text(alice), Model: 1, RoyaltyBps: 100})
	require.NoError(t, err)
	_, err = f.msgs.TransferModel(f.ctx, &types.MsgTransferModel{Owner: text(alice), Model: 1, NewOwner: text(bob)})
	require.NoError(t, err)
	require.NoError(t, f.k.CheckInvariants(f.ctx))

	_, err = f.k.PublishVersion(f.ctx, alice, 1, content(2))
	require.ErrorIs(t, err, types.ErrNotModelOwner)
	n, err := f.k.PublishVersion(f.ctx, bob, 1, content(2))
	require.NoError(t, err)
	terms, err := f.k.ModelTerms(f.ctx, 1, n)
	require.NoError(t, err)
	require.Equal(t, types.ModelTerms{Owner: bob, RoyaltyBps: 100}, terms)
	_, err = f.k.ModelTerms(f.ctx, 1, 1)
	require.ErrorIs(t, err, types.ErrNotReleased, "a version keeps the signers that it had")
}

func TestModelQueries(t *testing.T) {
	f := newFixture(t)
	hasModel(f)
	for i := range 5 {
		_, err := f.k.PublishVersion(f.ctx, alice, 1, content(byte(i)))
		require.NoError(t, err)
	}
	_, err := f.msgs.ForkModel(f.ctx, &types.MsgForkModel{Owner: text(bob), Parent: types.VersionRef{Model: 1, Version: 4}, Name: "bob/fork", Content: content(8)})
	require.NoError(t, err)

	page, err := f.queries.ModelVersions(f.ctx, &types.QueryModelVersionsRequest{Model: 1, Pagination: &query.PageRequest{Limit: 4}})
	require.NoError(t, err)
	require.Len(t, page.Versions, 4)
	rest, err := f.queries.ModelVersions(f.ctx, &types.QueryModelVersionsRequest{Model: 1, Pagination: &query.PageRequest{Key: page.Pagination.NextKey}})
	require.NoError(t, err)
	require.Len(t, rest.Versions, 2)

	models, err := f.queries.Models(f.ctx, &types.QueryModelsRequest{Owner: text(bob)})
	require.NoError(t, err)
	require.Len(t, models.Models, 1)
	require.EqualValues(t, 2, models.Models[0].Id)
	models, err = f.queries.Models(f.ctx, &types.QueryModelsRequest{})
	require.NoError(t, err)
	require.Len(t, models.Models, 2)

	line, err := f.queries.Lineage(f.ctx, &types.QueryLineageRequest{Model: 2, Version: 1, Limit: 3})
	require.NoError(t, err)
	require.True(t, line.More)
	require.Equal(t, []types.VersionRef{{Model: 2, Version: 1}, {Model: 1, Version: 4}, {Model: 1, Version: 3}}, refs(line.Versions))
	line, err = f.queries.Lineage(f.ctx, &types.QueryLineageRequest{Model: 2, Version: 1, Offset: 3})
	require.NoError(t, err)
	require.False(t, line.More)
	require.Equal(t, []types.VersionRef{{Model: 1, Version: 2}, {Model: 1, Version: 1}}, refs(line.Versions))

	for name, bad := range map[string]func() error{
		"nil model":       func() error { _, err := f.queries.Model(f.ctx, nil); return err },
		"nil version":     func() error { _, err := f.queries.ModelVersion(f.ctx, nil); return err },
		"nil lineage":     func() error { _, err := f.queries.Lineage(f.ctx, nil); return err },
		"unknown model":   func() error { _, err := f.queries.Model(f.ctx, &types.QueryModelRequest{Model: 9}); return err },
		"unknown lineage": func() error { _, err := f.queries.Lineage(f.ctx, &types.QueryLineageRequest{Model: 9}); return err },
		"bad owner":       func() error { _, err := f.queries.Models(f.ctx, &types.QueryModelsRequest{Owner: "x"}); return err },
	} {
		require.Error(t, bad(), name)
	}
}

func refs(versions []types.ModelVersion) []types.VersionRef {
	out := make([]types.VersionRef, len(versions))
	for i, v := range versions {
		out[i] = v.Ref()
	}
	return out
}

// TestLineageIsBounded: generations end at MaxDepth, and a page of ancestors
// costs no more than it holds.
func TestLineageIsBounded(t *testing.T) {
	f := newFixture(t)
	_, err := f.msgs.CreateModel(f.ctx, &types.MsgCreateModel{Owner: text(alice), Name: "lab/deep", Content: content(1)})
	require.NoError(t, err)
	for range types.MaxDepth {
		_, err := f.k.PublishVersion(f.ctx, alice, 1, content(1))
		require.NoError(t, err)
	}
	_, err = f.k.PublishVersion(f.ctx, alice, 1, content(1))
	require.ErrorIs(t, err, types.ErrInvalidLineage)
	meter := storetypes.NewInfiniteGasMeter()
	line, err := f.queries.Lineage(f.ctx.WithGasMeter(meter), &types.QueryLineageRequest{Model: 1, Version: types.MaxDepth + 1})
	require.NoError(t, err)
	require.Len(t, line.Versions, 100)
	require.True(t, line.More)
	require.Less(t, meter.GasConsumed(), uint64(1_000_000))
	// A new line begins with a rollback: it is not deeper than what it repeats.
	n, err := f.k.RollbackModel(f.ctx, alice, 1, 1)
	require.NoError(t, err)
	require.EqualValues(t, 1, version(f, 1, n).Depth)
}

// TestModelsAreAcyclic publishes, forks, merges and rolls back at random: no
// version is ever its own ancestor, and state and genesis agree.
func TestModelsAreAcyclic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newFixture(t)
		owners := []sdk.AccAddress{alice, bob}
		some := func() types.VersionRef {
			return types.VersionRef{Model: rapid.Uint64Range(0, 5).Draw(t, "model"), Version: rapid.Uint32Range(0, 5).Draw(t, "version")}
		}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			owner, model := rapid.SampledFrom(owners).Draw(t, "owner"), rapid.Uint64Range(1, 4).Draw(t, "of")
			_ = f.deliver(func(ctx context.Context) error {
				var err error
				switch rapid.IntRange(0, 5).Draw(t, "step") {
				case 0:
					_, err = f.msgs.CreateModel(ctx, &types.MsgCreateModel{Owner: text(owner), Name: "lab/model", Content: content(1)})
				case 1:
					_, err = f.k.PublishVersion(ctx, owner, model, content(2))
				case 2:
					_, err = f.msgs.ForkModel(ctx, &types.MsgForkModel{Owner: text(owner), Parent: some(), Name: "lab/fork", Content: content(3)})
				case 3:
					_, err = f.k.MergeModels(ctx, owner, model, []types.VersionRef{some(), some()}, content(4))
				case 4:
					_, err = f.k.RollbackModel(ctx, owner, model, rapid.Uint32Range(0, 5).Draw(t, "back"))
				case 5:
					err = f.k.TransferModel(ctx, owner, model, rapid.SampledFrom(owners).Draw(t, "to"))
				}
				return err
			})
		}
		genesis, err := f.k.ExportGenesis(f.ctx)
		require.NoError(t, err)
		require.NoError(t, genesis.Validate(addresses))
		for _, v := range genesis.ModelVersions {
			line, err := f.queries.Lineage(f.ctx, &types.QueryLineageRequest{Model: v.Model, Version: v.Version, Offset: 1})
			require.NoError(t, err)
			require.NotContains(t, refs(line.Versions), v.Ref())
		}
		again := emptyFixture(t)
		require.NoError(t, again.k.InitGenesis(again.ctx, genesis))
		copied, err := again.k.ExportGenesis(again.ctx)
		require.NoError(t, err)
		require.Equal(t, genesis, copied)
		require.NoError(t, again.k.CheckInvariants(again.ctx))
	})
}

func TestGenesisRefusesModels(t *testing.T) {
	tests := map[string]func(*types.GenesisState){
		"a gap in the models": func(g *types.GenesisState) { g.Models[1].Id = 3 },
		"a version too few":   func(g *types.GenesisState) { g.ModelVersions = g.ModelVersions[:2] },
		"a version twice":     func(g *types.GenesisState) { g.ModelVersions[1] = g.ModelVersions[0] },
		"a version of nobody": func(g *types.GenesisState) { g.ModelVersions[2].Model = 7 },
		"a wrong depth":       func(g *types.GenesisState) { g.ModelVersions[2].Depth = 9 },
		"a cycle": func(g *types.GenesisState) {
			g.ModelVersions[0].Kind = types.VersionFork
			g.ModelVersions[0].Parents = []types.VersionRef{{Model: 2, Version: 1}}
		},
		"a parent that is gone":  func(g *types.GenesisState) { g.ModelVersions[2].Parents[0].Version = 9 },
		"a signature of nobody":  func(g *types.GenesisState) { g.ModelVersions[0].Signed = 4 },
		"a royalty over the cap": func(g *types.GenesisState) { g.Models[0].RoyaltyBps = 501 },
		"an owner of no chain":   func(g *types.GenesisState) { g.Models[0].Owner = "alice" },
		"a kind of none":         func(g *types.GenesisState) { g.ModelVersions[0].Kind = 0 },
		"published tomorrow":     func(g *types.GenesisState) { g.ModelVersions[0].Published = 1 },
	}
	for name, edit := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			hasModel(f)
			_, err := f.k.PublishVersion(f.ctx, alice, 1, content(2))
			require.NoError(t, err)
			_, err = f.msgs.ForkModel(f.ctx, &types.MsgForkModel{Owner: text(bob), Parent: types.VersionRef{Model: 1, Version: 2}, Name: "bob/fork", Content: content(8)})
			require.NoError(t, err)
			genesis, err := f.k.ExportGenesis(f.ctx)
			require.NoError(t, err)
			again := emptyFixture(t)
			require.NoError(t, again.k.InitGenesis(again.ctx, genesis))
			edit(genesis)
			again = emptyFixture(t)
			require.ErrorIs(t, again.k.InitGenesis(again.ctx, genesis), types.ErrInvalidGenesis)
		})
	}
}
