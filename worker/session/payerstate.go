// SPDX-License-Identifier: Apache-2.0

package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// payerState is what a requester keeps of a session.
type payerState struct {
	ChainID string `json:"chain_id"`
	Session uint64 `json:"session,string"`
	// Voucher is the last one, as its header; the next fields are its own.
	Voucher  string                 `json:"voucher"`
	Sequence uint64                 `json:"sequence,string"`
	Amount   uint64                 `json:"amount,string"`
	Units    uint64                 `json:"units,string"`
	Receipts [voucher.HashSize]byte `json:"receipts"`
	// Used and Milli are what calls have cost, in base units and thousandths.
	Used  uint64 `json:"used,string"`
	Milli uint64 `json:"milli,string"`
	// Slack is what the provider claimed beyond its answers, in all.
	Slack uint64 `json:"slack,string"`
}

// loadPayerState reads a state; a missing file is a session without vouchers.
func loadPayerState(path, chainID string, id uint64) (payerState, error) {
	st := payerState{ChainID: chainID, Session: id}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return st, nil
	}
	if err != nil {
		return st, fmt.Errorf("read the state of session %d: %w", id, err)
	}
	if err := json.Unmarshal(raw, &st); err != nil {
		return st, fmt.Errorf("read the state of session %d in %s: %w", id, path, err)
	}
	if st.ChainID != chainID || st.Session != id {
		return st, fmt.Errorf("%s is the state of session %d of %s, not of session %d of %s", path, st.Session, st.ChainID, id, chainID)
	}
	return st, nil
}

// save replaces the file at once, so that a crash leaves the old or the new.
func (s payerState) save(path string) error {
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("keep the state of session %d: %w", s.Session, err)
	}
	_, err = f.Write(append(raw, '\n'))
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // what is left over is no state
		return fmt.Errorf("keep the state of session %d: %w", s.Session, err)
	}
	return nil
}
