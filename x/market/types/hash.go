// SPDX-License-Identifier: Apache-2.0

package types

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// Domains separate the preimages of the hashes of x/market.
const (
	domainCommit   = "cupel/market/commit/v1"
	domainCase     = "cupel/market/case/v1"
	domainRunProof = "cupel/market/run-proof/v1"
	domainSeed     = "cupel/market/seed/v1"
	domainVote     = "cupel/market/vote/v1"
	domainQuote    = "cupel/market/quote/v1"
)

// HashSize is the size in bytes of every digest, commitment, proof and salt.
const HashSize = sha256.Size

// preimage feeds a hash with fields that cannot be shifted into each other:
// integers are 8 bytes big endian, byte strings carry their length.
type preimage struct{ h hash.Hash }

func newPreimage(domain string) preimage {
	p := preimage{sha256.New()}
	p.bytes([]byte(domain))
	return p
}

func (p preimage) uint(v uint64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], v)
	p.h.Write(b[:])
}

func (p preimage) bytes(v []byte) {
	p.uint(uint64(len(v)))
	p.h.Write(v)
}

func (p preimage) result(r Result) {
	p.uint(uint64(r.Outcome))
	p.bytes(r.Digest)
	p.uint(r.Units)
}

// CommitLot returns the commitment of a seat to its answer: sha256 over the
// domain, the chain id, batch, lot, attempt, the operator's address bytes, the
// results, the concatenated run proofs and the 32-byte salt.
func CommitLot(chainID string, operator []byte, reveal LotReveal) []byte {
	p := newPreimage(domainCommit)
	p.bytes([]byte(chainID))
	p.uint(reveal.Batch)
	p.uint(uint64(reveal.Lot))
	p.uint(uint64(reveal.Attempt))
	p.bytes(operator)
	p.uint(uint64(len(reveal.Results)))
	for _, r := range reveal.Results {
		p.result(r)
	}
	p.bytes(reveal.Proofs)
	p.bytes(reveal.Salt)
	return p.h.Sum(nil)
}

// CommitCaseAnswer returns the commitment of an operator to its answer in a
// case: as CommitLot, with the proofs that it computed for the others. After
// the salt come the replicas whose artifact it could not fetch, if any.
func CommitCaseAnswer(chainID string, operator []byte, reveal CaseReveal) []byte {
	p := newPreimage(domainCase)
	p.bytes([]byte(chainID))
	p.uint(reveal.Task)
	p.uint(uint64(reveal.Attempt))
	p.bytes(operator)
	p.result(reveal.Result)
	p.bytes(reveal.Proof)
	p.uint(uint64(len(reveal.Cross)))
	for _, c := range reveal.Cross {
		p.uint(uint64(c.Provider))
		p.bytes(c.Proof)
	}
	p.bytes(reveal.Salt)
	if len(reveal.Unavailable) > 0 {
		p.uint(uint64(len(reveal.Unavailable)))
		for _, id := range reveal.Unavailable {
			p.uint(uint64(id))
		}
	}
	return p.h.Sum(nil)
}

// RunProof returns what only somebody who ran the task can compute for an
// operator: sha256 over the domain, the task, the operator's address bytes
// and memory, the 32-byte hash of the linear memory at exit.
func RunProof(task uint64, operator, memory []byte) []byte {
	p := newPreimage(domainRunProof)
	p.uint(task)
	p.bytes(operator)
	p.bytes(memory)
	return p.h.Sum(nil)
}

// JobSeed returns the seed of a task's virtual randomness: the same manifest
// and index give the same run, whoever runs it and whenever.
func JobSeed(manifest []byte, index uint32) [HashSize]byte {
	p := newPreimage(domainSeed)
	p.bytes(manifest)
	p.uint(uint64(index))
	return [HashSize]byte(p.h.Sum(nil))
}

// CommitVote returns the commitment of a member to its vote: sha256 over the
// domain, the chain id, verdict, round, the operator's address bytes, the vote
// and the 32-byte salt.
func CommitVote(chainID string, operator []byte, reveal VoteReveal) []byte {
	p := newPreimage(domainVote)
	p.bytes([]byte(chainID))
	p.uint(reveal.Verdict)
	p.uint(uint64(reveal.Round))
	p.bytes(operator)
	p.bytes(reveal.Vote)
	p.bytes(reveal.Salt)
	return p.h.Sum(nil)
}

// QuoteData returns what the first 32 bytes of the report data of a quote must
// be, the others being zero: it binds the chain, the addresses of operator and
// worker, and an epoch, so that no other machine or time can use the quote.
func QuoteData(chainID string, operator, worker []byte, epoch uint64) []byte {
	p := newPreimage(domainQuote)
	p.bytes([]byte(chainID))
	p.bytes(operator)
	p.bytes(worker)
	p.uint(epoch)
	return p.h.Sum(nil)
}
