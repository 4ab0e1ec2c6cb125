// SPDX-License-Identifier: Apache-2.0

// Package policy says what work is worth to a provider: asks with surge, own
// costs, and how much may be at risk with one requester. All arithmetic is in
// integers and saturates. See worker/adr/010-price-policy.md.
package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"os"
	"slices"
	"time"

	"gopkg.in/yaml.v3"
)

// What happens when a requester reaches File.MaxAtRisk.
const (
	// OverDrain takes no new work at all until less is at risk; it costs nothing.
	OverDrain = "drain"
	// OverDecline does not commit to more of this requester's work, which
	// costs the no-show fee of each lot.
	OverDecline = "decline"
)

// maxScore is a perfect score in parts per million.
const maxScore = 1_000_000

// File is what the policy file says. The zero value asks for nothing.
type File struct {
	// Classes by name. A class that is not here has no floor and no surge.
	Classes map[string]Class `yaml:"classes"`
	// MaxAtRisk bounds the expected pay of unreleased work of one requester,
	// in ucupel; 0 means no limit.
	MaxAtRisk uint64 `yaml:"max_at_risk"`
	// OverLimit is OverDrain or OverDecline.
	OverLimit string `yaml:"over_limit"`
	// MinRequesterScore declines the work of requesters whose score in
	// x/reputation is lower, in parts per million, which costs the no-show fee of
	// each lot; 0 declines nobody. A stranger has 500,000.
	MinRequesterScore uint32 `yaml:"min_requester_score"`
	// DrainBelowFloor takes no new work while the registered ask of a class is
	// below its floor, or below the ask that a surge calls for.
	DrainBelowFloor bool `yaml:"drain_below_floor"`
}

// Class prices one class, in ucupel per price unit (10^9 fuel, or a second).
type Class struct {
	// Ask is the price outside of any surge.
	Ask uint64 `yaml:"ask"`
	// Floor is what a unit costs the provider; below it work is a loss.
	Floor uint64 `yaml:"floor"`
	// Ceiling bounds the ask in a surge; 0 means none.
	Ceiling uint64 `yaml:"ceiling"`
	// Surge rules; of those that hold, the one with the highest percent counts.
	Surge []Surge `yaml:"surge"`
}

// Surge raises the ask while all of its conditions hold.
type Surge struct {
	// Percent of the ask, 100 to 10,000.
	Percent uint32 `yaml:"percent"`
	// Busy is the least percentage of the slots in use.
	Busy uint32 `yaml:"busy"`
	// From and To bound the time of day in UTC as HH:MM; From may be after To,
	// across midnight. Both empty: at any time.
	From string `yaml:"from"`
	To   string `yaml:"to"`
	// Days such as mon; empty: every day. A span across midnight belongs to
	// the day on which it begins.
	Days []string `yaml:"days"`
}

// Load reads and validates a policy file. A field that is not known is an error.
func Load(path string) (File, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return File{}, fmt.Errorf("read the price policy: %w (take policy.file out of the configuration to have none)", err)
	}
	f, err := Parse(raw)
	if err != nil {
		return File{}, fmt.Errorf("price policy %s: %w", path, err)
	}
	return f, nil
}

// Parse is Load from memory.
func Parse(raw []byte) (File, error) {
	f := File{OverLimit: OverDrain}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return File{}, err
	}
	return f, f.Validate()
}

// Validate checks every field and names all that are wrong.
func (f File) Validate() error {
	var all []error
	if f.OverLimit != OverDrain && f.OverLimit != OverDecline {
		all = append(all, fmt.Errorf("over_limit is %q, known are drain and decline", f.OverLimit))
	}
	if f.MinRequesterScore > maxScore {
		all = append(all, fmt.Errorf("min_requester_score is %d, allowed are 0 to %d", f.MinRequesterScore, maxScore))
	}
	for _, name := range sortedNames(f.Classes) {
		if err := f.Classes[name].validate(); err != nil {
			all = append(all, fmt.Errorf("class %s: %w", name, err))
		}
	}
	return errors.Join(all...)
}

func (c Class) validate() error {
	var all []error
	if c.Ask == 0 {
		all = append(all, errors.New("ask is 0: give the price of a unit in ucupel"))
	}
	if c.Ask < c.Floor {
		all = append(all, fmt.Errorf("ask %d is below the floor %d", c.Ask, c.Floor))
	}
	if c.Ceiling != 0 && c.Ceiling < c.Ask {
		all = append(all, fmt.Errorf("ceiling %d is below the ask %d", c.Ceiling, c.Ask))
	}
	for i, s := range c.Surge {
		if err := s.validate(); err != nil {
			all = append(all, fmt.Errorf("surge %d: %w", i+1, err))
		}
	}
	return errors.Join(all...)
}

func (s Surge) validate() error {
	if s.Percent < 100 || s.Percent > 10_000 {
		return fmt.Errorf("percent is %d, allowed are 100 to 10000", s.Percent)
	}
	if s.Busy > 100 {
		return fmt.Errorf("busy is %d, allowed are 0 to 100", s.Busy)
	}
	if (s.From == "") != (s.To == "") {
		return errors.New("from and to belong together")
	}
	for _, text := range []string{s.From, s.To} {
		if _, err := minuteOf(text); err != nil {
			return err
		}
	}
	for _, d := range s.Days {
		if !slices.Contains(dayNames[:], d) {
			return fmt.Errorf("day %q is not one of %v", d, dayNames)
		}
	}
	return nil
}

var dayNames = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func minuteOf(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, fmt.Errorf("time %q is not HH:MM", text)
	}
	return t.Hour()*60 + t.Minute(), nil
}

// holds reports whether the conditions hold at a load and a time.
func (s Surge) holds(busy uint32, now time.Time) bool {
	if busy < s.Busy {
		return false
	}
	now = now.UTC()
	day, minute := now.Weekday(), now.Hour()*60+now.Minute()
	if s.From != "" {
		from, err := minuteOf(s.From)
		if err != nil {
			return false
		}
		to, err := minuteOf(s.To)
		if err != nil {
			return false
		}
		switch {
		case from <= to && (minute < from || minute >= to):
			return false
		case from > to && minute >= to && minute < from:
			return false
		case from > to && minute < to:
			day = (day + 6) % 7 // it began yesterday
		}
	}
	return len(s.Days) == 0 || slices.Contains(s.Days, dayNames[day])
}

// Ask returns the price that the class should ask for now, in ucupel; ok is
// false if the file does not name the class. Busy is the percentage of slots in
// use. It is never below the floor nor above the ceiling.
func (f File) Ask(class string, busy uint32, now time.Time) (price uint64, ok bool) {
	c, ok := f.Classes[class]
	if !ok {
		return 0, false
	}
	percent := uint64(100)
	for _, s := range c.Surge {
		if s.holds(busy, now) {
			percent = max(percent, uint64(s.Percent))
		}
	}
	price = max(mulDiv(c.Ask, percent, 100), c.Floor)
	if c.Ceiling != 0 {
		price = min(price, c.Ceiling)
	}
	return price, true
}

// mulDiv is floor(a * b / c), or the largest number if that does not fit.
func mulDiv(a, b, c uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	if hi >= c {
		return math.MaxUint64
	}
	quo, _ := bits.Div64(hi, lo, c)
	return quo
}

// add is a + b, or the largest number if that does not fit.
func add(a, b uint64) uint64 {
	sum, carry := bits.Add64(a, b, 0)
	if carry != 0 {
		return math.MaxUint64
	}
	return sum
}

func sortedNames(m map[string]Class) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Names returns the classes of the file in order.
func (f File) Names() []string { return sortedNames(f.Classes) }
