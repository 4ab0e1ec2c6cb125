// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// filterJSON is one filter and how many providers are left after it.
type filterJSON struct {
	Name string `json:"name"`
	Left int    `json:"left"`
}

// estimate is what a job can cost and who could run it.
type estimate struct {
	Type     string `json:"type"`
	Class    string `json:"class"`
	Tasks    uint32 `json:"tasks"`
	Replicas uint32 `json:"replicas"`
	Denom    string `json:"denom"`
	// Escrow is the most that the job can cost; it is taken at submit.
	Escrow uint64 `json:"escrow"`
	// Committee is the part of the escrow that pays committees if they have to
	// decide, and returns if they do not.
	Committee uint64 `json:"committee"`
	// Expected is the cost at the median ask if every task uses all its units.
	Expected  uint64 `json:"expected"`
	MedianAsk uint64 `json:"median_ask"`
	// Providers is the number of providers of the class.
	Providers int `json:"providers"`
	// Eligible is how many of them could sit on one task together, Needed how
	// many it takes.
	Eligible int `json:"eligible"`
	Needed   int `json:"needed"`
	// Binding is the filter after which too few were left, empty if enough are.
	Binding string       `json:"binding"`
	Filters []filterJSON `json:"filters"`
	// ChallengeBond and AppealBond are the most that disputing one task holds, in
	// base units of the denom; 0 where it cannot be.
	ChallengeBond uint64 `json:"challenge_bond"`
	AppealBond    uint64 `json:"appeal_bond"`
	// What the chain adds, by the rules by which it draws: the rate of audits in
	// basis points, the bond in ucupel that a provider needs, and the ticks until
	// the results are agreed and paid. 0 if it did not say.
	AuditBps uint32 `json:"audit_bps"`
	Bond     uint64 `json:"bond"`
	Agreed   uint64 `json:"agreed_ticks"`
	Settled  uint64 `json:"settled_ticks"`
}

// estimate computes costs and candidates from what the chain says.
func (t terms) estimate(msg markettypes.MsgSubmit) (estimate, error) {
	b := t.batch(msg)
	e := estimate{
		Type: "estimate", Class: msg.Class, Tasks: msg.Count, Replicas: msg.Replicas, Denom: msg.Denom,
		Providers: len(t.roster), Needed: int(msg.Replicas), Filters: []filterJSON{},
	}
	if msg.Policy == markettypes.PolicyOptimistic && msg.Hire == "" {
		e.Needed = max(1, int(t.params.MinOperators))
	}
	var err error
	if err = t.hold(&e, b); err != nil {
		return e, classify(err)
	}
	left := t.narrow(&e, msg)
	if e.MedianAsk = t.median(left); e.MedianAsk == 0 {
		e.MedianAsk = t.median(t.roster)
	}
	if e.MedianAsk == 0 {
		return e, nil
	}
	b.MaxPrice = min(e.MedianAsk, msg.MaxPrice)
	e.Expected, err = b.Escrow(t.class.Unit, b.Count)
	return e, classify(err)
}

// hold fills in what is taken at submit and what disputes hold.
func (t terms) hold(e *estimate, b markettypes.Batch) error {
	gross, err := b.MaxGross(t.class.Unit)
	if err != nil {
		return err
	}
	escrow, committee, err := b.TaskEscrow(t.params, gross)
	if err != nil {
		return err
	}
	tasks := uint64(b.Count)
	if e.Escrow, err = markettypes.MulDivCeil(escrow, tasks, 1); err != nil {
		return err
	}
	e.Committee = committee * tasks // less than the escrow
	if b.Policy == markettypes.PolicyProof || b.Policy == markettypes.PolicyScored {
		return nil // the chain has seen the proof; job reject disputes a score
	}
	if e.ChallengeBond, err = t.bond(gross, t.params.Challenge.BondTimes); err != nil || !t.class.Sound {
		return err
	}
	e.AppealBond, err = t.bond(gross, t.params.Challenge.AppealTimes)
	return err
}

// bond is a number of maximal grosses of a replica, at least min_bond, in base
// units of the denom.
func (t terms) bond(gross uint64, times uint32) (uint64, error) {
	bond, err := markettypes.MulDivCeil(gross, uint64(times), 1)
	if err != nil {
		return 0, err
	}
	least, err := markettypes.MulDivCeil(t.params.Challenge.MinBond, markettypes.RateUnit, t.rate)
	return max(bond, least), err
}

// narrow applies the filters one after the other and returns who is left.
func (t terms) narrow(e *estimate, msg markettypes.MsgSubmit) []registrytypes.RosterEntry {
	left := slices.Clone(t.roster)
	if distinct(left) < e.Needed {
		e.Binding = "class"
	}
	for _, f := range t.filters(msg) {
		left = slices.DeleteFunc(left, func(entry registrytypes.RosterEntry) bool { return !f.keep(entry) })
		e.Filters = append(e.Filters, filterJSON{f.name, len(left)})
		if e.Binding == "" && distinct(left) < e.Needed {
			e.Binding = f.name
		}
	}
	e.Eligible = distinct(left)
	return left
}

// warning says why a job would wait, or "" if it would not.
func (e estimate) warning() string {
	if e.Binding == "" {
		return ""
	}
	hint := "requirements." + e.Binding + " leaves too few, relax it"
	switch e.Binding {
	case "class":
		hint = "the class has too few, wait for more or lower replicas"
	case "hire":
		hint = "the hired one offers nothing in this class"
	case "price.max":
		hint = "price.max leaves too few, raise it"
	case "bond":
		hint = "too few have the bond, lower limits.fuel, price.max or value_at_stake"
	}
	return fmt.Sprintf("%s eligible of %d needed: %s", count(e.Eligible, "provider"), e.Needed, hint)
}

// estimate reads the chain and estimates a message.
func (s *session) estimate(ctx context.Context, msg markettypes.MsgSubmit) (estimate, error) {
	t, err := s.terms(ctx, msg)
	if err != nil {
		return estimate{}, err
	}
	e, err := t.estimate(msg)
	if err != nil {
		return e, err
	}
	// Not every job can be submitted as it is: inputs may have to be made private
	// first. What the chain adds is left out then.
	if res, err := s.market.Estimate(ctx, &markettypes.QueryEstimateRequest{Submit: &msg}); err == nil {
		e.AuditBps, e.Bond, e.Agreed, e.Settled = res.AuditBps, res.Bond, res.Agreed, res.Settled
	}
	return e, nil
}

// show prints an estimate for people.
func (e estimate) show(say func(string, ...any), msg markettypes.MsgSubmit) {
	say("engine     %s", e.Class)
	say("tasks      %d, %s each", e.Tasks, count(int(e.Replicas), "replica"))
	say("escrow     %d%s, the most it can cost: %d x %d x ceil((%d + %d) x %d%s)%s",
		e.Escrow, e.Denom, e.Tasks, e.Replicas, msg.MaxPrice, msg.Tip, msg.Limits.Units, meterOf(e.Class).scale, e.plus())
	if e.Committee > 0 {
		say("committee  %d%s of it for committees; it returns unless they have to decide", e.Committee, e.Denom)
	}
	if e.MedianAsk > 0 {
		say("expected   %d%s if %s, at the median ask of %d%s", e.Expected, e.Denom, meterOf(e.Class).whole, e.MedianAsk, e.Denom)
	}
	say("providers  %d in the class, %d eligible, %d needed", e.Providers, e.Eligible, e.Needed)
	if e.Bond > 0 {
		say("audit      %d.%02d %% of the tasks, by a provider's bond of %d%s", e.AuditBps/100, e.AuditBps%100, e.Bond, markettypes.BaseDenom)
	}
	if e.ChallengeBond > 0 {
		say("disputes   a challenge of one task holds %d%s at most%s", e.ChallengeBond, e.Denom, e.appeals())
	}
	if e.Agreed > 0 {
		say("ticks      %d at most until the results are agreed, %d until they are paid, if nobody misses a seat", e.Agreed, e.Settled)
	}
	if msg.Requirements.MinScore > 0 {
		say("           requirements.min_score is not counted here: scores are read when seats are drawn")
	}
}

// plus is what the escrow holds besides replicas.
func (e estimate) plus() string {
	if e.Committee == 0 {
		return ""
	}
	return fmt.Sprintf(" + %d", e.Committee)
}

// appeals says what an appeal holds, where there are any.
func (e estimate) appeals() string {
	if e.AppealBond == 0 {
		return ""
	}
	return fmt.Sprintf(", an appeal %d%s", e.AppealBond, e.Denom)
}

func estimateCmd(dial connector) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "estimate FILE",
		Short:   "Say what a job can cost and who could run it",
		Long:    "Say what a job can cost, what it will probably cost, and how many providers could run it.\nNothing is sent.",
		Example: "cupeld job estimate job.yaml\ncupeld job estimate job.yaml -o json | jq .escrow",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts, err := fileOptions(cmd)
			if err != nil {
				return err
			}
			job, err := load(args[0], opts, nil)
			if err != nil {
				return err
			}
			s, err := dial(cmd)
			if err != nil {
				return err
			}
			e, err := s.estimate(cmd.Context(), job.Msg)
			if err != nil {
				return err
			}
			if s.json {
				s.emit(e)
				return nil
			}
			e.show(s.print, job.Msg)
			if w := e.warning(); w != "" {
				s.say("Warning: %s", w)
			}
			return nil
		},
	}
	flags.AddQueryFlagsToCmd(cmd)
	addFileFlags(cmd)
	return cmd
}

// errFunds says what is missing for a payment.
func errFunds(address, need, have string) error {
	return failf(exit.InsufficientFunds, "insufficient funds: %s needs %s and has %s\nSend it coins, or lower price.max, limits.fuel, replicas or the number of tasks", address, need, have)
}
