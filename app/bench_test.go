// SPDX-License-Identifier: Apache-2.0

package app

import (
	"encoding/json"
	"fmt"
	"syscall"
	"testing"
	"time"

	"cosmossdk.io/log"
	"cosmossdk.io/store"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/baseapp"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
)

const (
	// benchAccounts are in the state beside those who send.
	benchAccounts = 20_000
	benchSenders  = 200
)

// benchChain is a chain of transfers on a database, with a state that is larger
// than what a block touches.
func benchChain(b *testing.B, backend dbm.BackendType, options ...func(*baseapp.BaseApp)) *senders {
	b.Helper()
	Configure()
	db, err := dbm.NewDB("application", backend, b.TempDir())
	require.NoError(b, err)
	s := &senders{}
	for i := range benchSenders {
		s.people = append(s.people, newPerson(fmt.Sprint("sender ", i)))
	}
	s.chain = newChain(b, func(c *chain, _ map[string]json.RawMessage) {
		options = append([]func(*baseapp.BaseApp){baseapp.SetChainID(testChainID)}, options...)
		c.app, err = New(log.NewNopLogger(), db, nil, true, appOptions(b), options...)
		require.NoError(b, err)
	}, fundPeople(s.people), manyAccounts(benchAccounts))
	b.Cleanup(func() {
		require.NoError(b, s.app.Close())
	})
	s.block()
	return s
}

func manyAccounts(n int) edit {
	return func(c *chain, genesis map[string]json.RawMessage) {
		var bank banktypes.GenesisState
		cdc := c.app.AppCodec()
		cdc.MustUnmarshalJSON(genesis[banktypes.ModuleName], &bank)
		for i := range n {
			address := authtypes.NewModuleAddress(fmt.Sprint("holder ", i))
			bank.Balances = append(bank.Balances, banktypes.Balance{Address: address.String(), Coins: coins(1)})
		}
		genesis[banktypes.ModuleName] = cdc.MustMarshalJSON(&bank)
	}
}

// cpuTime is what the process has used of the processors: a machine that others
// use too does not change it much.
func cpuTime(t testing.TB) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// run sends one transfer of each sender in a block, b.N times, and reports the
// CPU time that CheckTx, FinalizeBlock and Commit take of a transfer.
func (s *senders) run(b *testing.B) {
	var check, finalize, commit time.Duration
	var gas int64
	for b.Loop() {
		b.StopTimer()
		var txs [][]byte
		for i := range s.people {
			txs = append(txs, s.send(i))
		}
		request := s.request(txs)
		b.StartTimer()
		start := cpuTime(b)
		for _, tx := range txs {
			require.Zero(b, s.check(tx, abci.CheckTxType_New).Code)
		}
		checked := cpuTime(b)
		response, err := s.app.FinalizeBlock(request)
		require.NoError(b, err)
		require.Zero(b, response.TxResults[0].Code, response.TxResults[0].Log)
		finalized := cpuTime(b)
		_, err = s.app.Commit()
		require.NoError(b, err)
		for _, result := range response.TxResults {
			gas += result.GasUsed
		}
		check, finalize, commit = check+checked-start, finalize+finalized-checked, commit+cpuTime(b)-finalized
	}
	each := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(b.N*len(s.people)) }
	b.ReportMetric(each(check), "check-µs/tx")
	b.ReportMetric(each(finalize), "finalize-µs/tx")
	b.ReportMetric(each(commit), "commit-µs/tx")
	// What a limit of the gas of a block is chosen by.
	b.ReportMetric(float64(gas)/(finalize+commit).Seconds()/1e6, "Mgas/s")
}

// BenchmarkMemo: what the memo of verified signatures saves a block.
func BenchmarkMemo(b *testing.B) {
	for name, limit := range map[string]int{"on": memoEntries, "off": 0} {
		b.Run(name, func(b *testing.B) {
			s := benchChain(b, dbm.MemDBBackend)
			s.app.memo.limit = limit
			s.run(b)
		})
	}
}

// BenchmarkStore: databases and IAVL options of a node.
func BenchmarkStore(b *testing.B) {
	interBlock := func() func(*baseapp.BaseApp) { return baseapp.SetInterBlockCache(store.NewCommitKVStoreCacheManager()) }
	for _, backend := range []dbm.BackendType{dbm.GoLevelDBBackend, dbm.PebbleDBBackend} {
		for _, size := range []int{10_000, 100_000, 781_250, 2_000_000} {
			b.Run(fmt.Sprintf("%s/cache=%d", backend, size), func(b *testing.B) {
				benchChain(b, backend, baseapp.SetIAVLCacheSize(size), interBlock()).run(b)
			})
		}
	}
	b.Run("goleveldb/no-fast-node", func(b *testing.B) {
		benchChain(b, dbm.GoLevelDBBackend, baseapp.SetIAVLCacheSize(781_250), baseapp.SetIAVLDisableFastNode(true), interBlock()).run(b)
	})
	b.Run("goleveldb/no-inter-block-cache", func(b *testing.B) {
		benchChain(b, dbm.GoLevelDBBackend, baseapp.SetIAVLCacheSize(781_250)).run(b)
	})
}
