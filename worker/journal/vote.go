// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// VoteKey names a seat of this worker in a round of a committee.
type VoteKey struct {
	Verdict uint64 `json:"verdict"`
	Round   uint32 `json:"round"`
}

func (k VoteKey) encode() []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(nil, k.Verdict), k.Round)
}

// String is for logs: verdict/round.
func (k VoteKey) String() string { return fmt.Sprintf("%d/%d", k.Verdict, k.Round) }

// Vote is the record of a seat in a committee.
type Vote struct {
	Key  VoteKey `json:"key"`
	Step Step    `json:"step"`
	// Vote is what is voted from StepExecuted on; it never changes again.
	Vote []byte `json:"vote,omitempty"`
	// Detail is for people.
	Detail string `json:"detail,omitempty"`
	// Until is the tick until which what cannot be fetched is tried again.
	Until   uint64    `json:"until"`
	Seen    time.Time `json:"seen"`
	Updated time.Time `json:"updated"`
}

// Vote returns the record of a seat; ok is false if there is none.
func (j *Journal) Vote(key VoteKey) (rec Vote, ok bool, err error) {
	ok, err = j.get(bucketVotes, key.encode(), &rec)
	return rec, ok, err
}

// PutVote is PutLot for a vote.
func (j *Journal) PutVote(rec Vote) error {
	old, ok, err := j.Vote(rec.Key)
	if err != nil {
		return err
	}
	if ok {
		if rec.Step < old.Step {
			return fmt.Errorf("vote %s: %s after %s: %w", rec.Key, rec.Step, old.Step, errRolledBack)
		}
		if old.Step >= StepExecuted && !bytes.Equal(old.Vote, rec.Vote) {
			return fmt.Errorf("vote %s: %w", rec.Key, ErrChanged)
		}
		if rec.Step == old.Step {
			return nil
		}
	}
	rec.Updated = j.now()
	return j.put(bucketVotes, rec.Key.encode(), rec)
}

// Votes returns all records in order of key.
func (j *Journal) Votes() ([]Vote, error) {
	var all []Vote
	err := each(j, bucketVotes, func(_ []byte, rec Vote) error {
		all = append(all, rec)
		return nil
	})
	return all, err
}

// ForgetVote removes a record. It is a no-op if there is none.
func (j *Journal) ForgetVote(key VoteKey) error {
	err := j.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(bucketVotes).Delete(key.encode()) })
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}
