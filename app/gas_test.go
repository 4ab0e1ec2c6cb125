// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	storetypes "cosmossdk.io/store/types"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/cupel-network/cupel/testutil/circuits"
	"github.com/cupel-network/cupel/testutil/scale"
	"github.com/cupel-network/cupel/testutil/sim"
	marketkeeper "github.com/cupel-network/cupel/x/market/keeper"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	"github.com/cupel-network/cupel/x/market/types/voucher"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	registrykeeper "github.com/cupel-network/cupel/x/registry/keeper"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

const (
	// anteKeys are what the ante handler writes: two balances and an account.
	anteKeys = 3
	// attempts at a message whose gas and time do not agree: others use the
	// machine as well.
	attempts = 4
)

// priced is what a transaction costs: in gas and in time.
type priced struct {
	// gas is without prepaid, which pays for steps of later blocks.
	gas, prepaid uint64
	// keys are the writes of its messages.
	keys int
	cpu  time.Duration
}

// time is that of executing the transaction and of writing its keys to a tree.
func (p priced) time(write time.Duration) time.Duration {
	return p.cpu + write*time.Duration(anteKeys+p.keys)
}

// tally is a gas meter that tells apart what gas is for.
type tally struct {
	storetypes.GasMeter
	prepaid uint64
	keys    int
}

func (t *tally) ConsumeGas(amount storetypes.Gas, descriptor string) {
	switch descriptor {
	case "queued steps":
		t.prepaid += amount
	case storetypes.GasWriteCostFlatDesc, storetypes.GasDeleteDesc:
		t.keys++
	}
	t.GasMeter.ConsumeGas(amount, descriptor)
}

// gauge measures transactions on the committed state of a chain, which they do
// not change.
type gauge struct {
	*chain
	runs  int
	write time.Duration
	// unit is a transfer, again before each message.
	unit []byte
	rows map[string]priced
	off  map[string]string
	// refusal is the error of what is measured, nil of what is good.
	refusal error
}

func newGauge(c *chain, sender *person) *gauge {
	c.t.Helper()
	g := &gauge{chain: c, runs: scale.Of(c.t, 30, 120), rows: map[string]priced{}, off: map[string]string{}}
	c.app.memo.limit = 0 // what others have checked is not known
	g.write = g.keyTime()
	to := sdk.AccAddress("to-address-of-20-byt")
	g.unit = g.sign(sender, banktypes.NewMsgSend(sender.address, to, coins(1)))
	sender.sequence--
	return g
}

// threadTime is what this thread has used of the processor.
func threadTime(t testing.TB) time.Duration {
	t.Helper()
	var now unix.Timespec
	require.NoError(t, unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now))
	return time.Duration(now.Nano())
}

// keyTime is what it takes to bring a key into a tree and a block.
func (g *gauge) keyTime() time.Duration {
	g.t.Helper()
	const keys = 2_000
	var all []time.Duration
	for round := range 5 {
		store := g.app.CommitMultiStore().GetKVStore(g.app.UnsafeFindStoreKey(markettypes.StoreKey))
		empty := cpuTime(g.t)
		g.block()
		before := cpuTime(g.t)
		for i := range keys {
			key := sha256.Sum256([]byte(fmt.Sprint(round, i)))
			store.Set(append([]byte{0xfe}, key[:]...), key[:])
		}
		g.block()
		all = append(all, (cpuTime(g.t)-before-(before-empty))/keys)
	}
	store := g.app.CommitMultiStore().GetKVStore(g.app.UnsafeFindStoreKey(markettypes.StoreKey))
	for round := range 5 {
		for i := range keys {
			key := sha256.Sum256([]byte(fmt.Sprint(round, i)))
			store.Delete(append([]byte{0xfe}, key[:]...))
		}
	}
	g.block()
	slices.Sort(all)
	return all[len(all)/2]
}

// run executes a transaction as a block does and forgets it.
func (g *gauge) run(raw []byte) (priced, error) {
	header := g.header()
	header.Height, header.Time = header.Height+1, g.now.Add(time.Second)
	params := *consensusParams()
	ctx := g.app.NewUncachedContext(false, header).WithConsensusParams(params).
		WithTxBytes(raw).WithIsSigverifyTx(true).WithExecMode(sdk.ExecModeFinalize)
	block, _ := ctx.CacheContext()
	require.NoError(g.t, g.app.MarketKeeper.BeginBlock(block)) // the clock goes on
	start := threadTime(g.t)
	tx, err := g.app.TxConfig().TxDecoder()(raw)
	if err != nil {
		return priced{}, err
	}
	checked, write := block.CacheContext()
	passed, err := g.app.AnteHandler()(checked, tx, false)
	if err != nil {
		return priced{}, fmt.Errorf("ante: %w", err)
	}
	write()
	meter := &tally{GasMeter: passed.GasMeter()}
	running, write := passed.WithMultiStore(block.MultiStore()).WithGasMeter(meter).CacheContext()
	if err = g.handle(running, tx.GetMsgs()); err == nil {
		write()
	} else {
		meter.keys = 0
	}
	took := threadTime(g.t) - start
	return priced{gas: meter.GasConsumed() - meter.prepaid, prepaid: meter.prepaid, keys: meter.keys, cpu: took}, err
}

func (g *gauge) handle(ctx sdk.Context, msgs []sdk.Msg) error {
	for _, msg := range msgs {
		if _, err := g.app.MsgServiceRouter().Handler(msg)(ctx, msg); err != nil {
			return err
		}
	}
	return nil
}

// ends runs a transaction that must fail with refusal, or pass if that is nil.
func (g *gauge) ends(name string, raw []byte, refusal error) priced {
	g.t.Helper()
	p, err := g.run(raw)
	if refusal == nil {
		require.NoError(g.t, err, name)
	} else {
		require.ErrorIs(g.t, err, refusal, name)
	}
	return p
}

// median runs a transaction and a transfer by turns and returns what each takes.
func (g *gauge) median(name string, one, two []byte) (a, b priced) {
	g.t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	var ones, twos []time.Duration
	for range g.runs {
		a = g.ends(name, one, g.refusal)
		b = g.ends("transfer", two, nil)
		ones, twos = append(ones, a.cpu), append(twos, b.cpu)
	}
	slices.Sort(ones)
	slices.Sort(twos)
	a.cpu, b.cpu = ones[len(ones)/2], twos[len(twos)/2]
	return a, b
}

// tolerance is by how much gas per time may differ from a transfer's.
func (g *gauge) tolerance() float64 {
	if scale.Name() == "full" {
		return 2
	}
	return 3
}

// message measures one message of a person.
func (g *gauge) message(p *person, msgs ...sdk.Msg) {
	g.t.Helper()
	g.named(fmt.Sprintf("%T", msgs[0]), p, msgs...)
}

func (g *gauge) named(name string, p *person, msgs ...sdk.Msg) {
	g.t.Helper()
	raw := g.sign(p, msgs...)
	p.sequence--
	g.tx(name, raw)
}

// refused measures a message that fails after the work that it pays for.
func (g *gauge) refused(name string, refusal error, p *person, msgs ...sdk.Msg) {
	g.t.Helper()
	g.refusal = refusal
	g.named(name, p, msgs...)
	g.refusal = nil
}

// tx measures a signed transaction and notes by how much it is off.
func (g *gauge) tx(name string, raw []byte) {
	g.t.Helper()
	if _, ok := g.rows[name]; ok {
		return
	}
	var ratio float64
	for range attempts {
		p, unit := g.median(name, raw, g.unit)
		ratio = float64(p.time(g.write)) / float64(unit.time(g.write)) * float64(unit.gas) / float64(p.gas)
		g.rows[name] = p
		delete(g.off, name)
		if ratio <= g.tolerance() && ratio >= 1/g.tolerance() {
			break
		}
		if ratio < 1 && keepsForEver(name) {
			break
		}
		g.off[name] = fmt.Sprintf("%s takes %.2f times the time per gas of a transfer", name, ratio)
	}
	p := g.rows[name]
	g.t.Logf("%-44s %8.0f µs %9d gas %9d prepaid %4d keys   time per gas %5.2f", name,
		float64(p.time(g.write))/float64(time.Microsecond), p.gas, p.prepaid, p.keys, ratio)
}

// keepsForEver names the messages whose gas is also the price of a place in the
// state that nobody gives back.
func keepsForEver(name string) bool {
	switch name {
	case "*types.MsgRegisterCircuit", "*types.MsgCreateModel", "*types.MsgForkModel",
		"*types.MsgPublishVersion", "*types.MsgMergeModels", "*types.MsgRollbackModel":
		return true
	}
	return false
}

// done fails if any message's gas and time do not agree.
func (g *gauge) done() {
	g.t.Helper()
	require.Empty(g.t, slices.Sorted(maps.Values(g.off)), "within %.0f of a transfer", g.tolerance())
}

// TestGasFollowsTime: a gas of any message takes about the time of a transfer's:
// within 2 times at full size, within 3 otherwise, where machines are busy.
func TestGasFollowsTime(t *testing.T) {
	m := newMarket(t, 10, 1_000)
	m.join()
	g := newGauge(m.chain, m.requesters[0])
	g.tx("transfer", g.unit)
	m.gasOfOrders(g)
	m.gasOfProviders(g)
	m.gasOfModels(g)
	m.gasOfSessions(g)
	m.gasOfProofs(g)
	m.gasOfClaims(g)
	m.gasOfQuotes(g)
	m.gasOfUnjail(g)
	m.gasOfAnswers(g)
	g.done()
	// A message of governance runs at the end of a block, after a vote: nobody
	// sends it for a fee.
	excused := map[string]string{
		"MsgUpdateParams": "of governance", "MsgEndParams": "of governance", "MsgAddClass": "of governance",
		"MsgAuditCircuit": "of governance", "MsgForceSeal": "of governance",
	}
	for _, name := range ofAttestors() {
		excused[name] = "TestGasOfAttestors"
	}
	g.complete(excused)
}

// complete fails if a message of ours is neither measured nor excused.
func (g *gauge) complete(excused map[string]string) {
	g.t.Helper()
	for _, message := range ownMessages(g.t) {
		name := string(message.Name())
		measured := g.measured(name)
		require.True(g.t, measured != (excused[name] != ""), "%s is measured: %t, excused: %q", name, measured, excused[name])
	}
}

// measured reports whether there is a row of a message: its name, and after a
// space which of them.
func (g *gauge) measured(message string) bool {
	for row := range g.rows {
		if name, _, _ := strings.Cut(strings.TrimPrefix(row, "*types."), " "); name == message {
			return true
		}
	}
	return false
}

func (m *market) gasOfOrders(g *gauge) {
	p := m.requesters[0]
	order := func(edit func(*markettypes.MsgSubmit)) *markettypes.MsgSubmit {
		msg := sim.Submit(p.address)
		msg.Limits.WallSeconds = 1
		edit(&msg)
		return &msg
	}
	g.named("MsgSubmit of one", p, order(func(*markettypes.MsgSubmit) {}))
	g.named("MsgSubmit of 100 in lots of 4", p, order(func(s *markettypes.MsgSubmit) { s.Count, s.LotSize = 100, 4 }))
	g.named("MsgSubmit of 32 in lots of one", p, order(func(s *markettypes.MsgSubmit) { s.Count = 32 }))
	// Nobody is as cheap: the batch stays open.
	m.accepted(m.sign(p, order(func(s *markettypes.MsgSubmit) { s.Count, s.LotSize, s.MaxPrice = 32, 4, 1 })))
	g.refresh(p)
	g.message(p, &markettypes.MsgCancel{Requester: p.text, Batch: m.nextBatch() - 1})
}

func (m *market) nextBatch() uint64 {
	next, err := m.app.MarketKeeper.NextBatch.Peek(m.app.NewContext(true))
	require.NoError(m.t, err)
	return next
}

// refresh signs the unit anew after its sender has signed something.
func (g *gauge) refresh(p *person) {
	g.unit = g.sign(p, banktypes.NewMsgSend(p.address, sdk.AccAddress("to-address-of-20-byt"), coins(1)))
	p.sequence--
}

func (m *market) gasOfProviders(g *gauge) {
	p, stranger, hot := m.providers[9], m.requesters[1], m.requesters[2]
	amount := sdk.NewInt64Coin(BaseDenom, marketBond)
	resources := []registrytypes.Resource{{Class: sim.Class, Count: 64, Price: marketAsk}}
	g.message(stranger, &registrytypes.MsgRegister{
		Operator: stranger.text, Worker: hot.text, Payout: stranger.text, Bond: amount, Region: "eu-west",
		Endpoint: "http://stranger.example.com:8080", Resources: resources,
	})
	g.message(p.operator, &registrytypes.MsgUpdateProvider{
		Operator: p.operator.text, Payout: p.payout, Region: "eu-east", Endpoint: p.endpoint(), Resources: resources,
	})
	g.message(p.operator, &registrytypes.MsgRotateWorker{Operator: p.operator.text, Worker: hot.text})
	g.message(p.operator, &registrytypes.MsgBond{Operator: p.operator.text, Amount: coins(5)[0]})
	g.message(p.operator, &registrytypes.MsgUnbond{Operator: p.operator.text, Amount: coins(5)[0]})
	g.message(p.worker, &registrytypes.MsgHeartbeat{Worker: p.worker.text})
	g.message(p.operator, &registrytypes.MsgDrain{Signer: p.operator.text, Drain: true})
	g.message(p.operator, &registrytypes.MsgDeregister{Operator: p.operator.text})
}

func (m *market) gasOfModels(g *gauge) {
	p := m.requesters[1]
	content := func(b byte) registrytypes.ModelContent {
		return registrytypes.ModelContent{
			ContentHash: bytes.Repeat([]byte{b}, 32), Uri: "https://models.example.com/weights.safetensors",
			DataHashes: [][]byte{bytes.Repeat([]byte{9}, 32)}, Metrics: []registrytypes.Metric{{Name: "accuracy", Value: "0.91"}},
		}
	}
	signer := m.requesters[2]
	create := &registrytypes.MsgCreateModel{Owner: p.text, Name: "lab/model", RoyaltyBps: 500, Content: content(1), Signers: []string{signer.text}}
	g.message(p, create)
	m.accepted(m.sign(p, create))
	g.message(p, &registrytypes.MsgForkModel{Owner: p.text, Parent: registrytypes.VersionRef{Model: 1, Version: 1}, Name: "lab/fork", Content: content(2)})
	g.message(signer, &registrytypes.MsgSignVersion{Signer: signer.text, Model: 1, Version: 1})
	publish := &registrytypes.MsgPublishVersion{Owner: p.text, Model: 1, Content: content(3)}
	g.message(p, publish)
	m.accepted(m.sign(p, publish))
	g.message(p, &registrytypes.MsgMergeModels{Owner: p.text, Model: 1, Parents: []registrytypes.VersionRef{{Model: 1, Version: 1}, {Model: 1, Version: 2}}, Content: content(4)})
	g.message(p, &registrytypes.MsgRollbackModel{Owner: p.text, Model: 1, Version: 1})
	g.message(p, &registrytypes.MsgUpdateModel{Owner: p.text, Model: 1, RoyaltyBps: 400})
	g.message(p, &registrytypes.MsgTransferModel{Owner: p.text, Model: 1, NewOwner: signer.text})
}

// gasOfSessions opens a session, pays with a voucher and closes it.
func (m *market) gasOfSessions(g *gauge) {
	const class, price = "chat/v1", 30_000
	p, seller := m.requesters[1], m.providers[8]
	add := m.app.NewUncachedContext(false, m.header()).WithChainID(testChainID)
	_, err := registrykeeper.NewMsgServer(m.app.RegistryKeeper).AddClass(add, &registrytypes.MsgAddClass{
		Authority: authtypes.NewModuleAddress(govtypes.ModuleName).String(), Name: class, Unit: registrytypes.UnitToken,
	})
	require.NoError(m.t, err)
	m.block()
	m.accepted(m.sign(seller.operator, &registrytypes.MsgUpdateProvider{
		Operator: seller.operator.text, Payout: seller.payout, Region: "eu-west", Endpoint: seller.endpoint(),
		Resources: []registrytypes.Resource{{Class: sim.Class, Count: 64, Price: marketAsk}, {Class: class, Count: 8, Price: price}},
	}))
	seed := sha256.Sum256([]byte("voucher"))
	key := ed25519.NewKeyFromSeed(seed[:])
	open := &markettypes.MsgOpenSession{
		Requester: p.text, Provider: seller.operator.text, Class: class, Denom: sim.Denom, Deposit: 1_000_000_000,
		MaxPrice: price, VoucherKey: key.Public().(ed25519.PublicKey), Duration: 100,
	}
	g.message(p, open)
	m.accepted(m.sign(p, open))
	g.message(p, &markettypes.MsgTopUp{Requester: p.text, Session: 1, Amount: 1_000_000})
	signed, err := voucher.Sign(key, voucher.Voucher{ChainID: testChainID, Session: 1, Sequence: 1, Units: 1_000, Amount: price})
	require.NoError(m.t, err)
	redeem := &markettypes.MsgRedeem{Sender: seller.worker.text, Vouchers: []markettypes.SessionVoucher{markettypes.NewSessionVoucher(signed)}}
	g.message(seller.worker, redeem)
	g.message(p, &markettypes.MsgCloseSession{Sender: p.text, Session: 1})
}

// gasOfProofs registers a circuit and proves a task.
func (m *market) gasOfProofs(g *gauge) {
	maker, buyer, hired := m.requesters[1], m.requesters[2], m.providers[7]
	system, err := circuits.NewCube()
	require.NoError(m.t, err)
	circuit := &oracletypes.MsgRegisterCircuit{Owner: maker.text, Name: "cube/v1", Inputs: circuits.Inputs, Key: system.Key}
	g.message(maker, circuit)
	m.accepted(m.sign(maker, circuit))
	order := sim.Submit(buyer.address)
	order.Policy, order.Replicas, order.Circuit, order.Hire = markettypes.PolicyProof, 1, 1, hired.operator.text
	order.Limits.WallSeconds, order.Statement = 1, append(make([]byte, 31), 5)
	m.accepted(m.sign(buyer, &order))
	m.block()
	queries := marketkeeper.NewQueryServer(m.app.MarketKeeper)
	work, err := queries.Work(m.app.NewContext(true), &markettypes.QueryWorkRequest{Provider: hired.ID})
	require.NoError(m.t, err)
	require.Len(m.t, work.Lots, 1)
	batch, err := m.app.MarketKeeper.Batches.Get(m.app.NewContext(true), work.Lots[0].Batch)
	require.NoError(m.t, err)
	digest, proof, err := system.Prove(markettypes.ProofBinding(testChainID, markettypes.TaskID(batch.Id, 0), hired.Operator), batch.StatementOf(0))
	require.NoError(m.t, err)
	prove := &markettypes.MsgProve{Worker: hired.worker.text, Lots: []markettypes.LotProof{{
		Batch: batch.Id, Attempt: work.Lots[0].Attempt, Proofs: [][]byte{proof},
		Results: []markettypes.Result{{Outcome: markettypes.OutcomeOK, Digest: digest, Units: batch.Limits.Units}},
	}}}
	g.message(hired.worker, prove)
	m.accepted(m.sign(hired.worker, prove))
}

// gasOfAnswers measures what workers send for lots and audits, a challenge and a
// crank, as they come up.
func (m *market) gasOfAnswers(g *gauge) {
	p := m.requesters[2]
	submit := func(replicas, count, lot uint32, edits ...func(*markettypes.MsgSubmit)) {
		msg := sim.Submit(p.address)
		msg.Limits.WallSeconds, msg.Count, msg.LotSize = 1, count, lot
		if msg.Replicas = replicas; replicas == 1 {
			msg = sim.Optimistic(msg)
		}
		for _, edit := range edits {
			edit(&msg)
		}
		m.accepted(m.sign(p, &msg))
	}
	// Answers to this one are close and not equal: a committee compares them.
	near, fee := m.nextBatch(), uint64(100_000)
	for i, worker := range m.providers {
		worker.Run = func(task uint64) sim.Answer {
			if batch, _ := markettypes.SplitTaskID(task); batch == near {
				return sim.Near(byte(i))(task)
			}
			return sim.Honest(task)
		}
	}
	submit(3, 1, 1, func(s *markettypes.MsgSubmit) {
		s.Comparator, s.Tolerance = markettypes.ComparatorTolerance, &markettypes.Tolerance{Rel: 1_000_000, Dtype: markettypes.DTypeFloat32}
		s.MaxPrice = fee
	})
	submit(1, 1, 1, func(s *markettypes.MsgSubmit) {
		s.Policy, s.Hire = markettypes.PolicyScored, m.providers[0].operator.text
	})
	submit(3, 1, 1)
	submit(3, 4, 4)
	submit(1, 1, 1)
	submit(1, 4, 4)
	missing := func() (names []string) {
		for _, name := range []string{"MsgCommit", "MsgReveal", "MsgCommitCase", "MsgRevealCase", "MsgChallenge", "MsgCrank", "MsgCommitVote", "MsgRevealVote", "MsgAccept", "MsgReject", "MsgAppeal"} {
			if _, ok := g.rows["*types."+name]; !ok {
				names = append(names, name)
			}
		}
		return names
	}
	for range 60 {
		for _, worker := range m.providers {
			for _, msg := range append(m.answers(worker), m.votes(worker)...) {
				g.named(fmt.Sprintf("%T%s", msg, sizeOf(msg)), worker.worker, msg)
			}
		}
		votes := m.gasOfDisputes(g, p)
		for _, worker := range m.providers {
			if msgs := append(m.answers(worker), m.votes(worker)...); len(msgs) > 0 {
				votes = append(votes, m.sign(worker.worker, msgs...))
			}
		}
		m.accepted(votes...)
		if len(missing()) == 0 {
			return
		}
	}
	require.Empty(m.t, missing(), "they never came up")
}

// votes is what a member of committees sends now.
func (m *market) votes(p *provider) (msgs []sdk.Msg) {
	m.t.Helper()
	queries := marketkeeper.NewQueryServer(m.app.MarketKeeper)
	work, err := queries.VerdictWork(m.app.NewContext(true), &markettypes.QueryVerdictWorkRequest{Provider: p.ID})
	require.NoError(m.t, err)
	for _, v := range work.Verdicts {
		reveal := p.VoteReveal(v)
		switch {
		case v.CommitteePhase == markettypes.CommitteePhaseCommit && v.Phase == markettypes.MemberAssigned:
			msgs = append(msgs, &markettypes.MsgCommitVote{Worker: p.worker.text, Votes: []markettypes.VoteCommit{{
				Verdict: v.Verdict, Round: v.Round, Commitment: markettypes.CommitVote(testChainID, p.Operator, reveal),
			}}})
		case v.CommitteePhase == markettypes.CommitteePhaseReveal && v.Phase == markettypes.MemberCommitted:
			msgs = append(msgs, &markettypes.MsgRevealVote{Worker: p.worker.text, Votes: []markettypes.VoteReveal{reveal}})
		}
	}
	return msgs
}

// sizeOf tells large answers from small ones.
func sizeOf(msg sdk.Msg) string {
	reveal, ok := msg.(*markettypes.MsgReveal)
	if ok && len(reveal.Lots[0].Results) > 1 {
		return " of 4"
	}
	return ""
}

// gasOfDisputes measures what a requester says about agreed tasks, where it is
// possible, and returns its challenge.
func (m *market) gasOfDisputes(g *gauge, p *person) (txs [][]byte) {
	queries := marketkeeper.NewQueryServer(m.app.MarketKeeper)
	ctx := m.app.NewContext(true)
	for batch := range m.nextBatch() {
		task := markettypes.TaskID(batch, 0)
		if _, err := queries.Task(ctx, &markettypes.QueryTaskRequest{Task: task}); err != nil {
			continue
		}
		for _, msg := range []sdk.Msg{
			&markettypes.MsgChallenge{Sender: p.text, Task: task, Kind: markettypes.ChallengeWrong},
			&markettypes.MsgCrank{Sender: p.text, Steps: []markettypes.Step{{Kind: markettypes.StepLot, Batch: batch}}},
			&markettypes.MsgAccept{Requester: p.text, Lots: []markettypes.LotRef{{Batch: batch}}},
			&markettypes.MsgReject{Requester: p.text, Task: task},
			&markettypes.MsgAppeal{Sender: p.text, Task: task},
		} {
			raw := g.sign(p, msg)
			p.sequence--
			if _, known := g.rows[fmt.Sprintf("%T", msg)]; known {
				continue
			} else if _, err := g.run(raw); err != nil {
				continue
			}
			g.message(p, msg)
			if _, ok := msg.(*markettypes.MsgChallenge); ok {
				txs = append(txs, g.sign(p, msg)) // whoever loses it can appeal
			}
		}
	}
	return txs
}
