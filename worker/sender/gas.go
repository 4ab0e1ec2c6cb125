// SPDX-License-Identifier: Apache-2.0

package sender

import "time"

// gasBase covers signature, fee and nonce of any transaction; gasUnit is the
// first guess for one unit of an item. The table learns what a unit really
// takes.
const (
	gasBase = 150_000
	gasUnit = 80_000
)

// gasTable estimates gas by kind. It only ever answers with a margin.
type gasTable struct{ perUnit [kinds]uint64 }

func newGasTable() gasTable {
	var t gasTable
	for k := range t.perUnit {
		t.perUnit[k] = gasUnit
	}
	return t
}

func (t *gasTable) limit(items []Item) uint64 {
	total := uint64(gasBase)
	for _, it := range items {
		total += it.units() * t.perUnit[it.Kind]
	}
	return total
}

// fit returns how many of the first items go into one transaction, at least
// one.
func (t *gasTable) fit(items []Item, most int, maxGas uint64) int {
	total := uint64(gasBase)
	for i, it := range items {
		total += it.units() * t.perUnit[it.Kind]
		if i == most || (i > 0 && total > maxGas) {
			return i
		}
	}
	return len(items)
}

// learn moves the estimate of a kind halfway down to 1.5 times of what was used,
// or up to it at once, and doubles it when the gas ran out. What is not of the
// units is taken for less than it is, so that what a small transaction teaches is
// enough for a large one. Fees and the room in a block go by the limit, so an
// estimate that stays high is dear.
func (t *gasTable) learn(k Kind, items []Item, used uint64, outOfGas bool) {
	if outOfGas {
		t.perUnit[k] *= 2
		return
	}
	units := uint64(0)
	for _, it := range items {
		units += it.units()
	}
	if used <= gasBase/4 || units == 0 {
		return
	}
	seen := max((used-gasBase/4)/units*3/2, gasUnit/32)
	if seen > t.perUnit[k] {
		t.perUnit[k] = seen
		return
	}
	t.perUnit[k] -= (t.perUnit[k] - seen) / 2
}

// budget bounds the fees of a sliding hour, in twelve slots of five minutes.
type budget struct {
	limit uint64
	slots [12]struct {
		start time.Time
		spent uint64
	}
}

const slotTime = 5 * time.Minute

func (b *budget) spent(now time.Time) uint64 {
	var sum uint64
	for _, s := range b.slots {
		if now.Sub(s.start) < time.Hour {
			sum += s.spent
		}
	}
	return sum
}

func (b *budget) allows(now time.Time, fee uint64) bool {
	return b.limit == 0 || b.spent(now)+fee <= b.limit
}

func (b *budget) spend(now time.Time, fee uint64) {
	start := now.Truncate(slotTime)
	s := &b.slots[int(start.Unix()/int64(slotTime.Seconds()))%len(b.slots)]
	if !s.start.Equal(start) {
		s.start, s.spent = start, 0
	}
	s.spent += fee
}

// refund gives back the fee of a transaction that no block took. It may not
// find it all when the slot has passed, which errs on the safe side.
func (b *budget) refund(fee uint64) {
	for i := range b.slots {
		back := min(fee, b.slots[i].spent)
		b.slots[i].spent -= back
		fee -= back
	}
}
