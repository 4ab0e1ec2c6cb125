// SPDX-License-Identifier: Apache-2.0

package e2eworker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/client"

	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/worker/engine/container"
)

// cleanWithin bounds how long workers may take to tidy up after the last job.
const cleanWithin = 30 * time.Second

// audit counts what the chain, the daemon and the machine remember. It stops
// the workers.
func (k *kills) audit(ctx context.Context) error {
	if err := k.statements(ctx); err != nil {
		return err
	}
	if err := k.money(ctx); err != nil {
		return err
	}
	for _, p := range k.Providers {
		account, err := k.Provider(ctx, 0, p.Operator.Address)
		if err != nil {
			return err
		}
		if account.Bond != net.Bond || account.Slashed != 0 || account.Missed != 0 || account.Status != "PROVIDER_STATUS_ACTIVE" {
			k.figures.Slashed++
		}
	}
	left, err := k.leftovers(ctx)
	if err != nil {
		return err
	}
	k.figures.Orphans = len(left)
	if f := k.figures; f.Lost+f.Doubles+f.Slashed+f.Orphans > 0 || f.Settled != f.Jobs {
		return fmt.Errorf("not every seat was paid once, or something is left: %+v %q", f, left)
	}
	return nil
}

// statement names what a seat says once.
type statement struct {
	event                         string
	batch, lot, provider, attempt string
}

// statements counts the commits and reveals of each seat that are in blocks.
func (k *kills) statements(ctx context.Context) error {
	said := make(map[statement]int)
	for _, p := range k.Providers {
		sent := make(map[string]string)
		txs, err := k.Txs(ctx, "message.sender='"+p.WorkerAddress+"'")
		if err != nil {
			return err
		}
		for _, tx := range txs {
			count(said, tx)
			if err := k.repeated(sent, tx); err != nil {
				return fmt.Errorf("%s: %w", p.Name, err)
			}
		}
	}
	for _, n := range said {
		k.figures.Doubles += n - 1
	}
	if want := 2 * victims * len(k.rounds); len(said) != want {
		return fmt.Errorf("%d commits and reveals are in blocks instead of %d", len(said), want)
	}
	return nil
}

func count(said map[statement]int, tx net.TxResult) {
	for _, e := range tx.Events {
		if e.Type != "result_committed" && e.Type != "result_revealed" {
			continue
		}
		s := statement{event: e.Type}
		for _, a := range e.Attributes {
			switch a.Key {
			case "batch":
				s.batch = a.Value
			case "lot":
				s.lot = a.Value
			case "provider":
				s.provider = a.Value
			case "attempt":
				s.attempt = a.Value
			}
		}
		said[s]++
	}
}

// repeated counts commitments that were said before, and fails if one seat's
// differ.
func (k *kills) repeated(sent map[string]string, tx net.TxResult) error {
	for _, raw := range tx.Messages {
		var m struct {
			Type string `json:"@type"`
			Lots []struct {
				Batch, Commitment string
				Lot, Attempt      uint32
			}
		}
		if err := json.Unmarshal(raw, &m); err != nil {
			return err
		}
		if m.Type != "/cupel.market.v1.MsgCommit" {
			continue
		}
		for _, l := range m.Lots {
			seat := fmt.Sprintf("%s/%d/%d", l.Batch, l.Lot, l.Attempt)
			switch before, again := sent[seat]; {
			case !again:
				sent[seat] = l.Commitment
			case before == l.Commitment:
				k.figures.Repeated++
			default:
				k.figures.Doubles++
				return fmt.Errorf("seat %s was committed to %s and to %s", seat, before, l.Commitment)
			}
		}
	}
	return nil
}

// money compares what each provider earned with its share of what was paid:
// all ask the same.
func (k *kills) money(ctx context.Context) error {
	var paid uint64
	for n := range k.rounds {
		tally, err := k.Tally(ctx, 0, k.first+uint64(n))
		if err != nil {
			return err
		}
		if tally.Paid == 0 || tally.Paid%victims != 0 || tally.Escrow != 0 {
			return fmt.Errorf("round %d: %d seats are paid %d together, %d are in escrow", n, victims, tally.Paid, tally.Escrow)
		}
		paid += tally.Paid / victims
	}
	for _, p := range k.Providers {
		earned, err := k.Balance(ctx, 0, p.Payout.Address)
		if err != nil {
			return err
		}
		if earned != paid {
			k.figures.Lost++
			return fmt.Errorf("%s earned %d instead of %d", p.Name, earned, paid)
		}
	}
	return nil
}

// leftovers lists what nobody removed: while the workers run, and after they
// have stopped.
func (k *kills) leftovers(ctx context.Context) ([]string, error) {
	var left []string
	waiting, cancel := context.WithTimeout(ctx, cleanWithin)
	defer cancel()
	err := net.Until(waiting, 200*time.Millisecond, func() (clean bool, err error) {
		left, err = k.litter(ctx)
		return len(left) == 0, err
	})
	if err != nil && len(left) == 0 {
		return nil, err
	}
	for _, p := range k.Providers {
		p.Process().Stop()
	}
	running, err := processesOf(k.Providers[0].Binary)
	return append(left, running...), err
}

// litter lists containers, files and mounts of runs. Of results there is one
// for each job.
func (k *kills) litter(ctx context.Context) (left []string, err error) {
	if k.docker != nil {
		list, err := k.docker.ContainerList(ctx, client.ContainerListOptions{
			All: true, Filters: make(client.Filters).Add("label", container.LabelOwner),
		})
		if err != nil {
			return nil, err
		}
		for _, c := range list.Items {
			left = append(left, "container "+c.ID)
		}
	}
	for _, p := range k.Providers {
		for _, pattern := range []string{"scratch/*", "containers/runs/*", "containers/mount-*", "inputs/*.part", "results/*.part"} {
			found, err := filepath.Glob(filepath.Join(p.WorkerHome, pattern))
			if err != nil {
				return nil, err
			}
			left = append(left, found...)
		}
		results, err := filepath.Glob(filepath.Join(p.WorkerHome, "results", "*"))
		if err != nil {
			return nil, err
		}
		if len(results) != k.artifacts() {
			left = append(left, fmt.Sprintf("%s has %d results of %d", p.Name, len(results), k.artifacts()))
		}
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	for line := range strings.Lines(string(mounts)) {
		if strings.Contains(line, k.Dir) {
			left = append(left, "mount "+strings.TrimSpace(line))
		}
	}
	return left, err
}

// artifacts is the number of different results: all containers write the same.
func (k *kills) artifacts() int {
	n, containers := 0, 0
	for _, r := range k.rounds {
		if r.engine == engineWASM {
			n++
		} else {
			containers = 1
		}
	}
	return n + containers
}

// processesOf lists the processes that run a program.
func processesOf(program string) (found []string, err error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		exe, err := os.Readlink(filepath.Join("/proc", e.Name(), "exe"))
		switch {
		case errors.Is(err, os.ErrNotExist), errors.Is(err, os.ErrPermission): // it has ended, or is none of ours
		case err != nil:
			return nil, err
		case exe == program:
			found = append(found, fmt.Sprintf("process %d", pid))
		}
	}
	return found, nil
}
