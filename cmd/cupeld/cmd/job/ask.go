// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/access"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// maxAskedLots bounds the lots whose providers are looked up, maxAnswer the
// bytes of one answer.
const (
	maxAskedLots = 64
	maxAnswer    = 4 << 20
)

func progressCmd(dial connector) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "progress BATCH",
		Short: "Ask the providers how far your batch is",
		Long: "Ask the providers that hold seats in a batch how far they are, by a request that your key signs.\n" +
			"They say which step they reached and which input they could not get. What the program writes\n" +
			"is not told before its result is revealed on the chain: then read it with cupeld job logs.",
		Example: "cupeld job progress 7 --from alice",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			batch, err := parseBatch(args[0])
			if err != nil {
				return err
			}
			if from, err := cmd.Flags().GetString(flags.FlagFrom); err != nil || from == "" {
				return failf(exit.UsageError, "--from is missing: name the key that submitted the batch")
			}
			s, err := dial(cmd)
			if err != nil {
				return err
			}
			return s.progress(cmd.Context(), batch)
		},
	}
	addTxFlags(cmd)
	return cmd
}

// SignBytes implements sender.
func (b *broadcaster) SignBytes(message []byte) (signature, publicKey []byte, err error) {
	signature, key, err := b.ctx.Keyring.Sign(b.ctx.FromName, message, signing.SignMode_SIGN_MODE_LEGACY_AMINO_JSON)
	if err != nil {
		return nil, nil, err
	}
	return signature, key.Bytes(), nil
}

// progressJSON is what a provider says, with who said it.
type progressJSON struct {
	Type     string        `json:"type"`
	Batch    uint64        `json:"batch"`
	Provider uint32        `json:"provider"`
	Error    string        `json:"error,omitempty"`
	Lots     []lotProgress `json:"lots"`
}

type lotProgress struct {
	Lot     uint32    `json:"lot"`
	Attempt uint32    `json:"attempt"`
	First   uint32    `json:"first"`
	Tasks   uint32    `json:"tasks"`
	Step    string    `json:"step"`
	Seen    time.Time `json:"seen"`
	Updated time.Time `json:"updated"`
	Problem string    `json:"problem,omitempty"`
}

func (s *session) progress(ctx context.Context, batch uint64) error {
	chainID, err := s.blocks.ChainID(ctx)
	if err != nil {
		return classify(err)
	}
	providers, err := s.seated(ctx, batch)
	if err != nil {
		return classify(err)
	}
	if len(providers) == 0 {
		return failf(exit.WaitTimedOut, "batch %d is not assigned to anybody\nSee it with: cupeld job describe %d", batch, batch)
	}
	answered := 0
	for _, id := range providers {
		p := progressJSON{Type: "progress", Batch: batch, Provider: id, Lots: []lotProgress{}}
		if err := s.askProgress(ctx, chainID, &p); err != nil {
			p.Error = err.Error()
		} else {
			answered++
		}
		s.showProgress(p)
	}
	if answered == 0 {
		return failf(exit.NetworkUnreachable, "no provider of batch %d says how far it is\nSee what the chain knows with: cupeld job describe %d", batch, batch)
	}
	return nil
}

func (s *session) showProgress(p progressJSON) {
	if s.json {
		s.emit(p)
		return
	}
	if p.Error != "" {
		s.print("provider %d  does not say: %s", p.Provider, p.Error)
	}
	for _, l := range p.Lots {
		line := fmt.Sprintf("provider %d  lot %d  attempt %d  %s  for %s", p.Provider, l.Lot, l.Attempt, l.Step, s.now().Sub(l.Updated).Round(time.Second))
		if l.Problem != "" {
			line += "  " + strings.Join(strings.Fields(l.Problem), " ")
		}
		s.print("%s", line)
	}
}

// seated are the providers with a seat in the first lots of a batch.
func (s *session) seated(ctx context.Context, batch uint64) ([]uint32, error) {
	res, err := s.market.Batch(ctx, &markettypes.QueryBatchRequest{Batch: batch})
	if err != nil {
		return nil, err
	}
	var ids []uint32
	for lot := range min(res.Batch.Lots(), maxAskedLots) {
		l, err := s.market.Lot(ctx, &markettypes.QueryLotRequest{Batch: batch, Lot: lot})
		if err != nil {
			return nil, err
		}
		for _, seat := range l.Lot.Seats {
			ids = append(ids, seat.Provider)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// askProgress signs a token for one provider and fills in its answer.
func (s *session) askProgress(ctx context.Context, chainID string, p *progressJSON) error {
	res, err := s.registry.Provider(ctx, &registrytypes.QueryProviderRequest{Provider: strconv.FormatUint(uint64(p.Provider), 10)})
	if err != nil {
		return plain(err)
	}
	endpoint := strings.TrimRight(res.Provider.Endpoint, "/")
	token, err := access.New(access.Claims{
		Use: access.UseStatus, ChainID: chainID, Audience: endpoint, Subject: s.chain.From(), Batch: p.Batch,
	}, time.Now(), s.chain.SignBytes)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+"/jobs/"+strconv.FormatUint(p.Batch, 10), http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", access.Scheme+token)
	answer, err := s.http.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s: %.200s", endpoint, answer.Status, strings.TrimSpace(string(body)))
	}
	return json.Unmarshal(body, &struct {
		Lots *[]lotProgress `json:"lots"`
	}{&p.Lots})
}
