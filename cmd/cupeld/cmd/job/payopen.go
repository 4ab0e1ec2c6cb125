// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// openOptions are the flags of open.
type openOptions struct {
	provider, class, deposit, key string
	maxPrice, ticks               uint64
}

func sessionOpenCmd(dial connector) *cobra.Command {
	var o openOptions
	cmd := &cobra.Command{
		Use:   "open PROVIDER",
		Short: "Open a session with a provider, named by its operator's address or its id",
		Long: "Open a session with a provider, named by its operator's address or its id. Its ask is pinned;\n" +
			"what you do not use comes back when the session has closed and its dispute window is over.\n\n" +
			"The voucher key is made if its file is not there. Keep the file: who has it can pay the provider\n" +
			"out of your deposit, and nobody else.",
		Example: "cupeld session open 3 --class llm/v1 --deposit 5000000ucupel --from alice",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := needsFrom(cmd); err != nil {
				return err
			}
			if o.class == "" || o.deposit == "" {
				return failf(exit.UsageError, "--class or --deposit is missing\nWrite for example: --class llm/v1 --deposit 5000000ucupel")
			}
			o.provider = args[0]
			var err error
			if o.key, err = keyFile(cmd, o.key); err != nil {
				return err
			}
			s, err := dial(cmd)
			if err != nil {
				return err
			}
			return s.openSession(cmd.Context(), o)
		},
	}
	addTxFlags(cmd)
	f := cmd.Flags()
	f.StringVar(&o.class, "class", "", "class of the provider, such as llm/v1")
	f.StringVar(&o.deposit, "deposit", "", "deposit with its denom, such as 5000000ucupel")
	f.Uint64Var(&o.maxPrice, "max-price", 0, "highest price that is accepted (0: the ask of the provider now)")
	f.Uint64Var(&o.ticks, "ticks", 86_400, "blocks after which the session closes by itself")
	f.StringVar(&o.key, "voucher-key", "", "file of the voucher key (default voucher.pem in the home)")
	return cmd
}

// openedJSON is what open writes as JSON.
type openedJSON struct {
	Type     string `json:"type"`
	Session  uint64 `json:"session"`
	Provider uint32 `json:"provider"`
	Endpoint string `json:"endpoint"`
	Class    string `json:"class"`
	Denom    string `json:"denom"`
	Deposit  uint64 `json:"deposit"`
	Price    uint64 `json:"price"`
	Scale    uint64 `json:"scale"`
	Expires  uint64 `json:"expires"`
	KeyFile  string `json:"voucher_key_file"`
	TxHash   string `json:"tx_hash"`
}

func (s *session) openSession(ctx context.Context, o openOptions) error {
	denom, deposit, err := parseCoin("--deposit", o.deposit)
	if err != nil {
		return err
	}
	res, err := s.registry.Provider(ctx, &registrytypes.QueryProviderRequest{Provider: o.provider})
	if err != nil {
		if isNotFound(err) {
			return failf(exit.UsageError, "%w\nSee who there is with: cupeld query registry providers", plain(err))
		}
		return classify(err)
	}
	p := res.Provider
	if o.maxPrice == 0 {
		if o.maxPrice, err = s.askOf(ctx, p, o.class, denom); err != nil {
			return err
		}
	}
	key, err := loadOrMakeKey(o.key)
	if err != nil {
		return err
	}
	msg := &markettypes.MsgOpenSession{
		Requester: s.chain.From(), Provider: p.Operator, Class: o.class, Denom: denom, Deposit: deposit,
		MaxPrice: o.maxPrice, VoucherKey: publicHalf(key), Duration: o.ticks,
	}
	var answer markettypes.MsgOpenSessionResponse
	hash, done, err := s.send(ctx, msg, &answer)
	if err != nil || done {
		return err
	}
	if s.json {
		s.emit(openedJSON{
			Type: "session_opened", Session: answer.Session, Provider: p.Id, Endpoint: p.Endpoint, Class: o.class,
			Denom: denom, Deposit: deposit, Price: answer.Price, Scale: answer.Scale, Expires: answer.Expires,
			KeyFile: o.key, TxHash: hash,
		})
		return nil
	}
	s.print("session %d with provider %d at %s, %d%s deposited", answer.Session, p.Id, p.Endpoint, deposit, denom)
	s.print("price %d%s %s, voucher key in %s, closes at tick %d", answer.Price, denom, per(answer.Scale), o.key, answer.Expires)
	s.say("Make a voucher with: cupeld session voucher %d --units N", answer.Session)
	return nil
}

// askOf is the ask of a provider in a class, in base units of a denom.
func (s *session) askOf(ctx context.Context, p registrytypes.Provider, class, denom string) (uint64, error) {
	params, err := s.market.Params(ctx, &markettypes.QueryParamsRequest{})
	if err != nil {
		return 0, classify(err)
	}
	rate, err := params.Params.Rate(denom, s.now().Unix())
	if err != nil {
		return 0, classify(err)
	}
	for _, r := range p.Resources {
		if r.Class == class {
			ask, err := markettypes.MulDivCeil(r.Price, markettypes.RateUnit, rate)
			return ask, classify(err)
		}
	}
	return 0, failf(exit.UsageError, "provider %d offers nothing in class %q\nSee what it offers with: cupeld query registry provider %d", p.Id, class, p.Id)
}
