// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"math/rand/v2"
	"time"
)

// backoff is how long a target waits after failures to send: doubling, with
// jitter so that many relayers do not come back at once.
type backoff struct{ first, most time.Duration }

// after returns the wait after one more than the given number of failures:
// between half of the doubled base and all of it.
func (b backoff) after(failures int) time.Duration {
	wait := b.first
	for range failures {
		if wait >= b.most/2 {
			wait = b.most
			break
		}
		wait *= 2
	}
	return wait/2 + rand.N(wait/2+1) //nolint:gosec // spreads load, guards no secret
}
