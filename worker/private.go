// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cupel-network/cupel/worker/access"
	"github.com/cupel-network/cupel/worker/artifact"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/crypt"
	"github.com/cupel-network/cupel/worker/journal"
	"github.com/cupel-network/cupel/worker/server"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// keyTimeout bounds the question for the key of a file; maxSealedKey is the
// most bytes of the answer.
const (
	keyTimeout   = 10 * time.Second
	maxSealedKey = 4 << 10
)

// LotProgress is how far an attempt at a lot is. What the program wrote is not
// in it, nor how it ended: until the reveal that would be the work for nothing.
type LotProgress struct {
	Lot     uint32    `json:"lot"`
	Attempt uint32    `json:"attempt"`
	First   uint32    `json:"first"`
	Tasks   uint32    `json:"tasks"`
	Step    string    `json:"step"`
	Seen    time.Time `json:"seen"`
	Updated time.Time `json:"updated"`
	// Problem says which input could not be had.
	Problem string `json:"problem,omitempty"`
}

// Progress is the answer to the requester of a batch.
type Progress struct {
	Batch uint64        `json:"batch"`
	Lots  []LotProgress `json:"lots"`
}

// private answers signed requests.
func (s *Service) private() server.Access {
	return server.Access{Gate: access.NewGate(s.cfg.Chain.ID, s.cfg.HTTP.Endpoint), Status: s.progress, Key: s.fileKey}
}

func (s *Service) progress(ctx context.Context, c access.Claims) (any, error) {
	b, err := s.chain.Batch(ctx, c.Batch)
	if err = ignoreMissing(err); err != nil {
		return nil, err
	}
	if b == nil || !isAddress(c.Subject, b.Batch.Requester) {
		return nil, fmt.Errorf("%w: only the requester of a batch may ask for it", server.ErrRefused)
	}
	lots, err := s.journal.Lots()
	if err != nil {
		return nil, err
	}
	p := Progress{Batch: c.Batch, Lots: []LotProgress{}}
	for _, rec := range lots {
		if rec.Key.Batch == c.Batch {
			p.Lots = append(p.Lots, LotProgress{
				Lot: rec.Key.Lot, Attempt: rec.Key.Attempt, First: rec.First, Tasks: rec.Count, Step: rec.Step.String(),
				Seen: rec.Seen, Updated: rec.Updated, Problem: problem(rec.Runs),
			})
		}
	}
	return p, nil
}

func isAddress(text string, address []byte) bool {
	parsed, err := chain.ParseAddress(text)
	return err == nil && bytes.Equal(parsed, address)
}

// problem says which input could not be had, and leaves out the addresses that
// were tried. Other outcomes are told by the reveal only.
func problem(runs []journal.Run) string {
	for _, run := range runs {
		if markettypes.Outcome(run.Outcome) == markettypes.OutcomeInputUnavailable {
			first, _, _ := strings.Cut(run.Detail, "\n")
			return first
		}
	}
	return ""
}

// fileKey tells a worker that has a seat in the batch the key of one of its
// inputs, encrypted to the key that its provider has registered.
func (s *Service) fileKey(ctx context.Context, c access.Claims) ([]byte, error) {
	asker, err := s.chain.Provider(ctx, c.Subject)
	if errors.Is(err, chain.ErrNotFound) {
		return nil, fmt.Errorf("%w: the signer is no provider", server.ErrRefused)
	}
	if err != nil {
		return nil, err
	}
	p := asker.Provider
	seated, err := s.seated(ctx, c, p.Id)
	switch {
	case err != nil:
		return nil, err
	case !seated || p.Worker != c.Subject:
		return nil, fmt.Errorf("%w: it has no seat there", server.ErrRefused)
	case p.EncryptionKey == "":
		return nil, fmt.Errorf("%w: its provider has registered no encryption key", server.ErrRefused)
	}
	digest, err := hex.DecodeString(c.Digest)
	if err != nil {
		return nil, fmt.Errorf("%w: digest is not hex", server.ErrRefused)
	}
	ours, err := s.journal.PublicIn(digest, c.Batch)
	if err != nil {
		return nil, err
	}
	if !ours {
		return nil, fmt.Errorf("%w: that is no input of the batch here", server.ErrRefused)
	}
	path, err := s.inputs.Path(c.Digest)
	if err != nil {
		return nil, err
	}
	key, err := s.vault.FileKey(c.Digest, path)
	if err != nil {
		return nil, err
	}
	to, err := crypt.ParseRecipients([]string{p.EncryptionKey})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", server.ErrRefused, err)
	}
	var sealed bytes.Buffer
	err = crypt.Encrypt(&sealed, bytes.NewReader(key), to)
	return sealed.Bytes(), err
}

// seated reports whether the chain has drawn the provider where it says.
func (s *Service) seated(ctx context.Context, c access.Claims, provider uint32) (bool, error) {
	if c.Case != 0 {
		if batch, _ := markettypes.SplitTaskID(c.Case); batch != c.Batch {
			return false, nil
		}
		k, err := s.chain.Case(ctx, c.Case)
		if err != nil {
			return false, ignoreMissing(err)
		}
		return slices.ContainsFunc(k.Seats, func(seat markettypes.CaseSeat) bool { return seat.Provider == provider }), nil
	}
	lot, err := s.chain.Lot(ctx, c.Batch, c.Lot)
	if err != nil {
		return false, ignoreMissing(err)
	}
	return slices.ContainsFunc(lot.Seats, func(seat markettypes.Seat) bool { return seat.Provider == provider }), nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, chain.ErrNotFound) {
		return nil
	}
	return err
}

// keyAsker asks other workers for the keys of files.
type keyAsker struct {
	chainID string
	signer  *chain.Signer
	ids     *crypt.Identities
	client  *http.Client
}

func (s *Service) keyAsker() *keyAsker {
	client := artifact.NewHTTPClient(s.cfg.Artifacts.PrivateHosts)
	client.Timeout = keyTimeout
	return &keyAsker{chainID: s.cfg.Chain.ID, signer: s.signer, ids: s.identities, client: client}
}

// Ask implements runner.KeyAsker.
func (a *keyAsker) Ask(ctx context.Context, endpoint string, c access.Claims) ([]byte, error) {
	if a.ids == nil {
		return nil, crypt.ErrNoKey
	}
	c.Use, c.ChainID, c.Audience, c.Subject = access.UseKey, a.chainID, endpoint, a.signer.Address()
	token, err := access.New(c, time.Now(), a.signer.SignBytes)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(endpoint, "/")+"/keys", http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", access.Scheme+token)
	res, err := a.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", endpoint, res.Status)
	}
	var key bytes.Buffer
	err = crypt.Decrypt(&key, io.LimitReader(res.Body, maxSealedKey), a.ids.All()...)
	return key.Bytes(), err
}
