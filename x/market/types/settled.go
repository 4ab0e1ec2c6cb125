// SPDX-License-Identifier: Apache-2.0

package types

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/cosmos/cosmos-sdk/types/bech32"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// settledEvent reads the attributes of a task_settled event and keeps the
// first error.
type settledEvent struct {
	values map[string]string
	err    error
}

func (e *settledEvent) keep(key string, err error) {
	if err != nil && e.err == nil {
		e.err = fmt.Errorf("event %s: %s: %w", EventTaskSettled, key, err)
	}
}

func (e *settledEvent) text(key string) string {
	value, ok := e.values[key]
	if !ok {
		e.keep(key, errors.New("attribute is missing"))
	}
	return value
}

func (e *settledEvent) number(key string, bits int) uint64 {
	n, err := strconv.ParseUint(e.text(key), 10, bits)
	e.keep(key, err)
	return n
}

func (e *settledEvent) account(key, text string) []byte {
	_, account, err := bech32.DecodeAndConvert(text)
	e.keep(key, err)
	return account
}

func (e *settledEvent) list(key string) []string {
	text := e.text(key)
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// SettledTask returns the task of a task_settled event, ok false for any other.
func SettledTask(event abci.Event) (task uint64, ok bool) {
	if event.Type != EventTaskSettled {
		return 0, false
	}
	for _, a := range event.Attributes {
		if a.Key == AttrTaskID {
			task, err := strconv.ParseUint(a.Value, 10, 64)
			return task, err == nil
		}
	}
	return 0, false
}

// SettledLeaves rebuilds the leaves of a task from its task_settled event, one
// per paid provider in the event's order.
func SettledLeaves(chainID string, event abci.Event) ([]checkpoint.Leaf, error) {
	e := &settledEvent{values: make(map[string]string, len(event.Attributes))}
	for _, a := range event.Attributes {
		e.values[a.Key] = a.Value
	}
	said := e.text(AttrDigest)
	if proved, ok := e.values[AttrLeafResult]; ok {
		said = proved
	}
	digest, err := hex.DecodeString(said)
	e.keep(AttrDigest, err)
	result, err := checkpoint.ToHash(digest)
	e.keep(AttrDigest, err)
	leaf := checkpoint.Leaf{
		Version: checkpoint.LeafVersion, HomeChain: chainID,
		Task: e.number(AttrTaskID, 64), Attempt: uint32(e.number(AttrAttempt, 32)),
		Requester: e.account(AttrRequester, e.text(AttrRequester)),
		Denom:     e.text(AttrDenom), Result: result,
	}
	accounts, amounts := e.list(AttrAccounts), e.list(AttrAmounts)
	if len(accounts) != len(amounts) {
		e.keep(AttrAmounts, fmt.Errorf("%d amounts for %d accounts", len(amounts), len(accounts)))
		return nil, e.err
	}
	leaves := make([]checkpoint.Leaf, 0, len(accounts))
	for i, account := range accounts {
		leaf.Provider = e.account(AttrAccounts, account)
		leaf.Amount, err = strconv.ParseUint(amounts[i], 10, 64)
		e.keep(AttrAmounts, err)
		leaves = append(leaves, leaf)
	}
	if e.err != nil {
		return nil, e.err
	}
	return leaves, nil
}
