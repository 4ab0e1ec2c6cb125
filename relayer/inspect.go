// SPDX-License-Identifier: Apache-2.0

package relayer

import (
	"context"
	"errors"

	"github.com/cupel-network/cupel/relayer/journal"
	"github.com/cupel-network/cupel/relayer/mirror"
)

// Inspect asks the chains what a running relayer would report. A target that
// cannot be read has its reason instead of figures.
func Inspect(ctx context.Context, cfg Config, version string) (Status, error) {
	source, err := NewSource(cfg)
	if err != nil {
		return Status{}, err
	}
	out := Status{Version: version, Home: HomeStatus{ChainID: cfg.Home.ChainID, Refused: make(map[string]string)}}
	head, err := source.Head(ctx)
	if err != nil {
		return Status{}, err
	}
	out.Home.Head, out.Home.Height = head, source.Height()
	for node, err := range source.Refused() {
		out.Home.Refused[node] = err.Error()
	}
	for _, t := range cfg.Targets {
		out.Targets = append(out.Targets, inspectTarget(ctx, cfg, t, head))
	}
	return out, nil
}

func inspectTarget(ctx context.Context, cfg Config, t TargetConfig, head uint64) TargetStatus {
	var st TargetStatus
	err := WithPeer(ctx, cfg, t, func(peer Peer) (err error) {
		state := mirror.State{Name: t.Name, Head: head}
		state.Progress, err = peer.Progress(ctx)
		st = NewTargetStatus(t, state)
		st.Address, st.Floor = peer.Address(), peer.Floor()
		if err != nil {
			return err
		}
		st.Balance, err = peer.Balance(ctx)
		return err
	})
	st.Name, st.Type = t.Name, t.Type
	if err != nil {
		st.Reason = err.Error()
	}
	reason, paused, err := NewPauses(cfg.Dir).Paused(t.Name)
	st.Paused = paused
	switch {
	case err != nil:
		st.Reason = err.Error()
	case paused:
		st.Reason = reason
	}
	return st
}

// InspectPending reads the journal of a relayer that does not run, and the
// chains.
func InspectPending(ctx context.Context, cfg Config, version string) (out []TargetPending, err error) {
	status, err := Inspect(ctx, cfg, version)
	if err != nil {
		return nil, err
	}
	j, err := journal.Open(cfg.Path(JournalName))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	for _, st := range status.Targets {
		flying, err := j.Book(st.Name).Pending()
		if err != nil {
			return nil, err
		}
		p := NewTargetPending(st.State, flying)
		if st.Reason != "" && !st.Paused {
			p.Error = st.Reason
		}
		out = append(out, p)
	}
	return out, nil
}
