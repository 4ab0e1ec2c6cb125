// SPDX-License-Identifier: Apache-2.0

package loadgen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// results are what a block did. The types of CometBFT read an attribute by
// reflection, which takes seconds for a block with thousands of settlements.
type results struct {
	Txs    []txResult `json:"txs_results"`
	Events []event    `json:"finalize_block_events"`
}

type txResult struct {
	Code      uint32  `json:"code"`
	Log       string  `json:"log"`
	GasWanted uint64  `json:"gas_wanted,string"`
	Events    []event `json:"events"`
}

type event struct {
	Type       string `json:"type"`
	Attributes []struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	} `json:"attributes"`
}

// number reads a decimal attribute of a flat event, 0 if there is none.
func (e event) number(key string) uint64 {
	for _, a := range e.Attributes {
		if a.Key == key {
			n, err := strconv.ParseUint(a.Value, 10, 64)
			if err == nil {
				return n
			}
		}
	}
	return 0
}

// batch is that of a settled task.
func (e event) batch() uint64 {
	batch, _ := markettypes.SplitTaskID(e.number(markettypes.AttrTaskID))
	return batch
}

// resultsOf asks a node for the results of a block.
func resultsOf(ctx context.Context, url string, height int64) (results, error) {
	var res struct {
		Result *results
		Error  *struct{ Data string }
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/block_results?height=%d", url, height), nil)
	if err != nil {
		return results{}, err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return results{}, err
	}
	err = errors.Join(json.NewDecoder(answer.Body).Decode(&res), answer.Body.Close())
	switch {
	case err != nil:
		return results{}, fmt.Errorf("results of block %d: %w", height, err)
	case res.Error != nil:
		return results{}, fmt.Errorf("results of block %d: %s", height, res.Error.Data)
	case res.Result == nil:
		return results{}, fmt.Errorf("results of block %d: the answer is empty", height)
	}
	return *res.Result, nil
}
