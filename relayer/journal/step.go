// SPDX-License-Identifier: Apache-2.0

package journal

// Step is a point of an entry's way at which a relayer may die. Nothing is lost
// and nothing is done twice, whichever it is.
type Step string

// Steps in the order in which an entry passes them. Stored, Raised and Final
// are the journal's own.
const (
	// Polled: both chains have been read.
	Polled Step = "polled"
	// Collected: the entry has been read and verified.
	Collected Step = "collected"
	// Reserved: the account's nonce or the blockhash is chosen.
	Reserved Step = "reserved"
	// Stored: the signed transaction is on disk.
	Stored Step = "stored"
	// Sent: an endpoint has taken it.
	Sent Step = "sent"
	// Raised: a further transaction of the entry is on disk.
	Raised Step = "raised"
	// Included: the target's newest state has the entry.
	Included Step = "included"
	// Final: the entry is final and its transactions are forgotten.
	Final Step = "final"
)

// Reached marks that an entry of the target has passed a step.
func (b *Book) Reached(s Step) { crash(string(b.target), s) }
