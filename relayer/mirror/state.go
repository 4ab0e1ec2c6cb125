// SPDX-License-Identifier: Apache-2.0

package mirror

import "time"

// State is what a mirror last saw and did. It is a copy.
type State struct {
	// Name of the target.
	Name string `json:"name"`
	// Head is the highest nonce sealed at home; Progress that of the target.
	Head     uint64   `json:"head,string"`
	Progress Progress `json:"progress"`
	// Seen is when Head and Progress were last read, zero if never.
	Seen time.Time `json:"seen"`
	// PendingSince is when the oldest header that the target does not have was
	// made, or first seen; zero if the target has all.
	PendingSince time.Time `json:"pending_since"`
	// Paused tells that the operator paused it, Stopped that it stopped itself
	// because of an error of Stops. Reason says why, or what failed last.
	Paused  bool   `json:"paused"`
	Stopped bool   `json:"stopped"`
	Reason  string `json:"reason,omitempty"`
	// Failures counts failed steps in a row, Reorgs how often the target lost
	// what it had recorded, Relayed the entries submitted by this process.
	Failures int    `json:"failures"`
	Reorgs   uint64 `json:"reorgs"`
	Relayed  uint64 `json:"relayed"`
	// NextTry is when something is sent again after a failure.
	NextTry time.Time `json:"next_try"`
}

// Lag is the number of sealed headers that the target does not have.
func (s State) Lag() uint64 {
	if s.Progress.Sent >= s.Head {
		return 0
	}
	return s.Head - s.Progress.Sent
}

// mark notes when a head was first seen.
type mark struct {
	head uint64
	at   time.Time
}

// maxMarks bounds the marks of a target that falls far behind.
const maxMarks = 4096

// marks remembers when headers were first seen sealed, until they are final on
// the target.
type marks []mark

func (m *marks) seen(head uint64, at time.Time) {
	all := *m
	switch {
	case len(all) > 0 && all[len(all)-1].head >= head:
	case len(all) == maxMarks:
		all[len(all)-1].head = head // reported older than it is
	default:
		*m = append(all, mark{head, at})
	}
}

func (m *marks) forget(final uint64) {
	all := *m
	for len(all) > 0 && all[0].head <= final {
		all = all[1:]
	}
	*m = append(marks(nil), all...)
}

// since returns when a nonce was first seen sealed.
func (m marks) since(nonce uint64) time.Time {
	for _, mark := range m {
		if mark.head >= nonce {
			return mark.at
		}
	}
	return time.Time{}
}
