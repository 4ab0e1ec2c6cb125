// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"context"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/mirror"
)

// behind is an endpoint that saw nothing of the newest blocks.
type behind struct {
	Client
	head uint64
}

func (b behind) HeaderByNumber(ctx context.Context, number *big.Int) (*types.Header, error) {
	if number == nil {
		number = new(big.Int).SetUint64(b.head)
	}
	return b.Client.HeaderByNumber(ctx, number)
}

// boaster claims a height that no other endpoint has, so that they look behind.
type boaster struct{ Client }

func (b boaster) HeaderByNumber(ctx context.Context, number *big.Int) (*types.Header, error) {
	head, err := b.Client.HeaderByNumber(ctx, number)
	if err == nil && number == nil {
		head = types.CopyHeader(head)
		head.Number.Add(head.Number, big.NewInt(1_000))
	}
	return head, err
}

func TestPool(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	other := newChain(t) // the same chain id, other blocks
	other.commit(40)
	honest := c.target(account(0), openJournal(t), newManual(func() { c.commit(1) }), c.client)
	require.NoError(t, honest.Submit(t.Context(), c.home.checkpoint(1)))
	c.commit(64)
	want := mirror.Progress{Sent: 1, Safe: 1, Final: 1}

	forge := func(h *types.Header) *types.Header {
		forged := types.CopyHeader(h)
		forged.Root = common.Hash{1}
		return forged
	}
	lie := func(_ common.Hash, out []byte) []byte {
		if len(out) == 6*32 {
			out[31]++ // the nonce of the mirror
		}
		return out
	}
	tests := map[string]struct {
		endpoints func() []Client
		err       error
	}{
		"one":            {func() []Client { return []Client{c.client} }, nil},
		"two that agree": {func() []Client { return []Client{c.client, c.client} }, nil},
		"one is down":    {func() []Client { return []Client{&faulty{Client: c.client, before: always(errLost)}, c.client} }, nil},
		"all are down":   {func() []Client { return []Client{&faulty{Client: c.client, before: always(errLost)}} }, mirror.ErrUnknown},
		"one answers heads only": {func() []Client {
			return []Client{&faulty{Client: c.client, before: only("CallContractAtHash", errLost)}, c.client}
		}, nil},
		"one is on another chain":                  {func() []Client { return []Client{&faulty{Client: c.client, chainID: big.NewInt(1)}, c.client} }, nil},
		"all are on another chain":                 {func() []Client { return []Client{&faulty{Client: c.client, chainID: big.NewInt(1)}} }, mirror.ErrWrongChain},
		"one is far behind":                        {func() []Client { return []Client{behind{c.client, 10}, c.client} }, nil},
		"another final block":                      {func() []Client { return []Client{c.client, other.client} }, mirror.ErrDisagreement},
		"another final block, the other way round": {func() []Client { return []Client{other.client, c.client} }, mirror.ErrDisagreement},
		"another state at the final block":         {func() []Client { return []Client{c.client, &faulty{Client: c.client, call: lie}} }, mirror.ErrDisagreement},
		"another state, by one that claims to be far ahead": {func() []Client {
			return []Client{c.client, boaster{&faulty{Client: c.client, call: lie}}}
		}, mirror.ErrDisagreement},
		"forged headers, alone":                {func() []Client { return []Client{&faulty{Client: c.client, header: forge}} }, mirror.ErrUnknown},
		"forged headers, beside an honest one": {func() []Client { return []Client{c.client, &faulty{Client: c.client, header: forge}} }, mirror.ErrDisagreement},
		"empty answers": {func() []Client {
			return []Client{&faulty{Client: c.client, call: func(common.Hash, []byte) []byte { return nil }}}
		}, mirror.ErrUnknown},
		"headers that are not there": {func() []Client {
			return []Client{&faulty{Client: c.client, before: only("HeaderByNumber", ethereum.NotFound)}}
		}, mirror.ErrUnknown},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			target := c.target(account(0), openJournal(t), newManual(func() { c.commit(1) }), tc.endpoints()...)
			progress, err := target.Progress(t.Context())
			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, want, progress)
		})
	}
}

func always(err error) func(string) error { return func(string) error { return err } }

func only(method string, err error) func(string) error {
	return func(called string) error {
		if called == method {
			return err
		}
		return nil
	}
}

// TestPoolGoesOn: what stopped a target ends when the endpoints agree again.
func TestPoolGoesOn(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	f := &faulty{Client: c.client}
	target := c.target(account(0), openJournal(t), newManual(func() { c.commit(1) }), c.client, f)
	_, err := target.Progress(t.Context())
	require.NoError(t, err)

	f.header = func(h *types.Header) *types.Header {
		forged := types.CopyHeader(h)
		forged.Extra = []byte("another history")
		return forged
	}
	_, err = target.Progress(t.Context())
	require.ErrorIs(t, err, mirror.ErrDisagreement)
	require.True(t, mirror.Stops(err))
	f.header = nil
	_, err = target.Progress(t.Context())
	require.NoError(t, err)
}

// TestPoolFinalReorg: a single endpoint that takes back what it said is final
// disagrees with itself.
func TestPoolFinalReorg(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	f := &faulty{Client: c.client}
	target := c.target(account(0), openJournal(t), newManual(func() { c.commit(1) }), f)
	_, err := target.Progress(t.Context())
	require.NoError(t, err)
	f.header = func(h *types.Header) *types.Header {
		forged := types.CopyHeader(h)
		forged.Extra = []byte("another history")
		return forged
	}
	_, err = target.Progress(t.Context())
	require.ErrorIs(t, err, mirror.ErrDisagreement)
}

func TestPoolTime(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	head, err := c.client.HeaderByNumber(t.Context(), nil)
	require.NoError(t, err)
	at := time.Unix(int64(head.Time), 0)
	cfg := poolConfig()
	cfg.MaxHeadAge, cfg.MaxHeadSkew = time.Minute, time.Minute
	tests := map[string]struct {
		now time.Time
		ok  bool
	}{
		"now":            {at, true},
		"a minute old":   {at.Add(time.Minute), true},
		"too old":        {at.Add(time.Minute + time.Second), false},
		"a minute ahead": {at.Add(-time.Minute), true},
		"too far ahead":  {at.Add(-time.Minute - time.Second), false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			pool, err := NewPool(cfg, Endpoint{"a", c.client})
			require.NoError(t, err)
			pool.now = func() time.Time { return tc.now }
			_, err = pool.healthy(t.Context())
			if tc.ok {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, mirror.ErrUnknown)
			require.Error(t, pool.Statuses(t.Context())[0].Err)
		})
	}
}

// TestWrongChainIsNeverSentTo: a transaction goes to no endpoint of another chain.
func TestWrongChainIsNeverSentTo(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	wrong := &faulty{Client: c.client, chainID: big.NewInt(1)}
	target := c.target(account(0), openJournal(t), newManual(func() { c.commit(1) }), wrong, c.client)
	require.NoError(t, target.Submit(t.Context(), c.home.checkpoint(1)))
	require.Zero(t, wrong.sends)
	statuses := target.pool.Statuses(t.Context())
	require.ErrorIs(t, statuses[0].Err, mirror.ErrWrongChain)
	require.NoError(t, statuses[1].Err)
}

func TestQuorum(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	cfg := poolConfig()
	cfg.Quorum = 2
	_, err := NewPool(cfg, Endpoint{"a", c.client})
	require.Error(t, err)
	pool, err := NewPool(cfg, Endpoint{"a", c.client}, Endpoint{"b", &faulty{Client: c.client, before: always(errLost)}})
	require.NoError(t, err)
	_, err = pool.healthy(t.Context())
	require.ErrorIs(t, err, mirror.ErrUnknown)
}

func TestEndpointNamesHideKeys(t *testing.T) {
	endpoint, err := Dial(t.Context(), "http://127.0.0.1:1/v2/secret-key?token=secret")
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:1", endpoint.Name)
	pool, err := NewPool(DefaultPoolConfig(1), endpoint)
	require.NoError(t, err)
	_, err = pool.healthy(t.Context())
	require.ErrorIs(t, err, mirror.ErrUnknown)
	require.NotContains(t, err.Error(), "secret")
	_, err = Dial(t.Context(), "secret-key")
	require.Error(t, err)
	require.NotContains(t, err.Error(), "secret")
}

func TestConfigValidate(t *testing.T) {
	require.NoError(t, DefaultPoolConfig(8453).Validate())
	require.NoError(t, DefaultSenderConfig().Validate())
	require.NoError(t, Config{Name: "base", HomeChain: homeChain, Contract: common.Address{1}, Sender: DefaultSenderConfig()}.Validate())
	sender := map[string]func(*SenderConfig){
		"no poll":               func(c *SenderConfig) { c.PollInterval = 0 },
		"no resubmit":           func(c *SenderConfig) { c.ResubmitAfter = 0 },
		"bump below ten":        func(c *SenderConfig) { c.FeeBumpPercent = 9 },
		"no multiplier":         func(c *SenderConfig) { c.FeeLimitMultiplier = 0 },
		"no max fee cap":        func(c *SenderConfig) { c.MaxFeeCap = nil },
		"negative min tip":      func(c *SenderConfig) { c.MinTip = big.NewInt(-1) },
		"no max gas":            func(c *SenderConfig) { c.MaxGas = 0 },
		"no nonce too low":      func(c *SenderConfig) { c.MaxNonceTooLow = 0 },
		"backoff above its max": func(c *SenderConfig) { c.MaxRefusedBackoff = time.Second },
		"no floor":              func(c *SenderConfig) { c.BalanceFloor = nil },
		"no send timeout":       func(c *SenderConfig) { c.SendTimeout = 0 },
	}
	for name, edit := range sender {
		t.Run(name, func(t *testing.T) {
			cfg := DefaultSenderConfig()
			edit(&cfg)
			require.Error(t, cfg.Validate())
		})
	}
	pool := map[string]func(*PoolConfig){
		"no chain id":  func(c *PoolConfig) { c.ChainID = 0 },
		"no timeout":   func(c *PoolConfig) { c.Timeout = 0 },
		"no recheck":   func(c *PoolConfig) { c.Recheck = 0 },
		"no quorum":    func(c *PoolConfig) { c.Quorum = 0 },
		"negative age": func(c *PoolConfig) { c.MaxHeadAge = -1 },
	}
	for name, edit := range pool {
		t.Run(name, func(t *testing.T) {
			cfg := DefaultPoolConfig(1)
			edit(&cfg)
			require.Error(t, cfg.Validate())
		})
	}
}

func TestJudge(t *testing.T) {
	tests := map[string]struct {
		err  error
		want outcome
	}{
		"no error":            {nil, accepted},
		"a timeout":           {context.DeadlineExceeded, unknown},
		"text of no answer":   {errors.New("nonce too low"), unknown},
		"known":               {answer("already known"), accepted},
		"nonce too low":       {answer("nonce too low: next nonce 5, tx nonce 4"), nonceTooLow},
		"replacement":         {answer("replacement transaction underpriced"), replaceUnderpriced},
		"underpriced":         {answer("transaction underpriced: gas tip cap 1, minimum needed 1000000"), refused},
		"insufficient funds":  {answer("insufficient funds for gas * price + value: balance 0"), refused},
		"anvil's funds":       {answer("Insufficient funds for gas * price + value"), refused},
		"base fee":            {answer("max fee per gas less than block base fee"), refused},
		"an answer like none": {answer("internal error"), unknown},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tc.want, judge(tc.err)) })
	}
}

// answer is a JSON-RPC error as nodes give it.
type answer string

func (a answer) Error() string  { return string(a) }
func (a answer) ErrorCode() int { return -32000 }
