// SPDX-License-Identifier: Apache-2.0

package app

import (
	"path/filepath"

	"github.com/syndtr/goleveldb/leveldb/filter"
	"github.com/syndtr/goleveldb/leveldb/opt"

	dbm "github.com/cosmos/cosmos-db"
)

// databaseName is what the SDK calls the database of an application.
const databaseName = "application"

// What goleveldb keeps in memory. Its defaults, 8 and 4 MiB, are less than one
// block of a busy chain reads and writes: tables are unpacked again and again,
// and merged the whole time.
const (
	blockCache  = 128 * opt.MiB
	writeBuffer = 32 * opt.MiB
)

// OpenDB opens the database of the application below a node's home.
func OpenDB(home string, backend dbm.BackendType) (dbm.DB, error) {
	dir := filepath.Join(home, "data")
	if backend != dbm.GoLevelDBBackend {
		return dbm.NewDB(databaseName, backend, dir)
	}
	return dbm.NewGoLevelDBWithOpts(databaseName, dir, &opt.Options{
		Filter:             filter.NewBloomFilter(10), // as cosmos-db has it
		BlockCacheCapacity: blockCache,
		WriteBuffer:        writeBuffer,
	})
}

// growingBatches makes every batch as large as what is put into it. The trees
// ask for 100 KiB each, some thirty times a block, to write a few hundred bytes:
// that was half of the Commit of a block in which nothing happens.
type growingBatches struct{ dbm.DB }

// NewBatchWithSize implements dbm.DB.
func (d growingBatches) NewBatchWithSize(int) dbm.Batch { return d.NewBatch() }
