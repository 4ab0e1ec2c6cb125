// SPDX-License-Identifier: Apache-2.0

package job

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/cmd/internal/receipt"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

const (
	home      = "cupel-job-1"
	paidTask  = uint64(7 << 12)
	paidAt    = int64(90)
	sealedAt  = int64(130)
	nonceHead = uint64(3)
)

// fakeOracle answers from what was made once.
type fakeOracle struct {
	oracletypes.QueryClient
	proof    *oracletypes.QueryProofResponse
	proofErr error
	// early is how many calls are refused with proofErr before the answer.
	early  int
	heads  map[uint64]*oracletypes.QuerySignaturesResponse
	sets   map[uint64]oracletypes.AttestorSet
	proved []int64
	// leaves are those of every checkpoint; pages counts the calls for them.
	leaves []oracletypes.SettledLeaf
	pages  int
	// answer makes a proof; proof is it otherwise.
	answer func(task uint64) *oracletypes.QueryProofResponse
}

func (f *fakeOracle) Leaves(_ context.Context, req *oracletypes.QueryLeavesRequest, _ ...grpc.CallOption) (*oracletypes.QueryLeavesResponse, error) {
	f.pages++
	end := min(req.Offset+req.Limit, uint32(len(f.leaves)))
	return &oracletypes.QueryLeavesResponse{Checkpoint: f.heads[req.Nonce].Checkpoint, Leaves: f.leaves[req.Offset:end]}, nil
}

func (f *fakeOracle) Proof(_ context.Context, req *oracletypes.QueryProofRequest, _ ...grpc.CallOption) (*oracletypes.QueryProofResponse, error) {
	f.proved = append(f.proved, req.Height)
	if f.early > 0 {
		f.early--
		return nil, f.proofErr
	}
	if f.answer != nil {
		return f.answer(req.Task), nil
	}
	return f.proof, nil
}

func (f *fakeOracle) Signatures(_ context.Context, req *oracletypes.QuerySignaturesRequest, _ ...grpc.CallOption) (*oracletypes.QuerySignaturesResponse, error) {
	if res, ok := f.heads[req.Nonce]; ok {
		return res, nil
	}
	return nil, status.Error(codes.NotFound, "no such header")
}

func (f *fakeOracle) AttestorSet(_ context.Context, req *oracletypes.QueryAttestorSetRequest, _ ...grpc.CallOption) (*oracletypes.QueryAttestorSetResponse, error) {
	return &oracletypes.QueryAttestorSetResponse{Set: f.sets[req.Id]}, nil
}

// fakeChronicle remembers one block.
type fakeChronicle struct {
	events  []abci.Event
	settled int64
	err     error
}

func (f *fakeChronicle) ChainID(context.Context) (string, error) { return home, f.err }

func (f *fakeChronicle) Events(_ context.Context, height int64) ([]abci.Event, error) {
	if height != paidAt {
		return nil, nil
	}
	return f.events, f.err
}

func (f *fakeChronicle) Settled(context.Context, uint64) (int64, error) { return f.settled, f.err }

// key returns the same key for a name at every run.
func key(name string) *secp256k1.PrivateKey {
	seed := checkpoint.Keccak256([]byte(name))
	return secp256k1.PrivKeyFromBytes(seed[:])
}

func headOf(h checkpoint.Header, set checkpoint.Set, k *secp256k1.PrivateKey, next uint64) *oracletypes.QuerySignaturesResponse {
	signature := checkpoint.Sign(k, checkpoint.NewDomain(home).Digest(h))
	address := checkpoint.KeyAddress(k.PubKey())
	return &oracletypes.QuerySignaturesResponse{
		Checkpoint: oracletypes.Checkpoint{Header: oracletypes.NewHeader(h), SetId: set.ID, NextSetId: next, SealedHeight: sealedAt, SignedPower: 5},
		Set:        oracletypes.NewAttestorSet(set, 10, 0, 5), Threshold: set.Threshold(), Power: 5,
		Signatures: []oracletypes.AttestorSignature{{Key: address[:], Signature: signature[:]}},
	}
}

// settledEvent is what the chain says of the task.
func settledEvent(result []byte) abci.Event { return settledEventOf(paidTask, result) }

func settledEventOf(task uint64, result []byte) abci.Event {
	operator := func(b byte) string { return sdk.AccAddress(bytes.Repeat([]byte{b}, 20)).String() }
	return abci.Event(sdk.NewEvent(markettypes.EventTaskSettled,
		markettypes.Attr(markettypes.AttrTaskID, task), markettypes.Attr(markettypes.AttrAttempt, 3),
		sdk.NewAttribute(markettypes.AttrRequester, operator(9)), sdk.NewAttribute(markettypes.AttrDenom, "ucupel"),
		markettypes.HexAttr(markettypes.AttrDigest, result), markettypes.Attr(markettypes.AttrUnits, 900),
		markettypes.Attr(markettypes.AttrAmount, 601), sdk.NewAttribute(markettypes.AttrProviders, "1,2"),
		sdk.NewAttribute(markettypes.AttrAccounts, operator(1)+","+operator(2)), sdk.NewAttribute(markettypes.AttrAmounts, "300,301")))
}

// proven is a bench whose task 7/0 was paid to two providers, under nonce 3,
// signed by set 2, to which nonce 2 handed over.
func proven(t *testing.T, result []byte) (*bench, *fakeOracle, *fakeChronicle) {
	t.Helper()
	b := newBench()
	v := frame(markettypes.TaskSettled)
	v.tasks[0].Result.Digest, v.tasks[0].SettledHeight = result, paidAt
	b.market.frames = []snapshot{v}
	event := settledEvent(result)
	leaves, err := markettypes.SettledLeaves(home, event)
	require.NoError(t, err)
	tree, err := checkpoint.NewTree([]checkpoint.Hash{leaves[0].Hash(), leaves[1].Hash(), checkpoint.Keccak256([]byte("another"))})
	require.NoError(t, err)

	member := func(name string) []checkpoint.Member {
		return []checkpoint.Member{{Address: checkpoint.KeyAddress(key(name).PubKey()), Power: 5}}
	}
	one, two := checkpoint.Set{ID: 1, Time: 1000, Members: member("one")}, checkpoint.Set{ID: 2, Time: 2000, Members: member("two")}
	before := checkpoint.Keccak256([]byte("root 1"))
	change := checkpoint.Header{Nonce: 2, Height: 80, Root: before, PrevRoot: before, Set: one.Hash(), NextSet: two.Hash()}
	head := checkpoint.Header{Nonce: nonceHead, Height: 120, Root: tree.Root(), PrevRoot: before, LeafCount: 3, Set: two.Hash(), NextSet: two.Hash()}
	o := &fakeOracle{
		heads: map[uint64]*oracletypes.QuerySignaturesResponse{2: headOf(change, one, key("one"), 2), nonceHead: headOf(head, two, key("two"), 2)},
		sets:  map[uint64]oracletypes.AttestorSet{2: oracletypes.NewAttestorSet(two, 80, 2, 5)},
		proof: &oracletypes.QueryProofResponse{},
	}
	o.proof.Checkpoint = o.heads[nonceHead].Checkpoint
	for _, l := range leaves {
		hash := l.Hash()
		siblings, err := tree.Proof(hash)
		require.NoError(t, err)
		p := oracletypes.LeafProof{Leaf: oracletypes.SettledLeaf{Task: paidTask, Hash: hash[:], Height: paidAt}}
		for _, s := range siblings {
			p.Siblings = append(p.Siblings, s[:])
		}
		o.proof.Proofs = append(o.proof.Proofs, p)
	}
	c := &fakeChronicle{events: []abci.Event{{Type: "other"}, event}, settled: paidAt}
	b.oracle, b.blocks = o, c
	b.oracleAt = func(int64) oracletypes.QueryClient { return o }
	return b, o, c
}

// receiptCmd executes a verb of the receipt command over the fakes.
func (b *bench) receiptCmd(args ...string) error {
	root := &cobra.Command{Use: "cupeld", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(receiptTree(func(cmd *cobra.Command) (*session, error) {
		b.json = outputFormat(cmd) == "json"
		return b.session, nil
	}))
	exit.MarkUsage(root)
	root.SetArgs(append([]string{"receipt"}, args...))
	root.SetOut(b.stdout)
	root.SetErr(b.stderr)
	return root.ExecuteContext(context.Background())
}

func readBack(t *testing.T, path string) receipt.Receipt {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	r, err := receipt.Parse(data)
	require.NoError(t, err)
	return r
}

func TestReceiptFetchAndVerify(t *testing.T) {
	t.Chdir(t.TempDir())
	b, o, _ := proven(t, digestOf("x"))
	require.NoError(t, b.receiptCmd("fetch", "7/0"))
	require.Equal(t, "receipt in receipt-28672.json\n", b.stdout.String())
	require.Equal(t, []int64{paidAt}, o.proved)
	r := readBack(t, "receipt-28672.json")
	require.Len(t, r.Proofs, 2)
	require.Len(t, r.Line, 1)
	require.EqualValues(t, 301, r.Proofs[1].Leaf.Amount)

	b.stdout.Reset()
	require.NoError(t, b.receiptCmd("verify", "receipt-28672.json"))
	require.Contains(t, b.stdout.String(), "paid        300ucupel to ")
	require.Contains(t, b.stdout.String(), "proven      if set 1 of cupel-job-1 is "+r.Line[0].Set.Hash().String())
	require.Contains(t, b.stderr.String(), "Not proven is that this set is the chain's")

	b.stdout.Reset()
	b.stderr.Reset()
	require.NoError(t, b.receiptCmd("verify", "receipt-28672.json", "--set", r.Line[0].Set.Hash().String(), "-o", "json"))
	var v statementJSON
	require.NoError(t, json.Unmarshal(b.stdout.Bytes(), &v))
	require.True(t, v.Verified && v.Trusted)
	require.EqualValues(t, 1, v.Anchor)
	require.Len(t, v.Payments, 2)
	require.Empty(t, b.stderr.String())

	b.stdout.Reset()
	require.NoError(t, b.receiptCmd("show", "receipt-28672.json"))
	require.Contains(t, b.stdout.String(), "checkpoint  3 at height 120")
	require.Contains(t, b.stderr.String(), "Nothing of this was checked")
}

func TestReceiptVerifyCodes(t *testing.T) {
	t.Chdir(t.TempDir())
	b, _, _ := proven(t, digestOf("x"))
	require.NoError(t, b.receiptCmd("fetch", "28672", "--out", "r.json"))
	data, err := os.ReadFile("r.json")
	require.NoError(t, err)
	write(t, "amount.json", strings.Replace(string(data), `"amount": "301"`, `"amount": "901"`, 1))
	write(t, "text.json", "not a receipt")
	stranger := checkpoint.Keccak256([]byte("stranger")).String()
	tests := map[string]struct {
		args []string
		code int
	}{
		"good":            {[]string{"r.json"}, exit.OK},
		"another amount":  {[]string{"amount.json"}, exit.VerificationFailed},
		"no receipt":      {[]string{"text.json"}, exit.VerificationFailed},
		"a stranger's":    {[]string{"r.json", "--set", stranger}, exit.VerificationFailed},
		"no file":         {[]string{"none.json"}, exit.UsageError},
		"a bad hash":      {[]string{"r.json", "--set", "0x12"}, exit.UsageError},
		"a zero hash":     {[]string{"r.json", "--set", checkpoint.Hash{}.String()}, exit.UsageError},
		"an empty output": {[]string{"r.json", "-o", "xml"}, exit.UsageError},
		"no argument":     {nil, exit.UsageError},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			err := b.receiptCmd(append([]string{"verify"}, tc.args...)...)
			require.Equal(t, tc.code, exit.Code(err), "%v", err)
			if err != nil {
				require.LessOrEqual(t, strings.Count(err.Error(), "\n"), 2, "an error has at most three lines")
			}
		})
	}
}

func TestReceiptFetchRefuses(t *testing.T) {
	early := status.Error(codes.InvalidArgument, "its leaf waits for the next checkpoint")
	tests := map[string]struct {
		spoil func(*bench, *fakeOracle, *fakeChronicle)
		code  int
		says  string
	}{
		"a task that is agreed": {func(b *bench, _ *fakeOracle, _ *fakeChronicle) {
			b.market.frames = []snapshot{frame(markettypes.TaskAgreed)}
		}, exit.WaitTimedOut, "is AGREED"},
		"a task that failed": {func(b *bench, _ *fakeOracle, _ *fakeChronicle) {
			b.market.frames = []snapshot{frame(markettypes.TaskFailed)}
		}, exit.JobFailed, "did not agree"},
		"a leaf in no checkpoint": {func(_ *bench, o *fakeOracle, _ *fakeChronicle) {
			o.early, o.proofErr = 1, early
		}, exit.WaitTimedOut, "waits for the next checkpoint"},
		"a checkpoint that is not sealed": {func(_ *bench, o *fakeOracle, _ *fakeChronicle) {
			o.heads[nonceHead].Checkpoint.SealedHeight = 0
		}, exit.WaitTimedOut, "has signatures of 5 of the 4 power"},
		"a checkpoint that governance sealed": {func(_ *bench, o *fakeOracle, _ *fakeChronicle) {
			o.heads[nonceHead].Checkpoint.Forced, o.heads[nonceHead].Signatures = true, nil
		}, exit.Failure, "without signatures"},
		"a leaf that no event makes": {func(_ *bench, o *fakeOracle, _ *fakeChronicle) {
			o.proof.Proofs[0].Leaf.Hash = digestOf("y")
		}, exit.VerificationFailed, "which no event"},
		"siblings of another leaf": {func(_ *bench, o *fakeOracle, _ *fakeChronicle) {
			o.proof.Proofs[0].Siblings = o.proof.Proofs[0].Siblings[:1]
			o.proof.Proofs[0].Siblings[0] = digestOf("y")
		}, exit.VerificationFailed, "not under the root"},
		"another's signature": {func(_ *bench, o *fakeOracle, _ *fakeChronicle) {
			o.heads[nonceHead].Signatures = o.heads[2].Signatures
		}, exit.VerificationFailed, "nonce 3"},
		"no event in the block": {func(_ *bench, _ *fakeOracle, c *fakeChronicle) {
			c.events = nil
		}, exit.VerificationFailed, "no event of task"},
		"all providers void": {func(_ *bench, _ *fakeOracle, c *fakeChronicle) {
			for i, a := range c.events[1].Attributes {
				if a.Key == markettypes.AttrAccounts || a.Key == markettypes.AttrAmounts {
					c.events[1].Attributes[i].Value = ""
				}
			}
		}, exit.JobFailed, "voided"},
		"pruned events": {func(_ *bench, _ *fakeOracle, c *fakeChronicle) {
			c.err = failf(exit.Failure, "the node does not have the events")
		}, exit.Failure, "does not have the events"},
		"an unknown task": {func(b *bench, _ *fakeOracle, c *fakeChronicle) {
			b.market.frames, c.settled = []snapshot{frame()}, 0
		}, exit.Failure, "knows of no payment"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			b, o, c := proven(t, digestOf("x"))
			tc.spoil(b, o, c)
			err := b.receiptCmd("fetch", "7/0")
			require.Equal(t, tc.code, exit.Code(err), "%v", err)
			require.ErrorContains(t, err, tc.says)
			require.LessOrEqual(t, strings.Count(err.Error(), "\n"), 2)
			left, err := os.ReadDir(".")
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}

func TestReceiptOfAPrunedTask(t *testing.T) {
	t.Chdir(t.TempDir())
	b, _, _ := proven(t, digestOf("x"))
	b.market.frames = []snapshot{frame()} // the task has left state
	require.NoError(t, b.receiptCmd("fetch", "28672", "--out", "-"))
	r, err := receipt.Parse(b.stdout.Bytes())
	require.NoError(t, err)
	require.Equal(t, paidTask, r.Task)
}

func TestReceiptWaits(t *testing.T) {
	t.Chdir(t.TempDir())
	b, o, _ := proven(t, digestOf("x"))
	o.early, o.proofErr = 3, status.Error(codes.FailedPrecondition, "not in a checkpoint yet")
	require.NoError(t, b.receiptCmd("fetch", "7/0", "--wait"))
	require.FileExists(t, "receipt-28672.json")
	require.Equal(t, 1, strings.Count(b.stderr.String(), "Waiting"))
}

// TestReceiptSearchesWithoutTheHeight finds a leaf that x/oracle took later
// than the task was paid.
func TestReceiptSearchesWithoutTheHeight(t *testing.T) {
	t.Chdir(t.TempDir())
	b, o, _ := proven(t, digestOf("x"))
	o.early, o.proofErr = 1, status.Error(codes.NotFound, "task did not settle at this height")
	require.NoError(t, b.receiptCmd("fetch", "7/0"))
	require.Equal(t, []int64{paidAt, 0}, o.proved)
}

// TestReceiptOfOldSignatures reads signatures that have left the state where
// they were complete.
func TestReceiptOfOldSignatures(t *testing.T) {
	t.Chdir(t.TempDir())
	b, o, _ := proven(t, digestOf("x"))
	old := &fakeOracle{heads: map[uint64]*oracletypes.QuerySignaturesResponse{nonceHead: o.heads[nonceHead]}}
	pruned := *o.heads[nonceHead]
	pruned.Signatures = nil
	o.heads[nonceHead] = &pruned
	b.oracleAt = func(height int64) oracletypes.QueryClient {
		require.Equal(t, sealedAt, height)
		return old
	}
	require.NoError(t, b.receiptCmd("fetch", "7/0"))
	delete(old.heads, nonceHead)
	err := b.receiptCmd("fetch", "7/0")
	require.Equal(t, exit.Failure, exit.Code(err))
	require.ErrorContains(t, err, `pruning = "nothing"`)
}

// TestReceiptAfterAForcedChange starts the line after what nobody signed.
func TestReceiptAfterAForcedChange(t *testing.T) {
	t.Chdir(t.TempDir())
	b, o, _ := proven(t, digestOf("x"))
	o.heads[2].Checkpoint.Forced, o.heads[2].Signatures = true, nil
	require.NoError(t, b.receiptCmd("fetch", "7/0"))
	r := readBack(t, "receipt-28672.json")
	require.Empty(t, r.Line)
	require.EqualValues(t, 2, r.Anchors()[0].ID)
}

// paidResult is a bench whose paid result a provider serves.
func paidResult(t *testing.T) (*bench, *fakeOracle, *fakeChronicle) {
	t.Helper()
	_, data := agreed(t)
	good, _ := serve(t, http.StatusOK, data)
	b, o, c := proven(t, digestOf(string(data)))
	b.registry.endpoints[strconv.Itoa(1)] = good
	b.market.frames[0].tasks[0].Right = []uint32{1}
	return b, o, c
}

func TestResultsWriteReceipts(t *testing.T) {
	t.Chdir(t.TempDir())
	b, o, _ := paidResult(t)
	require.NoError(t, b.execute("results", "7", "--out", "r"))
	require.Contains(t, b.stdout.String(), "receipt in r/receipt.json\n")
	require.Equal(t, paidTask, readBack(t, filepath.Join("r", receiptName)).Task)

	o.proof = nil // a good receipt is not made again
	require.NoError(t, b.execute("results", "7", "--out", "r", "-o", "json"))
	require.Contains(t, b.stdout.String(), `{"type":"receipts","files":["r/receipt.json"],"missing":[]}`)
}

func TestResultsWithoutReceipt(t *testing.T) {
	early := status.Error(codes.InvalidArgument, "not yet")
	t.Run("now", func(t *testing.T) {
		t.Chdir(t.TempDir())
		b, o, _ := paidResult(t)
		o.early, o.proofErr = 1, early
		require.NoError(t, b.execute("results", "7", "--out", "r"))
		require.Equal(t, "no receipt yet: task 28672 was paid at height 90 and waits for the next checkpoint;"+
			" fetch it later with: cupeld receipt fetch 7/0\n", b.stderr.String())
		require.NoFileExists(t, "r/receipt.json")
	})
	t.Run("wait", func(t *testing.T) {
		t.Chdir(t.TempDir())
		b, o, _ := paidResult(t)
		o.early, o.proofErr = 2, early
		require.NoError(t, b.execute("results", "7", "--out", "r", "--receipt", "wait"))
		require.FileExists(t, "r/receipt.json")
	})
	t.Run("none", func(t *testing.T) {
		t.Chdir(t.TempDir())
		b, o, _ := paidResult(t)
		require.NoError(t, b.execute("results", "7", "--out", "r", "--receipt", "none"))
		require.NoFileExists(t, "r/receipt.json")
		require.Empty(t, o.proved)
	})
	t.Run("a node that cannot", func(t *testing.T) {
		t.Chdir(t.TempDir())
		b, _, c := paidResult(t)
		c.err = errors.New("pruned\nfor ever")
		require.NoError(t, b.execute("results", "7", "--out", "r"))
		require.Equal(t, "pruned. for ever; fetch it later with: cupeld receipt fetch 7/0\n", b.stderr.String())
	})
	t.Run("a node that lies", func(t *testing.T) {
		t.Chdir(t.TempDir())
		b, o, _ := paidResult(t)
		o.proof.Proofs[0].Leaf.Hash = digestOf("y")
		require.Equal(t, exit.VerificationFailed, exit.Code(b.execute("results", "7", "--out", "r")))
	})
	t.Run("another word", func(t *testing.T) {
		b, _, _ := paidResult(t)
		require.Equal(t, exit.UsageError, exit.Code(b.execute("results", "7", "--receipt", "later")))
	})
}

// TestReceiptsOfABatch: the receipts of many tasks ask a node for few proofs,
// each of which costs it a whole tree, and are the same as single ones.
func TestReceiptsOfABatch(t *testing.T) {
	const tasks = 3_000
	b, o, c := proven(t, digestOf("x"))
	c.events = nil
	var hashes []checkpoint.Hash
	for i := range uint64(tasks) {
		event := settledEventOf(paidTask+i, digestOf("x"))
		c.events = append(c.events, event)
		leaves, err := markettypes.SettledLeaves(home, event)
		require.NoError(t, err)
		for _, l := range leaves {
			hash := l.Hash()
			hashes = append(hashes, hash)
			o.leaves = append(o.leaves, oracletypes.SettledLeaf{Task: paidTask + i, Hash: hash[:], Height: paidAt})
		}
	}
	tree, err := checkpoint.NewTree(hashes)
	require.NoError(t, err)
	stored := o.heads[nonceHead].Checkpoint.Header
	h, err := stored.Decode()
	require.NoError(t, err)
	h.Root, h.LeafCount = tree.Root(), uint32(len(hashes))
	set, err := o.sets[2].Decode()
	require.NoError(t, err)
	o.heads[nonceHead] = headOf(h, set, key("two"), 2)
	o.answer = func(task uint64) *oracletypes.QueryProofResponse {
		res := &oracletypes.QueryProofResponse{Checkpoint: o.heads[nonceHead].Checkpoint}
		for _, leaf := range o.leaves {
			if leaf.Task != task {
				continue
			}
			siblings, err := tree.Proof(checkpoint.Hash(leaf.Hash))
			require.NoError(t, err)
			proof := oracletypes.LeafProof{Leaf: leaf}
			for _, s := range siblings {
				proof.Siblings = append(proof.Siblings, s[:])
			}
			res.Proofs = append(res.Proofs, proof)
		}
		return res
	}

	p := b.prover()
	for i := range uint64(tasks) {
		made, err := p.prove(t.Context(), paidTask+i, paidAt)
		require.NoError(t, err)
		if i%500 == 0 {
			single, err := b.prover().prove(t.Context(), paidTask+i, paidAt)
			require.NoError(t, err)
			require.Equal(t, single, made)
		}
	}
	require.Len(t, o.proved, 2+tasks/500, "two for the batch, one for each single receipt")
	require.Equal(t, 2, o.pages)

	// A node that lies in its list is found out.
	o.leaves[5].Hash = digestOf("y")
	p = b.prover()
	_, err = p.prove(t.Context(), paidTask, paidAt)
	require.NoError(t, err)
	_, err = p.prove(t.Context(), paidTask+1, paidAt)
	require.NoError(t, err)
	for i := range uint64(4) {
		_, err = p.prove(t.Context(), paidTask+i, paidAt)
		require.Equal(t, exit.VerificationFailed, exit.Code(err), "%v", err)
	}
}
