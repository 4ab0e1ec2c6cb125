// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

var marketAccount = authtypes.NewModuleAddress(types.ModuleName)

type submitCase struct {
	edit func(*types.MsgSubmit)
	err  error
}

// inline puts a document of n bytes into a submit.
func inline(m *types.MsgSubmit, n int) {
	m.ManifestInline = bytes.Repeat([]byte{'m'}, n)
	sum := sha256.Sum256(m.ManifestInline)
	m.Manifest = sum[:]
}

func uri(u string) func(*types.MsgSubmit) {
	return func(m *types.MsgSubmit) { m.ManifestInline, m.ManifestUri = nil, u }
}

func submitManifests() map[string]submitCase {
	bad := types.ErrInvalidManifest
	return map[string]submitCase{
		"valid":                       {func(*types.MsgSubmit) {}, nil},
		"no hash":                     {func(m *types.MsgSubmit) { m.Manifest = nil }, bad},
		"hash of 31 bytes":            {func(m *types.MsgSubmit) { m.Manifest = m.Manifest[:31] }, bad},
		"hash of 33 bytes":            {func(m *types.MsgSubmit) { m.Manifest = append(m.Manifest, 0) }, bad},
		"hash of another document":    {func(m *types.MsgSubmit) { m.Manifest = make([]byte, 32) }, bad},
		"neither document nor uri":    {func(m *types.MsgSubmit) { m.ManifestInline = nil }, bad},
		"document and uri":            {func(m *types.MsgSubmit) { m.ManifestUri = "https://a" }, bad},
		"document of 1 byte":          {func(m *types.MsgSubmit) { inline(m, 1) }, nil},
		"document of 16 KiB":          {func(m *types.MsgSubmit) { inline(m, types.MaxInlineManifest) }, nil},
		"document over 16 KiB":        {func(m *types.MsgSubmit) { inline(m, types.MaxInlineManifest+1) }, bad},
		"https uri":                   {uri("https://example.com/m.json"), nil},
		"file uri":                    {uri("file:///m.json"), nil},
		"uri of 256 characters":       {uri("http://" + strings.Repeat("a", 249)), nil},
		"uri of 257 characters":       {uri("http://" + strings.Repeat("a", 250)), bad},
		"uri of another scheme":       {uri("javascript:alert(1)"), bad},
		"uri without a scheme":        {uri("/m.json"), bad},
		"uri with a control char":     {uri("http://a\x00b"), bad},
		"class missing":               {func(m *types.MsgSubmit) { m.Class = "" }, types.ErrInvalidClass},
		"class unknown":               {func(m *types.MsgSubmit) { m.Class = "wasm/v2" }, types.ErrInvalidClass},
		"class over-long":             {func(m *types.MsgSubmit) { m.Class = strings.Repeat("w", 10_000) }, types.ErrInvalidClass},
		"class that cannot be argued": {func(m *types.MsgSubmit) { m.Class, m.Limits.Units = unsound, 10 }, nil},
		"unsound class, one replica": {func(m *types.MsgSubmit) {
			*m = sim.Optimistic(*m)
			m.Class = unsound
		}, types.ErrInvalidPolicy},
		"unsound class, hired": {func(m *types.MsgSubmit) {
			*m = sim.Optimistic(*m)
			m.Class, m.Hire = unsound, sim.Text(sim.Addr("w0"))
			m.Limits.Units = 10
		}, nil},
	}
}

func submitShapes() map[string]submitCase {
	count, size, reps, lim := types.ErrInvalidCount, types.ErrInvalidLotSize, types.ErrInvalidReplicas, types.ErrInvalidLimits
	return map[string]submitCase{
		"no tasks":                  {func(m *types.MsgSubmit) { m.Count = 0 }, count},
		"4,096 tasks":               {func(m *types.MsgSubmit) { m.Count = 4_096 }, nil},
		"4,097 tasks":               {func(m *types.MsgSubmit) { m.Count = 4_097 }, count},
		"most tasks":                {func(m *types.MsgSubmit) { m.Count = 1<<32 - 1 }, count},
		"lot size by default":       {func(m *types.MsgSubmit) { m.LotSize = 0 }, nil},
		"lots of 32":                {func(m *types.MsgSubmit) { m.Count, m.LotSize = 33, 32 }, nil},
		"lots of 33":                {func(m *types.MsgSubmit) { m.Count, m.LotSize = 33, 33 }, size},
		"lot as large as the batch": {func(m *types.MsgSubmit) { m.Count, m.LotSize = 5, 5 }, nil},
		"lot larger than the batch": {func(m *types.MsgSubmit) { m.Count, m.LotSize = 4, 5 }, size},
		"policy missing":            {func(m *types.MsgSubmit) { m.Policy = 0 }, types.ErrInvalidPolicy},
		"policy unknown":            {func(m *types.MsgSubmit) { m.Policy = types.PolicyScored + 1 }, types.ErrInvalidPolicy},
		"policy negative":           {func(m *types.MsgSubmit) { m.Policy = -1 }, types.ErrInvalidPolicy},
		"comparator missing":        {func(m *types.MsgSubmit) { m.Comparator = 0 }, types.ErrInvalidComparator},
		"comparator unknown":        {func(m *types.MsgSubmit) { m.Comparator = types.ComparatorTopK + 1 }, types.ErrInvalidComparator},
		"replicas by default":       {func(m *types.MsgSubmit) { m.Replicas = 0 }, nil},
		"one replica, redundant":    {func(m *types.MsgSubmit) { m.Replicas = 1 }, reps},
		"two replicas":              {func(m *types.MsgSubmit) { m.Replicas = 2 }, nil},
		"21 replicas":               {func(m *types.MsgSubmit) { m.Replicas = 21 }, nil},
		"22 replicas":               {func(m *types.MsgSubmit) { m.Replicas = 22 }, reps},
		"two replicas, optimistic":  {func(m *types.MsgSubmit) { *m = sim.Optimistic(*m); m.Replicas = 2 }, reps},
		"one by default":            {func(m *types.MsgSubmit) { *m = sim.Optimistic(*m); m.Replicas = 0 }, nil},
		"no units":                  {func(m *types.MsgSubmit) { m.Limits.Units = 0 }, lim},
		"one unit":                  {func(m *types.MsgSubmit) { m.Limits.Units = 1 }, nil},
		"most units":                {func(m *types.MsgSubmit) { m.Limits.Units, m.MaxPrice = types.MaxUnits, 100 }, nil},
		"too many units":            {func(m *types.MsgSubmit) { m.Limits.Units = types.MaxUnits + 1 }, lim},
		"no memory":                 {func(m *types.MsgSubmit) { m.Limits.MemoryMib = 0 }, lim},
		"most memory":               {func(m *types.MsgSubmit) { m.Limits.MemoryMib = types.MaxMemoryMiB }, nil},
		"too much memory":           {func(m *types.MsgSubmit) { m.Limits.MemoryMib = types.MaxMemoryMiB + 1 }, lim},
		"no time":                   {func(m *types.MsgSubmit) { m.Limits.WallSeconds = 0 }, lim},
		"six hours":                 {func(m *types.MsgSubmit) { m.Limits.WallSeconds = 21_600 }, nil},
		"more than six hours":       {func(m *types.MsgSubmit) { m.Limits.WallSeconds = 21_601 }, lim},
		"more than a day per lot":   {func(m *types.MsgSubmit) { m.Count, m.LotSize, m.Limits.WallSeconds = 2, 2, 43_201 }, lim},
		"wall limit that overflows": {func(m *types.MsgSubmit) { m.Count, m.LotSize, m.Limits.WallSeconds = 32, 32, 1<<27 }, lim},
		"no output":                 {func(m *types.MsgSubmit) { m.Limits.OutputKib = 0 }, lim},
		"most output":               {func(m *types.MsgSubmit) { m.Limits.OutputKib = types.MaxOutputKiB }, nil},
		"too much output":           {func(m *types.MsgSubmit) { m.Limits.OutputKib = types.MaxOutputKiB + 1 }, lim},
	}
}

func submitMoney() map[string]submitCase {
	price, dead, denom := types.ErrInvalidPrice, types.ErrInvalidDeadline, types.ErrInvalidDenom
	hired := func(operator string) func(*types.MsgSubmit) {
		return func(m *types.MsgSubmit) { *m = sim.Optimistic(*m); m.Hire = operator }
	}
	return map[string]submitCase{
		"no price":                   {func(m *types.MsgSubmit) { m.MaxPrice = 0 }, price},
		"price of 1":                 {func(m *types.MsgSubmit) { m.MaxPrice = 1 }, nil},
		"price over 2^53":            {func(m *types.MsgSubmit) { m.MaxPrice = types.MaxPrice + 1 }, price},
		"price of 2^53":              {func(m *types.MsgSubmit) { m.MaxPrice, m.Limits.Units = types.MaxPrice, 1 }, nil},
		"tip over 2^53":              {func(m *types.MsgSubmit) { m.Tip = types.MaxPrice + 1 }, price},
		"tip":                        {func(m *types.MsgSubmit) { m.Tip = 1 }, nil},
		"stake over 2^53":            {func(m *types.MsgSubmit) { m.ValueAtStake = types.MaxPrice + 1 }, price},
		"stake of 2^53":              {func(m *types.MsgSubmit) { m.ValueAtStake = types.MaxPrice }, nil},
		"gross that overflows":       {func(m *types.MsgSubmit) { m.MaxPrice, m.Limits.Units = types.MaxPrice, types.MaxUnits }, types.ErrAmountTooLarge},
		"escrow that overflows":      {func(m *types.MsgSubmit) { m.MaxPrice, m.Limits.Units, m.Count = types.MaxPrice, 1e12, 4_096 }, types.ErrAmountTooLarge},
		"bound that overflows":       {func(m *types.MsgSubmit) { m.MaxPrice, m.Limits.Units = types.MaxPrice, 5e11 }, types.ErrAmountTooLarge},
		"fees that overflow":         {func(m *types.MsgSubmit) { m.MaxPrice, m.Limits.Units = types.MaxPrice, 22e9 }, types.ErrAmountTooLarge},
		"all of the balance":         {func(m *types.MsgSubmit) { m.Replicas, m.MaxPrice = 2, 500*sim.CUPEL }, nil},
		"more than the balance":      {func(m *types.MsgSubmit) { m.Replicas, m.MaxPrice = 2, 500*sim.CUPEL+1 }, sdkerrors.ErrInsufficientFunds},
		"denom missing":              {func(m *types.MsgSubmit) { m.Denom = "" }, denom},
		"denom not listed":           {func(m *types.MsgSubmit) { m.Denom = "uatom" }, denom},
		"denom malformed":            {func(m *types.MsgSubmit) { m.Denom = "!" }, denom},
		"denom in upper case":        {func(m *types.MsgSubmit) { m.Denom = "UCUPEL" }, denom},
		"denom whose rate expired":   {func(m *types.MsgSubmit) { m.Denom = "ibc/old" }, denom},
		"other denom, no balance":    {func(m *types.MsgSubmit) { m.Denom = otherDenom }, sdkerrors.ErrInsufficientFunds},
		"deadline missing":           {func(m *types.MsgSubmit) { m.Deadline = 0 }, dead},
		"shortest deadline":          {func(m *types.MsgSubmit) { m.Deadline = 1 }, nil},
		"longest deadline":           {func(m *types.MsgSubmit) { m.Deadline = 60 }, nil},
		"deadline too long":          {func(m *types.MsgSubmit) { m.Deadline = 61 }, dead},
		"deadline that overflows":    {func(m *types.MsgSubmit) { m.Deadline = 1<<64 - 1 }, dead},
		"region of 32 characters":    {func(m *types.MsgSubmit) { m.Requirements.Region = strings.Repeat("r", 32) }, nil},
		"region of 33 characters":    {func(m *types.MsgSubmit) { m.Requirements.Region = strings.Repeat("r", 33) }, types.ErrInvalidFilter},
		"highest score":              {func(m *types.MsgSubmit) { m.Requirements.MinScore = 1_000_000 }, nil},
		"score over 1":               {func(m *types.MsgSubmit) { m.Requirements.MinScore = 1_000_001 }, types.ErrInvalidFilter},
		"hire":                       {hired(sim.Text(sim.Addr("w0"))), nil},
		"hire of nobody":             {hired(sim.Text(sim.Addr("nobody"))), types.ErrInvalidHire},
		"hire of a worker key":       {hired(sim.Text(sim.Addr("w0-hot"))), types.ErrInvalidHire},
		"hire with another prefix":   {hired("cosmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqnrql8a"), types.ErrInvalidHire},
		"hire with three replicas":   {func(m *types.MsgSubmit) { m.Hire = sim.Text(sim.Addr("w0")) }, types.ErrInvalidHire},
		"requester without coins":    {func(m *types.MsgSubmit) { m.Requester = sim.Text(sim.Addr("poor")) }, sdkerrors.ErrInsufficientFunds},
		"requester is a provider":    {func(m *types.MsgSubmit) { m.Requester = sim.Text(sim.Addr("w0")) }, sdkerrors.ErrInsufficientFunds},
		"requester is a worker key":  {func(m *types.MsgSubmit) { m.Requester = sim.Text(sim.Addr("w0-hot")) }, sdkerrors.ErrInsufficientFunds},
		"requester is the authority": {func(m *types.MsgSubmit) { m.Requester = sim.Text(sim.Gov) }, sdkerrors.ErrInsufficientFunds},
	}
}

func TestSubmit(t *testing.T) {
	tests := submitManifests()
	for _, more := range []map[string]submitCase{submitShapes(), submitMoney()} {
		for name, tc := range more {
			tests[name] = tc
		}
	}
	for name, address := range addressCases() {
		tests["requester "+name] = submitCase{func(m *types.MsgSubmit) { m.Requester = address }, sdkerrors.ErrInvalidAddress}
	}
	require.GreaterOrEqual(t, len(tests), 60)
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := passive(t, 1, func(g sim.Genesis) {
				g.Params().Denoms = append(g.Params().Denoms, types.Denom{Denom: "ibc/old", Rate: 1, Expires: 1_800_000_000})
				g.Params().MaxWallSeconds = types.DefaultParams().MaxWallSeconds
				g.Registry.Params.UnbondingTicks = registrytypes.DefaultParams().UnbondingTicks
			})
			msg := sim.Submit(requester)
			msg.Deadline = 10
			tc.edit(&msg)
			var res *types.MsgSubmitResponse

			attempt(t, c, tc.err, func(ctx context.Context) (err error) {
				res, err = c.Msgs().Submit(ctx, &msg)
				return err
			})

			if tc.err == nil {
				submitted(t, c, msg, res)
			}
		})
	}
}

// submitted checks what a submit leaves.
func submitted(t *testing.T, c *sim.Chain, msg types.MsgSubmit, res *types.MsgSubmitResponse) {
	t.Helper()
	require.EqualValues(t, 1, res.Batch)
	require.Equal(t, 1_000*sim.CUPEL-res.Escrow, c.Balance(requester))
	require.Equal(t, res.Escrow, c.Balance(marketAccount))
	tally, err := c.Tally(res.Batch)
	require.NoError(t, err)
	require.Equal(t, res.Escrow, tally.Escrow)
	task, err := c.Task(res.Batch, msg.Count-1)
	require.NoError(t, err)
	require.Equal(t, types.TaskOpen, task.State)
	require.Len(t, c.Events(types.EventTaskSubmitted), 1)
	require.Len(t, c.Events("EventBatchSubmitted"), 1)
}
