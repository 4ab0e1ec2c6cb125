// SPDX-License-Identifier: Apache-2.0

package relayer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/big"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"
	solanago "github.com/gagliardetto/solana-go"

	"github.com/cupel-network/cupel/relayer/evm"
	"github.com/cupel-network/cupel/relayer/journal"
	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/relayer/secret"
	"github.com/cupel-network/cupel/relayer/solana"
)

// Peer is a target with what operators need of it.
type Peer interface {
	mirror.Target
	mirror.Account
	// Pending lists the transactions that may be in flight or are not final.
	Pending() ([]mirror.Pending, error)
	// Check tells whether the mirror there is one of the home chain.
	Check(ctx context.Context) error
	// Endpoints asks every endpoint how far it is.
	Endpoints(ctx context.Context) []EndpointStatus
}

// EndpointStatus is what one endpoint of a target says of itself.
type EndpointStatus struct {
	Name string `json:"name"`
	// Height is the newest block or slot.
	Height uint64 `json:"height,string"`
	// Err says why it is not used, nil if it is.
	Err error `json:"-"`
}

// NewPeer builds a configured target. It does not connect.
func NewPeer(ctx context.Context, cfg Config, t TargetConfig, book *journal.Book, log *slog.Logger) (Peer, error) {
	var peer Peer
	var err error
	switch t.Type {
	case TypeEVM:
		peer, err = newEVM(ctx, cfg, t, book, log)
	case TypeSolana:
		peer, err = newSolana(cfg, t, book, log)
	default:
		err = fmt.Errorf("type %q is not known", t.Type)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w (cupel-relayer keys add NAME --type %s makes a key; key of the target names its files)", err, t.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", t.Name, err)
	}
	return &checked{Peer: peer}, nil
}

// checked makes sure, before anything else is believed, that the mirror is one
// of the home chain. It is used by one goroutine.
type checked struct {
	Peer
	done bool
}

// Progress implements mirror.Target.
func (c *checked) Progress(ctx context.Context) (mirror.Progress, error) {
	if !c.done {
		if err := c.Check(ctx); err != nil {
			return mirror.Progress{}, fmt.Errorf("check the mirror: %w", err)
		}
		c.done = true
	}
	return c.Peer.Progress(ctx)
}

// evmPeer is a CupelMirror on an EVM chain.
type evmPeer struct {
	*evm.Target
	pool *evm.Pool
}

func newEVM(ctx context.Context, cfg Config, t TargetConfig, book *journal.Book, log *slog.Logger) (Peer, error) {
	pool, err := EVMPool(ctx, t)
	if err != nil {
		return nil, err
	}
	signer, err := evmSigner(ctx, cfg, t.Key)
	if err != nil {
		return nil, err
	}
	target, err := evm.NewTarget(evm.Config{
		Name: t.Name, HomeChain: cfg.Home.ChainID, Contract: common.HexToAddress(t.EVM.Contract), Sender: t.sender(),
	}, pool, signer, book, log)
	if err != nil {
		return nil, err
	}
	return evmPeer{target, pool}, nil
}

// EVMPool returns the endpoints of an EVM target. It needs no key.
func EVMPool(ctx context.Context, t TargetConfig) (*evm.Pool, error) {
	var endpoints []evm.Endpoint
	for _, raw := range t.RPC {
		e, err := evm.Dial(ctx, raw)
		if err != nil {
			return nil, err
		}
		endpoints = append(endpoints, e)
	}
	pool := evm.DefaultPoolConfig(t.EVM.ChainID)
	pool.Timeout, pool.Quorum = t.Timeout, max(t.Quorum, 1)
	switch {
	case t.EVM.MaxHeadAge > 0:
		pool.MaxHeadAge = t.EVM.MaxHeadAge
	case t.EVM.MaxHeadAge < 0:
		pool.MaxHeadAge, pool.MaxHeadSkew = 0, 0
	}
	return evm.NewPool(pool, endpoints...)
}

// sender returns the rules of sending: the defaults and what is configured.
func (t TargetConfig) sender() evm.SenderConfig {
	s := evm.DefaultSenderConfig()
	s.PollInterval = min(s.PollInterval, t.Poll)
	s.SendTimeout = t.SubmitTimeout
	if t.EVM.MaxFeeGwei > 0 {
		s.MaxFeeCap = wei(t.EVM.MaxFeeGwei)
	}
	if t.EVM.MinTipGwei > 0 {
		s.MinTip = wei(t.EVM.MinTipGwei)
	}
	if t.EVM.MaxGas > 0 {
		s.MaxGas = t.EVM.MaxGas
	}
	if t.EVM.ResubmitAfter > 0 {
		s.ResubmitAfter = t.EVM.ResubmitAfter
	}
	if floor, err := t.floor(); err == nil && floor != nil {
		s.BalanceFloor = floor
	}
	return s
}

func wei(gwei float64) *big.Int {
	n, _ := new(big.Float).Mul(big.NewFloat(gwei), big.NewFloat(1e9)).Int(nil)
	return n
}

func evmSigner(ctx context.Context, cfg Config, k KeyConfig) (evm.Signer, error) {
	if k.Remote != "" {
		return evm.NewRemoteSigner(ctx, k.Remote, common.HexToAddress(k.Address))
	}
	password, err := k.Password(cfg)
	if err != nil {
		return nil, err
	}
	return evm.LoadKeystore(cfg.Path(k.File), password)
}

// Password reads the password of a keystore, from a file that only its owner
// can read. A trailing line break is not part of it.
func (k KeyConfig) Password(cfg Config) (string, error) {
	if k.PasswordEnv != "" {
		password := os.Getenv(k.PasswordEnv)
		if password == "" {
			return "", fmt.Errorf("the environment variable %s with the password of %s is empty", k.PasswordEnv, k.File)
		}
		return password, nil
	}
	text, err := secret.Read(cfg.Path(k.PasswordFile))
	if err != nil {
		return "", fmt.Errorf("password of %s: %w", k.File, err)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}

// Check implements Peer.
func (p evmPeer) Check(ctx context.Context) error {
	_, err := p.Target.Check(ctx)
	return err
}

// Endpoints implements Peer.
func (p evmPeer) Endpoints(ctx context.Context) []EndpointStatus {
	var out []EndpointStatus
	for _, st := range p.pool.Statuses(ctx) {
		out = append(out, EndpointStatus{Name: st.Name, Height: st.Head, Err: st.Err})
	}
	return out
}

// solanaPeer is the records on a Solana cluster.
type solanaPeer struct {
	*solana.Target
	endpoints []solana.Endpoint
	genesis   solanago.Hash
	timeout   time.Duration
}

func newSolana(cfg Config, t TargetConfig, book *journal.Book, log *slog.Logger) (Peer, error) {
	anchor, err := SolanaAnchor(cfg, t)
	if err != nil {
		return nil, err
	}
	genesis, err := solanago.HashFromBase58(t.Solana.GenesisHash)
	if err != nil {
		return nil, fmt.Errorf("genesis hash: %w", err)
	}
	signer, err := solana.LoadKey(cfg.Path(t.Key.File))
	if err != nil {
		return nil, err
	}
	settings := solana.Config{
		Name: t.Name, Anchor: anchor, Genesis: genesis, Quorum: t.Quorum, MaxLag: solana.DefaultMaxLag,
		UnitPrice: t.Solana.UnitPrice, Floor: defaultSolanaFloor,
		Poll: min(solana.DefaultPoll, t.Poll), Resend: solana.DefaultResend,
	}
	if floor, err := t.floor(); err == nil && floor != nil {
		if !floor.IsUint64() {
			return nil, errors.New("balance_floor is more lamports than there are")
		}
		settings.Floor = floor.Uint64()
	}
	endpoints := SolanaEndpoints(t)
	target, err := solana.NewTarget(settings, endpoints, signer, book, log)
	if err != nil {
		return nil, err
	}
	return solanaPeer{target, endpoints, genesis, t.Timeout}, nil
}

// defaultSolanaFloor is 0.01 SOL.
const defaultSolanaFloor = 10_000_000

// SolanaAnchor is where the records of a target begin.
func SolanaAnchor(cfg Config, t TargetConfig) (solana.Anchor, error) {
	path := t.Solana.Anchor
	if path == "" {
		path = cfg.Home.Anchor
	}
	a, err := LoadAnchor(cfg, path)
	if err != nil {
		return solana.Anchor{}, err
	}
	return solana.Anchor{ChainID: a.ChainID, Nonce: a.Nonce, Root: a.Root, Set: a.Set, MaxSetAge: t.Solana.MaxSetAge}, nil
}

// SolanaEndpoints returns the endpoints of a Solana target. It needs no key.
func SolanaEndpoints(t TargetConfig) []solana.Endpoint {
	var out []solana.Endpoint
	for _, raw := range t.RPC {
		name := "unnamed"
		if parsed, err := url.Parse(raw); err == nil {
			name = parsed.Host // paths and queries often are keys
		}
		out = append(out, solana.Endpoint{Name: name, RPC: solana.NewClient(raw, t.Timeout)})
	}
	return out
}

// Check implements Peer. There is no contract: what counts are records that
// follow from the anchor.
func (p solanaPeer) Check(ctx context.Context) error {
	_, err := p.Progress(ctx)
	return err
}

// Endpoints implements Peer.
func (p solanaPeer) Endpoints(ctx context.Context) []EndpointStatus {
	var out []EndpointStatus
	for _, e := range p.endpoints {
		st := EndpointStatus{Name: e.Name}
		genesis, err := e.RPC.GenesisHash(ctx)
		if err == nil && genesis != p.genesis {
			err = fmt.Errorf("%w: it has the genesis hash %s, not %s", mirror.ErrWrongChain, genesis, p.genesis)
		}
		if err == nil {
			var clock solana.Clock
			clock, err = e.RPC.Clock(ctx, solana.Confirmed)
			st.Height = clock.Slot
		}
		st.Err = err
		out = append(out, st)
	}
	return out
}
