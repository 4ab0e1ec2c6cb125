// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// Publish lets an artifact be served for as long as the batch is kept. Call it
// only once the chain showed the reveal of a result of this worker, or for
// inputs of the batch.
func (j *Journal) Publish(batch uint64, digests ...[]byte) error {
	if len(digests) == 0 {
		return nil
	}
	err := j.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketPublic)
		for _, d := range digests {
			if err := b.Put(publicKey(d, batch), []byte{1}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}

// Public reports whether the artifact may be served.
func (j *Journal) Public(digest []byte) (bool, error) {
	found := false
	err := j.db.View(func(tx *bbolt.Tx) error {
		k, _ := tx.Bucket(bucketPublic).Cursor().Seek(digest)
		found = k != nil && bytes.HasPrefix(k, digest) && len(k) == len(digest)+8
		return nil
	})
	return found, err
}

// PublicIn reports whether the artifact may be served because of the batch.
func (j *Journal) PublicIn(digest []byte, batch uint64) (bool, error) {
	found := false
	err := j.db.View(func(tx *bbolt.Tx) error {
		found = tx.Bucket(bucketPublic).Get(publicKey(digest, batch)) != nil
		return nil
	})
	return found, err
}

func publicKey(digest []byte, batch uint64) []byte {
	return binary.BigEndian.AppendUint64(bytes.Clone(digest), batch)
}

// Forget removes all records of a batch and returns the digests that no other
// batch needs, so that their files can go.
func (j *Journal) Forget(batch uint64) ([][]byte, error) {
	var orphans [][]byte
	err := j.db.Update(func(tx *bbolt.Tx) error {
		lots := tx.Bucket(bucketLots)
		prefix := binary.BigEndian.AppendUint64(nil, batch)
		if err := deleteWhere(lots, func(k, _ []byte) (bool, error) { return bytes.HasPrefix(k, prefix), nil }); err != nil {
			return err
		}
		if err := deleteWhere(tx.Bucket(bucketCases), func(k, _ []byte) (bool, error) {
			return binary.BigEndian.Uint64(k)>>taskIndexBits == batch, nil
		}); err != nil {
			return err
		}
		if err := forgetRuns(tx.Bucket(bucketRuns), batch); err != nil {
			return err
		}
		var err error
		orphans, err = forgetPublic(tx.Bucket(bucketPublic), batch)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("write the journal: %w", err)
	}
	return orphans, nil
}

// taskIndexBits is the number of low bits of a task id that are its index.
const taskIndexBits = 12

func forgetRuns(b *bbolt.Bucket, batch uint64) error {
	return deleteWhere(b, func(_, raw []byte) (bool, error) {
		run, err := decodeRun(raw)
		return run.Batch == batch, err
	})
}

func forgetPublic(b *bbolt.Bucket, batch uint64) ([][]byte, error) {
	var gone [][]byte
	suffix := binary.BigEndian.AppendUint64(nil, batch)
	err := deleteWhere(b, func(k, _ []byte) (bool, error) {
		if !bytes.HasSuffix(k, suffix) {
			return false, nil
		}
		gone = append(gone, bytes.Clone(k[:len(k)-8]))
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	var orphans [][]byte
	for _, d := range gone {
		if k, _ := b.Cursor().Seek(d); k == nil || !bytes.HasPrefix(k, d) {
			orphans = append(orphans, d)
		}
	}
	return orphans, nil
}

// deleteWhere collects before it deletes: a bucket must not change under a
// cursor.
func deleteWhere(b *bbolt.Bucket, match func(k, v []byte) (bool, error)) error {
	var keys [][]byte
	err := b.ForEach(func(k, v []byte) error {
		ok, err := match(k, v)
		if ok {
			keys = append(keys, bytes.Clone(k))
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, k := range keys {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}
