// SPDX-License-Identifier: Apache-2.0

// Package scale is the one place that reads how large tests are: the
// environment's CUPEL_SCALE is pr, the default, or full.
package scale

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// Env names the variable.
const Env = "CUPEL_SCALE"

// read reports whether tests run at full size. A value that is neither pr nor
// full is an error.
var read = sync.OnceValues(func() (bool, error) {
	switch value := os.Getenv(Env); value {
	case "", "pr":
		return false, nil
	case "full":
		return true, nil
	default:
		return false, fmt.Errorf("%s is %q: use pr or full", Env, value)
	}
})

// Name is the scale that tests run at, pr or full.
func Name() string {
	if full, err := read(); err == nil && full {
		return "full"
	}
	return "pr"
}

// Of returns the size for the scale that is set, and logs it.
func Of(t testing.TB, pr, full int) int {
	t.Helper()
	isFull, err := read()
	if err != nil {
		t.Fatal(err)
	}
	size := pr
	if isFull {
		size = full
	}
	t.Logf("%s=%s: %d", Env, Name(), size)
	return size
}
