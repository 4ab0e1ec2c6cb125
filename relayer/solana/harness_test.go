// SPDX-License-Identifier: Apache-2.0

package solana

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	solanago "github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/journal"
	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/relayer/npm"
	"github.com/cupel-network/cupel/relayer/solana/svm"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

const testChain = "cupel-test-1"

// sol is one SOL in lamports.
const sol = 1_000_000_000

// home makes entries as the Cupel chain seals them.
type home struct {
	domain checkpoint.Domain
	keys   map[checkpoint.Address]*secp256k1.PrivateKey
	made   uint64
	nonce  uint64
	root   checkpoint.Hash
	set    checkpoint.Set
}

func newHome(members int) *home {
	h := &home{domain: checkpoint.NewDomain(testChain), keys: map[checkpoint.Address]*secp256k1.PrivateKey{}}
	h.root, h.set = h.domain.GenesisRoot(), h.newSet(members)
	return h
}

// newSet makes a set of new keys, all of power 10.
func (h *home) newSet(members int) checkpoint.Set {
	set := checkpoint.Set{ID: h.set.ID + 1, Time: uint64(time.Now().Unix())}
	for range members {
		h.made++
		seed := checkpoint.Keccak256(binary.BigEndian.AppendUint64(nil, h.made))
		key := secp256k1.PrivKeyFromBytes(seed[:])
		address := checkpoint.KeyAddress(key.PubKey())
		h.keys[address] = key
		set.Members = append(set.Members, checkpoint.Member{Address: address, Power: 10})
	}
	slices.SortFunc(set.Members, func(a, b checkpoint.Member) int { return bytes.Compare(a.Address[:], b.Address[:]) })
	return set
}

func (h *home) anchor() Anchor {
	return Anchor{ChainID: testChain, Nonce: h.nonce, Root: h.root, Set: h.set}
}

// sign returns the signatures of all members, ascending by address.
func (h *home) sign(header checkpoint.Header) []checkpoint.Signed {
	var out []checkpoint.Signed
	for _, m := range h.set.Members {
		out = append(out, checkpoint.Signed{Address: m.Address, Signature: checkpoint.Sign(h.keys[m.Address], h.domain.Digest(header))})
	}
	return out
}

// checkpoint seals the next checkpoint with the fewest signatures.
func (h *home) checkpoint() mirror.Entry {
	header := h.header()
	entry := mirror.Entry{Header: header, Set: h.set, Signatures: h.set.Quorum(h.sign(header))}
	h.nonce, h.root = header.Nonce, header.Root
	return entry
}

// header is the next checkpoint's.
func (h *home) header() checkpoint.Header {
	return checkpoint.Header{
		Nonce: h.nonce + 1, Height: 100 * (h.nonce + 1), LeafCount: 7, PrevRoot: h.root,
		Root: checkpoint.Keccak256(h.root[:], []byte("next")), Set: h.set.Hash(), NextSet: h.set.Hash(),
	}
}

// change seals a set change to so many new members.
func (h *home) change(members int) mirror.Entry {
	next := h.newSet(members)
	header := checkpoint.Header{
		Nonce: h.nonce + 1, Height: 100 * (h.nonce + 1), PrevRoot: h.root, Root: h.root, Set: h.set.Hash(), NextSet: next.Hash(),
	}
	entry := mirror.Entry{Header: header, Set: h.set, Next: &next, Signatures: h.set.Quorum(h.sign(header))}
	h.nonce, h.set = header.Nonce, next
	return entry
}

// ledger is a running LiteSVM with a client.
type ledger struct {
	*svm.Server
	client  *Client
	genesis solanago.Hash
}

func newLedger(t *testing.T, opts svm.Options) *ledger {
	t.Helper()
	dir := npm.Require(t)
	if opts.SlotTime == 0 {
		opts.SlotTime = 20 * time.Millisecond
	}
	server, err := svm.Start(context.Background(), dir, opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	client := NewClient(server.URL, 10*time.Second)
	genesis, err := client.GenesisHash(t.Context())
	require.NoError(t, err)
	return &ledger{server, client, genesis}
}

// payer makes an account with one SOL.
func (l *ledger) payer(t *testing.T, name string) Signer {
	t.Helper()
	seed := checkpoint.Keccak256([]byte(name))
	signer, err := newSigner(ed25519.NewKeyFromSeed(seed[:]))
	require.NoError(t, err)
	require.NoError(t, l.Airdrop(t.Context(), signer.Address().String(), sol))
	return signer
}

func (l *ledger) config(anchor Anchor) Config {
	return Config{
		Name: "solana", Anchor: anchor, Genesis: l.genesis, MaxLag: DefaultMaxLag,
		Poll: 20 * time.Millisecond, Resend: 200 * time.Millisecond,
	}
}

func openBook(t *testing.T) *journal.Book {
	t.Helper()
	j, err := journal.Open(filepath.Join(t.TempDir(), "journal.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	return j.Book("solana")
}

func (l *ledger) target(t *testing.T, anchor Anchor, signer Signer, book *journal.Book) *Target {
	t.Helper()
	return newTarget(t, l.config(anchor), signer, book, l.client)
}

func newTarget(t *testing.T, cfg Config, signer Signer, book *journal.Book, clients ...RPC) *Target {
	t.Helper()
	var endpoints []Endpoint
	for i, c := range clients {
		endpoints = append(endpoints, Endpoint{Name: string(rune('a' + i)), RPC: c})
	}
	target, err := NewTarget(cfg, endpoints, signer, book, slog.New(slog.NewTextHandler(io.Discard, nil)))
	require.NoError(t, err)
	return target
}

// submit submits an entry within a time.
func submit(t *testing.T, target *Target, entry mirror.Entry) {
	t.Helper()
	require.NoError(t, try(t, target, entry, 30*time.Second))
}

func try(t *testing.T, target *Target, entry mirror.Entry, timeout time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	return target.Submit(ctx, entry)
}

// chain reads the line at a commitment with a new reader.
func (l *ledger) chain(t *testing.T, anchor Anchor, level Commitment) *Chain {
	t.Helper()
	reader, err := NewReader(l.client, anchor)
	require.NoError(t, err)
	chain, err := reader.Read(t.Context(), level)
	require.NoError(t, err)
	return chain
}

// listed returns how many transactions are on the ledger at the lookup account.
func (l *ledger) listed(t *testing.T) []Listing {
	t.Helper()
	lookup, err := Lookup(checkpoint.NewDomain(testChain))
	require.NoError(t, err)
	list, err := l.client.Signatures(t.Context(), lookup, solanago.Signature{}, 1000, Confirmed)
	require.NoError(t, err)
	return list
}

// send signs instructions and sends them without trying them out first.
func (l *ledger) send(t *testing.T, signer Signer, instructions ...solanago.Instruction) solanago.Signature {
	t.Helper()
	blockhash, _, err := l.client.LatestBlockhash(t.Context())
	require.NoError(t, err)
	tx, err := solanago.NewTransaction(instructions, blockhash, solanago.TransactionPayer(signer.Address()))
	require.NoError(t, err)
	return l.sendTx(t, signer, tx)
}

func (l *ledger) sendTx(t *testing.T, signer Signer, tx *solanago.Transaction) solanago.Signature {
	t.Helper()
	message, err := tx.Message.MarshalBinary()
	require.NoError(t, err)
	id, err := signer.Sign(t.Context(), message)
	require.NoError(t, err)
	tx.Signatures = []solanago.Signature{id}
	text, err := tx.ToBase64()
	require.NoError(t, err)
	var got solanago.Signature
	require.NoError(t, l.Call(t.Context(), &got, "sendTransaction", text, options{"encoding": "base64", "skipPreflight": true}))
	require.Equal(t, id, got)
	return id
}

// settle waits until a transaction is confirmed.
func (l *ledger) settle(t *testing.T, id solanago.Signature) Status {
	t.Helper()
	var status Status
	require.Eventually(t, func() bool {
		all, err := l.client.Statuses(t.Context(), []solanago.Signature{id})
		require.NoError(t, err)
		status = all[0]
		return status.Level != ""
	}, 10*time.Second, 10*time.Millisecond)
	return status
}

// instructions of a true record of an entry's first signatures.
func recordOf(t *testing.T, signer Signer, entry mirror.Entry, signed []checkpoint.Signed) []solanago.Instruction {
	t.Helper()
	domain := checkpoint.NewDomain(testChain)
	lookup, err := Lookup(domain)
	require.NoError(t, err)
	var power uint64
	for _, s := range signed {
		power += entry.Set.Power(s.Address)
	}
	memo := headerMemo(entry.Header, power).String()
	out := Budget{}.instructions(memo)
	out = append(out, solanago.NewInstruction(solanago.Secp256k1ProgramID, solanago.AccountMetaSlice{solanago.Meta(lookup)},
		secpData(1, domain.Message(entry.Header), signed)))
	return append(out, solanago.NewInstruction(solanago.MemoProgramID, nil, []byte(memo)))
}

// liar is an endpoint that changes some answers of a true one.
type liar struct {
	RPC
	clock       func(Clock) Clock
	list        func([]Listing) []Listing
	transaction func(Landed) (Landed, error)
	statuses    func([]Status) ([]Status, error)
	send        func(raw []byte) error
	blockhash   func(solanago.Hash) solanago.Hash
}

func (l liar) LatestBlockhash(ctx context.Context) (solanago.Hash, uint64, error) {
	hash, lastValid, err := l.RPC.LatestBlockhash(ctx)
	if l.blockhash != nil {
		hash = l.blockhash(hash)
	}
	return hash, lastValid, err
}

func (l liar) Clock(ctx context.Context, level Commitment) (Clock, error) {
	clock, err := l.RPC.Clock(ctx, level)
	if l.clock != nil {
		clock = l.clock(clock)
	}
	return clock, err
}

func (l liar) Signatures(ctx context.Context, account solanago.PublicKey, before solanago.Signature, limit int, level Commitment) ([]Listing, error) {
	list, err := l.RPC.Signatures(ctx, account, before, limit, level)
	if l.list != nil {
		list = l.list(list)
	}
	return list, err
}

func (l liar) Transaction(ctx context.Context, id solanago.Signature, level Commitment) (Landed, error) {
	landed, err := l.RPC.Transaction(ctx, id, level)
	if err == nil && l.transaction != nil {
		return l.transaction(landed)
	}
	return landed, err
}

func (l liar) Statuses(ctx context.Context, ids []solanago.Signature) ([]Status, error) {
	statuses, err := l.RPC.Statuses(ctx, ids)
	if err == nil && l.statuses != nil {
		return l.statuses(statuses)
	}
	return statuses, err
}

func (l liar) Send(ctx context.Context, raw []byte) error {
	if l.send != nil {
		return l.send(raw)
	}
	return l.RPC.Send(ctx, raw)
}
