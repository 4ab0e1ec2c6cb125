// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

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

// taskIndexBits is the number of low bits of a task id that are its index.
const taskIndexBits = 12

// Forget removes all records of a batch and returns the digests that no other
// record names, so that their files can go.
func (j *Journal) Forget(batch uint64) ([][]byte, error) {
	var orphans [][]byte
	err := j.db.Update(func(tx *bbolt.Tx) error {
		before, err := named(tx)
		if err != nil {
			return err
		}
		if err := forget(tx, batch); err != nil {
			return err
		}
		after, err := named(tx)
		for digest := range before {
			if !after[digest] {
				orphans = append(orphans, []byte(digest))
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("write the journal: %w", err)
	}
	slices.SortFunc(orphans, bytes.Compare)
	return orphans, nil
}

func forget(tx *bbolt.Tx, batch uint64) error {
	id := binary.BigEndian.AppendUint64(nil, batch)
	return errors.Join(
		deleteWhere(tx.Bucket(bucketLots), func(k, _ []byte) (bool, error) { return bytes.HasPrefix(k, id), nil }),
		deleteWhere(tx.Bucket(bucketCases), func(k, _ []byte) (bool, error) {
			return binary.BigEndian.Uint64(k)>>taskIndexBits == batch, nil
		}),
		deleteWhere(tx.Bucket(bucketAppeals), func(k, _ []byte) (bool, error) {
			return binary.BigEndian.Uint64(k)>>taskIndexBits == batch, nil
		}),
		deleteWhere(tx.Bucket(bucketRuns), func(_, raw []byte) (bool, error) {
			run, err := decodeRun(raw)
			return run.Batch == batch, err
		}),
		deleteWhere(tx.Bucket(bucketPublic), func(k, _ []byte) (bool, error) { return bytes.HasSuffix(k, id), nil }),
	)
}

// Files returns the digests, and the names of encrypted results, that any
// record names, as the bytes of the keys. What is kept beside them is needed by
// nobody.
func (j *Journal) Files() (files map[string]bool, err error) {
	err = j.db.View(func(tx *bbolt.Tx) error {
		files, err = named(tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	return files, nil
}

func named(tx *bbolt.Tx) (map[string]bool, error) {
	all := make(map[string]bool)
	add := func(runs ...Run) {
		for _, r := range runs {
			for _, name := range [][]byte{r.Digest, r.Sealed} {
				if len(name) > 0 {
					all[string(name)] = true
				}
			}
		}
	}
	err := errors.Join(
		tx.Bucket(bucketPublic).ForEach(func(k, _ []byte) error {
			all[string(k[:len(k)-8])] = true
			return nil
		}),
		tx.Bucket(bucketRuns).ForEach(func(_, raw []byte) error {
			run, err := decodeRun(raw)
			add(run)
			return err
		}),
		tx.Bucket(bucketLots).ForEach(func(_, raw []byte) error {
			var rec struct{ Runs []Run }
			err := json.Unmarshal(raw, &rec)
			add(rec.Runs...)
			return err
		}),
		tx.Bucket(bucketCases).ForEach(func(_, raw []byte) error {
			var rec struct{ Run Run }
			err := json.Unmarshal(raw, &rec)
			add(rec.Run)
			return err
		}),
	)
	return all, err
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
