// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/types/query"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// batchJSON is a batch in JSON output.
type batchJSON struct {
	Type      string `json:"type"`
	Batch     uint64 `json:"batch"`
	Requester string `json:"requester"`
	Class     string `json:"class"`
	Tasks     uint32 `json:"tasks"`
	Replicas  uint32 `json:"replicas"`
	OpenLots  uint32 `json:"open_lots"`
	State     string `json:"state"`
	figuresJSON
}

func asBatchJSON(b markettypes.QueryBatchResponse) batchJSON {
	return batchJSON{
		Type: "batch", Batch: b.Batch.Id, Requester: b.Requester, Class: b.Class, Tasks: b.Batch.Count,
		Replicas: b.Batch.Replicas, OpenLots: b.Tally.OpenLots, State: progressOf(b),
		figuresJSON: snapshot{QueryBatchResponse: b}.figures(),
	}
}

// progressOf says in a word how far a batch is.
func progressOf(b markettypes.QueryBatchResponse) string {
	switch {
	case b.Tally.OpenLots == 0:
		return "FINAL"
	case b.Tally.NextLot == 0:
		return "OPEN"
	default:
		return "RUNNING"
	}
}

func listCmd(dial connector) *cobra.Command {
	var requester string
	var limit uint64
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List jobs",
		Long:    "List the batches on the chain, the newest first. Batches that ended long ago are gone.",
		Example: "cupeld job list\ncupeld job list --requester $(cupeld keys show alice -a)",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := dial(cmd)
			if err != nil {
				return err
			}
			return s.list(cmd.Context(), requester, limit)
		},
	}
	flags.AddQueryFlagsToCmd(cmd)
	cmd.Flags().StringVar(&requester, "requester", "", "only the batches of this address")
	cmd.Flags().Uint64Var(&limit, "limit", 50, "how many to list")
	return cmd
}

func (s *session) list(ctx context.Context, requester string, limit uint64) error {
	res, err := s.market.Batches(ctx, &markettypes.QueryBatchesRequest{
		Requester: requester, Pagination: &query.PageRequest{Limit: limit, Reverse: true},
	})
	if err != nil {
		return classify(err)
	}
	if s.json {
		for _, b := range res.Batches {
			s.emit(asBatchJSON(b))
		}
		return nil
	}
	if len(res.Batches) == 0 {
		s.say("There are no batches")
		return nil
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "BATCH\tSTATE\tTASKS\tREPLICAS\tCLASS\tESCROWED\tPAID\tREFUNDED\tREQUESTER")
	for _, b := range res.Batches {
		t := b.Tally
		fmt.Fprintf(w, "%d\t%s\t%d\t%d\t%s\t%d%s\t%d\t%d\t%s\n", b.Batch.Id, progressOf(b), b.Batch.Count, b.Batch.Replicas,
			b.Class, t.Escrowed, b.Batch.Denom, t.Paid, t.Refunded, b.Requester)
	}
	return w.Flush()
}

func describeCmd(dial connector) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "describe BATCH|TASK",
		Short:   "Show a job",
		Long:    "Show a batch with its tasks, or one task.",
		Example: "cupeld job describe 7\ncupeld job describe 7/3 -o json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := dial(cmd)
			if err != nil {
				return err
			}
			r, err := s.resolve(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			v, err := s.view(cmd.Context(), r)
			if err != nil {
				return err
			}
			s.describe(v)
			return nil
		},
	}
	flags.AddQueryFlagsToCmd(cmd)
	return cmd
}

// describe prints everything about a batch and the given tasks of it.
func (s *session) describe(v snapshot) {
	if s.json {
		s.emit(v.result(nil, ""))
		return
	}
	b, t := v.Batch, v.Tally
	s.print("batch      %d of %s", b.Id, v.Requester)
	s.print("engine     %s, %s, %s", v.Class, count(int(b.Replicas), "replica"), strings.ToLower(strings.TrimPrefix(b.Policy.String(), "POLICY_")))
	s.print("manifest   %x", b.Manifest)
	meter := meterOf(v.Class)
	s.print("limits     %d %s, %d MiB memory, %ds wall, %d KiB output", b.Limits.Units, meter.units, b.Limits.MemoryMib, b.Limits.WallSeconds, b.Limits.OutputKib)
	s.print("price      at most %d + %d %s per %s and replica", b.MaxPrice, b.Tip, b.Denom, meter.per)
	s.print("escrowed   %d%s: paid %d, treasury %d, pooled %d, burned %d, refunded %d, held %d",
		t.Escrowed, b.Denom, t.Paid, t.Treasury, t.Pooled, t.Burned, t.Refunded, t.Escrow)
	s.print("deadline   tick %d, now %d", b.Deadline, v.Tick)
	if len(v.tasks) > maxTaskLines {
		s.print("%s", v.summary())
	}
	for _, task := range v.tasks {
		s.print("%s%s", conclusion(task), seats(v, task))
	}
}

func seats(v snapshot, t markettypes.TaskView) string {
	if len(t.Providers) == 0 {
		return ""
	}
	ids := make([]string, len(t.Providers))
	for i, id := range t.Providers {
		ids[i] = fmt.Sprint(id)
	}
	text := fmt.Sprintf("  providers %s  committed %d/%d  revealed %d/%d", strings.Join(ids, ","), t.Committed, v.replicas(t), t.Revealed, v.replicas(t))
	if t.Disputed {
		text += "  has a case"
	}
	return text
}
