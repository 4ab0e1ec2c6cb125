// SPDX-License-Identifier: Apache-2.0

package jobfile

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

var sizeUnits = []struct {
	suffix string
	bytes  uint64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"B", 1},
}

// ParseSize reads a number of bytes such as 256MiB. The unit is required.
func ParseSize(text string) (uint64, error) {
	for _, unit := range sizeUnits {
		digits, ok := strings.CutSuffix(text, unit.suffix)
		if !ok {
			continue
		}
		n, err := parseWhole(strings.TrimSpace(digits))
		if err != nil {
			return 0, err
		}
		if n > math.MaxInt64/unit.bytes {
			return 0, errors.New("is too large")
		}
		return n * unit.bytes, nil
	}
	return 0, errors.New("has no unit, write for example 256MiB (B, KiB, MiB or GiB)")
}

// ParseDuration reads a positive time such as 90s or 1h30m.
func ParseDuration(text string) (time.Duration, error) {
	if _, err := strconv.ParseFloat(text, 64); err == nil && text != "0" {
		return 0, errors.New("has no unit, write for example 60s (ms, s, m or h)")
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, errors.New("is not a time, write for example 60s (ms, s, m or h)")
	}
	if d <= 0 {
		return 0, errors.New("is not more than zero")
	}
	return d, nil
}

// ParseCoin reads a whole number of base units with its denom, such as 50ucupel.
func ParseCoin(text string) (Coin, error) {
	if strings.HasPrefix(text, "-") {
		return Coin{}, errors.New("is negative")
	}
	split := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	switch {
	case split == 0:
		return Coin{}, errors.New("is not an amount with a denom, write for example 50ucupel")
	case split < 0:
		return Coin{}, errors.New("has no denom, write for example 50ucupel")
	case text[split] == '.':
		return Coin{}, errors.New("is not a whole number of base units, 1 CUPEL is 1000000ucupel")
	}
	n, err := parseWhole(text[:split])
	if err != nil {
		return Coin{}, err
	}
	if !validDenom(text[split:]) {
		return Coin{}, fmt.Errorf("has an invalid denom %.64q, write for example 50ucupel", text[split:])
	}
	return Coin{Amount: n, Denom: text[split:]}, nil
}

func validDenom(s string) bool {
	if len(s) < 3 || len(s) > 128 {
		return false
	}
	for i, c := range s {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || (c < '0' || c > '9') && !strings.ContainsRune("/:._-", c)) {
			return false
		}
	}
	return true
}

// parseWhole reads a decimal number that fits 63 bits; digits may be grouped
// with underscores.
func parseWhole(text string) (uint64, error) {
	if strings.HasPrefix(text, "-") {
		return 0, errors.New("is negative")
	}
	digits := strings.ReplaceAll(text, "_", "")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, errors.New("is not a whole number")
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || n > math.MaxInt64 {
		return 0, errors.New("is too large")
	}
	return n, nil
}

// parseFixed reads a decimal number between 0 and limit with at most places
// decimals, as an integer scaled by 10^places: no float is involved.
func parseFixed(text string, places int, limit uint64) (uint64, error) {
	if strings.HasPrefix(text, "-") {
		return 0, errors.New("is negative")
	}
	whole, frac, _ := strings.Cut(text, ".")
	if len(frac) > places {
		return 0, fmt.Errorf("has more than %d decimals", places)
	}
	scale := uint64(math.Pow10(places))
	if digits := whole + frac; digits == "" || strings.Trim(digits, "0123456789") != "" || len(whole) == 0 {
		return 0, errors.New("is not a number")
	}
	n, err := strconv.ParseUint(whole+frac+strings.Repeat("0", places-len(frac)), 10, 64)
	if err != nil || n > limit*scale {
		return 0, fmt.Errorf("is more than %d", limit)
	}
	return n, nil
}
