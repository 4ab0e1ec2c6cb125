// SPDX-License-Identifier: Apache-2.0

package earnings

import (
	"cmp"
	"fmt"
	"io"
	"math/bits"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"go.etcd.io/bbolt"
)

// Totals of a class and denom over some days.
type Totals struct {
	// Answered attempts are those that were committed to or revealed.
	Answered uint64 `json:"answered"`
	Declined uint64 `json:"declined"`
	Settled  uint64 `json:"settled"`
	// Unpaid attempts ended in any other way.
	Unpaid uint64 `json:"unpaid"`
	Tasks  uint64 `json:"tasks"`
	Units  uint64 `json:"units"`
	// Paid in base units of the denom; Estimated is the part of it that was
	// computed and not read from a block.
	Paid      uint64 `json:"paid"`
	Estimated uint64 `json:"estimated"`
	// Verified are the closed cases in which a verification seat was held,
	// Verification the part of Paid that they brought.
	Verified     uint64 `json:"verified"`
	Verification uint64 `json:"verification"`
	// Votes are the seats in committees that are final, VoteFees the part of Paid
	// that they brought.
	Votes    uint64 `json:"votes"`
	VoteFees uint64 `json:"vote_fees"`
	// Lost are the bonds of appeals that were lost; they are not taken off Paid.
	Lost uint64 `json:"lost"`
	// PriceMin and PriceMax are of the seats that were answered, PriceSum is
	// their sum.
	PriceMin uint64 `json:"price_min"`
	PriceMax uint64 `json:"price_max"`
	PriceSum uint64 `json:"price_sum"`
}

func (t *Totals) answered(e Entry) {
	if t.Answered == 0 {
		t.PriceMin, t.PriceMax = e.Price, e.Price
	}
	t.Answered++
	t.PriceMin, t.PriceMax = min(t.PriceMin, e.Price), max(t.PriceMax, e.Price)
	t.PriceSum = add(t.PriceSum, e.Price)
	t.Tasks, t.Units = add(t.Tasks, uint64(e.Tasks)), add(t.Units, e.Units)
}

func (t *Totals) ended(_ Entry, out Outcome) {
	if out.Paid == 0 {
		t.Unpaid++
		return
	}
	t.Settled++
	t.paid(out)
}

func (t *Totals) verified(out Outcome) {
	t.Verified++
	t.Verification = add(t.Verification, out.Paid)
	t.paid(out)
}

func (t *Totals) voted(out Outcome) {
	t.Votes++
	t.VoteFees = add(t.VoteFees, out.Paid)
	t.paid(out)
}

func (t *Totals) paid(out Outcome) {
	t.Paid = add(t.Paid, out.Paid)
	if out.Estimated {
		t.Estimated = add(t.Estimated, out.Paid)
	}
}

// merge adds the totals of another day.
func (t *Totals) merge(o Totals) {
	switch {
	case o.Answered == 0:
	case t.Answered == 0:
		t.PriceMin, t.PriceMax = o.PriceMin, o.PriceMax
	default:
		t.PriceMin, t.PriceMax = min(t.PriceMin, o.PriceMin), max(t.PriceMax, o.PriceMax)
	}
	for _, p := range []struct {
		to   *uint64
		from uint64
	}{
		{&t.Answered, o.Answered},
		{&t.Declined, o.Declined},
		{&t.Settled, o.Settled},
		{&t.Unpaid, o.Unpaid},
		{&t.Tasks, o.Tasks},
		{&t.Units, o.Units},
		{&t.Paid, o.Paid},
		{&t.Estimated, o.Estimated},
		{&t.Verified, o.Verified},
		{&t.Verification, o.Verification},
		{&t.Votes, o.Votes},
		{&t.VoteFees, o.VoteFees},
		{&t.Lost, o.Lost},
		{&t.PriceSum, o.PriceSum},
	} {
		*p.to = add(*p.to, p.from)
	}
}

// PriceMean is the average price of the seats answered, rounded down.
func (t Totals) PriceMean() uint64 {
	if t.Answered == 0 {
		return 0
	}
	quo, _ := bits.Div64(0, t.PriceSum, t.Answered)
	return quo
}

// Fees of the transactions of one kind, in ucupel.
type Fees struct {
	Transactions uint64 `json:"transactions"`
	Amount       uint64 `json:"amount"`
}

// ClassReport is one line of a report.
type ClassReport struct {
	Class string `json:"class"`
	Denom string `json:"denom"`
	Totals
	PriceMean uint64 `json:"price_mean"`
	// Ask is the registered price now, Asked what the policy calls for, both
	// in ucupel; 0 if not known.
	Ask   uint64 `json:"ask,omitempty"`
	Asked uint64 `json:"asked,omitempty"`
}

// Risk is the unreleased work of one requester.
type Risk struct {
	Requester string `json:"requester"`
	Attempts  int    `json:"attempts"`
	// Expected pay in ucupel.
	Expected uint64 `json:"expected"`
}

// Report is what a worker earned.
type Report struct {
	// From and To are the first and last day in UTC, both included.
	From    string        `json:"from"`
	To      string        `json:"to"`
	Classes []ClassReport `json:"classes"`
	// Fees by kind of transaction.
	Fees map[string]Fees `json:"fees"`
	// FeeSum of all kinds, in ucupel.
	FeeSum uint64 `json:"fee_sum"`
	Open   []Risk `json:"open"`
}

// Report adds up the last days, today included, at least one.
func (b *Book) Report(days int) (Report, error) {
	now := b.now().UTC()
	r := Report{
		From: now.AddDate(0, 0, 1-max(days, 1)).Format(time.DateOnly), To: now.Format(time.DateOnly),
		Classes: []ClassReport{}, Fees: map[string]Fees{}, Open: b.Risks(),
	}
	err := b.db.View(func(tx *bbolt.Tx) error {
		err := each(tx, bucketDays, func(k []byte, t Totals) error {
			parts := strings.SplitN(string(k), "|", 3)
			if len(parts) == 3 && r.holds(parts[0]) {
				r.class(parts[1], parts[2]).merge(t)
			}
			return nil
		})
		if err != nil {
			return err
		}
		return each(tx, bucketFees, func(k []byte, f Fees) error {
			day, kind, _ := strings.Cut(string(k), "/")
			if r.holds(day) {
				old := r.Fees[kind]
				r.Fees[kind] = Fees{add(old.Transactions, f.Transactions), add(old.Amount, f.Amount)}
				r.FeeSum = add(r.FeeSum, f.Amount)
			}
			return nil
		})
	})
	for i := range r.Classes {
		r.Classes[i].PriceMean = r.Classes[i].Totals.PriceMean()
	}
	return r, err
}

func (r *Report) holds(day string) bool { return day >= r.From && day <= r.To }

func (r *Report) class(class, denom string) *Totals {
	i, ok := slices.BinarySearchFunc(r.Classes, ClassReport{Class: class, Denom: denom}, func(a, b ClassReport) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Denom, b.Denom))
	})
	if !ok {
		r.Classes = slices.Insert(r.Classes, i, ClassReport{Class: class, Denom: denom})
	}
	return &r.Classes[i].Totals
}

// Risks lists the unreleased work by requester, most at risk first.
func (b *Book) Risks() []Risk {
	b.mu.Lock()
	defer b.mu.Unlock()
	by := make(map[string]*Risk)
	for _, e := range b.open {
		if by[e.Requester] == nil {
			by[e.Requester] = &Risk{Requester: e.Requester}
		}
		by[e.Requester].Attempts++
		by[e.Requester].Expected = add(by[e.Requester].Expected, e.Expected)
	}
	all := make([]Risk, 0, len(by))
	for _, r := range by {
		all = append(all, *r)
	}
	slices.SortFunc(all, func(a, b Risk) int {
		return cmp.Or(cmp.Compare(b.Expected, a.Expected), cmp.Compare(a.Requester, b.Requester))
	})
	return all
}

// Print writes the report for people.
func (r Report) Print(w io.Writer) error {
	fmt.Fprintf(w, "%s to %s (UTC)\n\n", r.From, r.To)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "class\tanswered\tdeclined\tsettled\tunpaid\ttasks\tpaid\tmin\tmean\tmax\task\t")
	for _, c := range r.Classes {
		paid := fmt.Sprintf("%d%s", c.Paid, c.Denom)
		if c.Estimated > 0 {
			paid = "~" + paid
		}
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t%d\t%s\t%d\t%d\t%d\t%d\t\n", c.Class, c.Answered, c.Declined, c.Settled, c.Unpaid, c.Tasks,
			paid, c.PriceMin, c.PriceMean, c.PriceMax, c.Ask)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	r.printOther(w)
	fmt.Fprintf(w, "fees: %ducupel\n", r.FeeSum)
	for _, risk := range r.Open {
		fmt.Fprintf(w, "not released yet: %d attempts of %s, %ducupel expected\n", risk.Attempts, risk.Requester, risk.Expected)
	}
	return nil
}

// printOther writes what was earned and lost besides results.
func (r Report) printOther(w io.Writer) {
	for _, c := range r.Classes {
		if c.Verified > 0 {
			fmt.Fprintf(w, "verification of %s: %d cases, %d%s of what was paid\n", c.Class, c.Verified, c.Verification, c.Denom)
		}
		if c.Votes > 0 {
			fmt.Fprintf(w, "committees on %s: %d votes, %d%s of what was paid\n", c.Class, c.Votes, c.VoteFees, c.Denom)
		}
		if c.Lost > 0 {
			fmt.Fprintf(w, "lost appeals of %s: %d%s, not taken off what was paid\n", c.Class, c.Lost, c.Denom)
		}
	}
}
