// SPDX-License-Identifier: Apache-2.0

package loadgen

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	sdkmath "cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/worker/chain"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

const (
	chainID = "cupel-load-1"
	// bond makes a provider Enterprise: its slots do not limit.
	bond = 100_000 * net.CUPEL
	// Funds of an account on an own network, and of one that somebody pays for.
	funds     = 1_000_000 * net.CUPEL
	smallFund = 5_000 * net.CUPEL
	// ask and ceiling are prices per 10^9 fuel in ucupel.
	ask, ceiling = 1_000, 2_000
	// joinGas is enough to register a provider or to fund all accounts.
	joinGas = 20_000_000
)

// world is a network and the accounts that load it.
type world struct {
	Config
	chain.Encoding
	chainID    string
	url        string
	requesters []*account
	providers  []*provider
	spammers   []*account

	local *net.Local
	dir   string
}

// openWorld starts a network or finds the one that runs, and makes everybody
// part of it.
func openWorld(ctx context.Context, c Config) (*world, error) {
	encoding, err := chain.NewEncoding()
	if err != nil {
		return nil, err
	}
	w := &world{Config: c, Encoding: encoding, chainID: chainID, url: c.Node}
	if c.Node != "" {
		if w.chainID, err = follows(ctx, c.Node); err != nil {
			return nil, err
		}
	}
	if err := w.people(); err != nil {
		return nil, err
	}
	if c.Node != "" {
		return w, w.fund(ctx)
	}
	return w, w.start(ctx)
}

// follows returns the id of the chain that a node follows.
func follows(ctx context.Context, url string) (string, error) {
	rpc, err := dial(url)
	if err != nil {
		return "", err
	}
	status, err := rpc.Status(ctx)
	if err != nil {
		return "", fmt.Errorf("%s: %w", url, err)
	}
	return status.NodeInfo.Network, nil
}

// people makes the keys. On a network that runs already they are new each time.
func (w *world) people() error {
	seed := chainID
	if w.Node != "" {
		seed = strconv.FormatInt(time.Now().UnixNano(), 36)
	}
	ring := keyring.NewInMemory(w.Codec)
	for _, kind := range []struct {
		name  string
		count int
		add   func(int, *account)
	}{
		{"requester", w.Requesters, func(_ int, a *account) { w.requesters = append(w.requesters, a) }},
		{"spammer", w.Spam, func(_ int, a *account) { w.spammers = append(w.spammers, a) }},
		{"operator", w.Providers, func(_ int, a *account) {
			w.providers = append(w.providers, &provider{operator: a, Worker: sim.Worker{Operator: a.bytes}})
		}},
		{"worker", w.Providers, func(i int, a *account) { w.providers[i].hot = a }},
	} {
		for i := range kind.count {
			a, err := newAccount(w.Encoding, ring, w.chainID, seed, fmt.Sprint(kind.name, i))
			if err != nil {
				return err
			}
			kind.add(i, a)
		}
	}
	return nil
}

func (w *world) accounts() []*account {
	all := append(append([]*account{}, w.requesters...), w.spammers...)
	for _, p := range w.providers {
		all = append(all, p.operator, p.hot)
	}
	return all
}

// start runs a network of its own with short windows and funded accounts.
func (w *world) start(ctx context.Context) (err error) {
	binaries, err := net.Current(ctx)
	if err != nil {
		return err
	}
	if w.dir, err = os.MkdirTemp("", "cupel-load-"); err != nil {
		return err
	}
	if w.dir, err = filepath.EvalSymlinks(w.dir); err != nil {
		return err
	}
	edits := net.Params{WindowTicks: 5, CommitTicks: 10_000, RevealTicks: 5_000, MinTickMS: 1, AuditFloorBPS: 500, EpochBlocks: 10}.Edits()
	if w.MaxGas > 0 {
		edits = append(edits, net.Edit{Path: "consensus.params.block.max_gas", Value: strconv.FormatUint(w.MaxGas, 10)})
	}
	edits = append(edits, w.Edits...)
	var list []net.Fund
	for _, a := range w.accounts() {
		list = append(list, net.Fund{Address: a.text, Amount: funds})
	}
	w.local, err = net.NewLocal(ctx, net.Setup{
		Binaries: binaries, Dir: w.dir, ChainID: chainID, Validators: w.Validators, BlockTime: w.BlockTime,
		Funds: list, Edits: edits,
	})
	if err != nil {
		return err
	}
	w.url = w.local.Nodes[0].RPC()
	return w.local.Start(ctx)
}

// fund pays the accounts on a network that runs.
func (w *world) fund(ctx context.Context) error {
	ring, err := keyring.New(sdk.KeyringServiceName(), keyring.BackendTest, w.FromHome, nil, w.Codec)
	if err != nil {
		return err
	}
	signer, err := chain.NewSigner(w.Encoding, ring, w.From, w.chainID, "")
	if err != nil {
		return err
	}
	client, err := w.connect()
	if err != nil {
		return err
	}
	number, err := client.AccountNumber(ctx, signer.Address())
	if err != nil {
		return err
	}
	tx, err := signer.Sign(ctx, w.gifts(signer.Address()), chain.Terms{
		Account: number, Timeout: time.Now().Add(validFor), Gas: joinGas, Fee: sdk.NewCoins(sdk.NewInt64Coin(net.Denom, joinGas/1_000)),
	})
	if err != nil {
		return err
	}
	return deliver(ctx, client, tx)
}

// connect returns a client of the network's node. An answer may be of an older
// block than another that came before: both are asked for at once.
func (w *world) connect() (*chain.Client, error) {
	return chain.New(chain.Options{ChainID: w.chainID, Endpoints: []string{w.url}, Timeout: callTimeout, MaxLag: maxLag})
}

// gifts pays every account what it needs: operators their bond as well.
func (w *world) gifts(from string) *banktypes.MsgMultiSend {
	msg, sum := &banktypes.MsgMultiSend{}, sdkmath.ZeroInt()
	give := func(a *account, amount uint64) {
		coin := sdk.NewCoin(net.Denom, sdkmath.NewIntFromUint64(amount))
		sum = sum.Add(coin.Amount)
		msg.Outputs = append(msg.Outputs, banktypes.Output{Address: a.text, Coins: sdk.NewCoins(coin)})
	}
	for _, a := range append(append([]*account{}, w.requesters...), w.spammers...) {
		give(a, smallFund)
	}
	for _, p := range w.providers {
		give(p.operator, bond+smallFund)
		give(p.hot, smallFund)
	}
	msg.Inputs = []banktypes.Input{{Address: from, Coins: sdk.NewCoins(sdk.NewCoin(net.Denom, sum))}}
	return msg
}

// register bonds a provider.
func (p *provider) register(i int) *registrytypes.MsgRegister {
	return &registrytypes.MsgRegister{
		Operator: p.operator.text, Worker: p.hot.text, Payout: p.operator.text,
		Bond:   sdk.NewCoin(net.Denom, sdkmath.NewInt(bond)),
		Region: "local", Endpoint: fmt.Sprintf("http://load%d-%s.example.com:8080", i, p.hot.text[6:12]),
		Resources: []registrytypes.Resource{{Class: net.Class, Count: 4_096, Price: ask}},
	}
}

func (w *world) close() error {
	if w.local == nil {
		if w.dir != "" {
			return os.RemoveAll(w.dir)
		}
		return nil
	}
	if w.Keep {
		fmt.Fprintln(os.Stderr, "load: the network's folder is", w.dir)
		return w.local.Stop()
	}
	return errors.Join(w.local.Kill(), os.RemoveAll(w.dir))
}
