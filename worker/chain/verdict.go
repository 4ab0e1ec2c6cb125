// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"context"

	"github.com/cosmos/cosmos-sdk/types/query"
	"github.com/cosmos/gogoproto/proto"

	markettypes "github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
)

const methodVerdictWork = "/cupel.market.v1.Query/VerdictWork"

// VerdictWork lists the committees that await a vote of a provider. Where
// endpoints have to agree, it is those that enough of them list alike.
func (c *Client) VerdictWork(ctx context.Context, provider uint32) ([]markettypes.VerdictWork, error) {
	if !c.voting() {
		return readVerdicts(provider, func(req *markettypes.QueryVerdictWorkRequest, res *markettypes.QueryVerdictWorkResponse) error {
			_, err := c.invoke(ctx, methodVerdictWork, req, res)
			return err
		})
	}
	good := 0
	replies := askAll(ctx, c, func(ctx context.Context, e *endpoint) ([]markettypes.VerdictWork, error) {
		return readVerdicts(provider, func(req *markettypes.QueryVerdictWorkRequest, res *markettypes.QueryVerdictWorkResponse) error {
			return c.verdictPage(ctx, e, req, res)
		})
	}, func(all []reply[[]markettypes.VerdictWork]) bool {
		if all[len(all)-1].err == nil {
			good++
		}
		return false
	})
	if good < c.opts.Agree {
		return nil, c.noAgreement(failures(replies), good)
	}
	return tallyVerdicts(replies, c.opts.Agree)
}

func (c *Client) verdictPage(ctx context.Context, e *endpoint, req *markettypes.QueryVerdictWorkRequest, res *markettypes.QueryVerdictWorkResponse) error {
	data, err := proto.Marshal(req)
	if err != nil {
		return err
	}
	out, err := c.queryOne(ctx, e, methodVerdictWork, data)
	if err != nil {
		return err
	}
	return proto.Unmarshal(out.Value, res)
}

// readVerdicts reads page after page with ask.
func readVerdicts(provider uint32, ask func(*markettypes.QueryVerdictWorkRequest, *markettypes.QueryVerdictWorkResponse) error) ([]markettypes.VerdictWork, error) {
	var all []markettypes.VerdictWork
	var key []byte
	for range maxPages {
		var res markettypes.QueryVerdictWorkResponse
		req := &markettypes.QueryVerdictWorkRequest{Provider: provider, Pagination: &query.PageRequest{Key: key, Limit: pageSize}}
		if err := ask(req, &res); err != nil {
			return nil, err
		}
		all = append(all, res.Verdicts...)
		if res.Pagination == nil || len(res.Pagination.NextKey) == 0 {
			break
		}
		key = res.Pagination.NextKey
	}
	return all, nil
}

// tallyVerdicts keeps the items that need endpoints list alike.
func tallyVerdicts(replies []reply[[]markettypes.VerdictWork], need int) ([]markettypes.VerdictWork, error) {
	var out []markettypes.VerdictWork
	votes := make(map[string]int)
	for _, r := range replies {
		if r.err != nil {
			continue
		}
		for i := range r.value {
			raw, err := proto.Marshal(&r.value[i])
			if err != nil {
				return nil, err
			}
			if votes[string(raw)]++; votes[string(raw)] == need {
				out = append(out, r.value[i])
			}
		}
	}
	return out, nil
}

// Verdict returns a committee, or ErrNotFound.
func (c *Client) Verdict(ctx context.Context, verdict uint64) (markettypes.Committee, error) {
	res, err := markettypes.NewQueryClient(c).Verdict(ctx, &markettypes.QueryVerdictRequest{Verdict: verdict})
	if err != nil {
		return markettypes.Committee{}, err
	}
	return res.Committee, nil
}

// OracleEpoch returns the number of the current epoch of x/oracle.
func (c *Client) OracleEpoch(ctx context.Context) (uint64, error) {
	res, err := oracletypes.NewQueryClient(c).Epoch(ctx, &oracletypes.QueryEpochRequest{})
	if err != nil {
		return 0, err
	}
	return res.Epoch.Number, nil
}
