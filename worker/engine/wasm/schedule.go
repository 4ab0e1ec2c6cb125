// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"math"
	"time"
)

// Class is the class of this engine. Everything in this file, the pinned
// wasmtime release and the code-generation flags in config.go are part of what
// the name means: a change that alters a result, a fuel count or a memory hash
// needs a new class name. See worker/adr/001-wasm-engine.md.
const Class = "wasm/v1-amd64"

// The fuel schedule. One executed instruction is one unit; nop, drop, block,
// loop, else and end are free. What the instruction count does not see is
// charged on top so that a unit stays near one nanosecond:
const (
	// FuelPerCall is charged for every host call: crossing into the host costs
	// about as much as that many instructions.
	FuelPerCall = 1000
	// FuelPerPath is charged on top for a call that resolves a path,
	// FuelPerCreate for one that adds or removes a name, and FuelPerSibling for
	// every other name in that directory.
	FuelPerPath    = 1000
	FuelPerCreate  = 10_000
	FuelPerSibling = 2
	// FuelPerByte is charged for every byte that a host call moves, hashes
	// later or clears: reads, writes, random bytes, names, extended files.
	FuelPerByte = 1
	// FuelPerItem is charged for every iovec, subscription, argument,
	// environment entry and directory entry that a host call visits.
	FuelPerItem = 50
	// FuelPerPage is charged for every 64 KiB page of linear memory, at start
	// and when it grows: the page is zeroed once and hashed at the end.
	FuelPerPage = 32_768

	// Bulk memory instructions become calls of a function that burns
	// FuelPerChunk for every full bulkChunk bytes before the instruction runs,
	// and about bulkBase for the call itself. The same function for
	// memory.grow burns FuelPerPage for every page asked for.
	bulkChunk    = 256
	FuelPerChunk = 16
	bulkBase     = 64
	growBase     = 1000
)

// Limits of the class.
const (
	// MaxModuleBytes bounds a module.
	MaxModuleBytes = 8 << 20
	// MaxStackBytes is the native stack of the guest. Running out of it is a
	// fault, because the depth depends on the machine code.
	MaxStackBytes = 1 << 20
	// MaxTableElements bounds each table of a module, MaxTables their number.
	MaxTableElements = 1 << 20
	MaxTables        = 4
	// MaxFunctions bounds the functions of a module: each costs the compiler
	// 0.1 ms even if it is empty, and 8 MiB hold millions.
	MaxFunctions = 50_000
	// MaxLocals bounds the locals of one function.
	MaxLocals = 10_000
	// MaxOpenFiles bounds the guest's open descriptors.
	MaxOpenFiles = 1024
	// MaxNodes bounds the files and directories of the guest's tree, inputs
	// included.
	MaxNodes = 16_384
	// MaxTmpBytes bounds what /tmp holds. Beyond it the guest sees ENOSPC.
	MaxTmpBytes = 64 << 20
	// MaxIovecs and MaxSubscriptions bound the vectors of one host call.
	MaxIovecs        = 1024
	MaxSubscriptions = 1024
)

// A run may take wallPerFuel for each unit of its limit, and wallSlack on top,
// whatever wall limit the job asks for. Ordinary code takes 0.2 to 1 ns a unit;
// this is the bound for code that misses every cache, which the fuel does not
// see. It decides a fault only, never a result.
const (
	wallPerFuel = 10 * time.Nanosecond
	wallSlack   = 5 * time.Second
)

// wallFor is the wall limit of a run.
func wallFor(asked time.Duration, fuel uint64) time.Duration {
	if fuel > uint64((math.MaxInt64-wallSlack)/wallPerFuel) {
		return asked
	}
	return min(asked, wallSlack+time.Duration(fuel)*wallPerFuel)
}

// clockBase is 2025-01-01T00:00:00Z in nanoseconds: what the guest's clock
// shows at its start and the only time its files have.
const clockBase = 1735689600 * 1_000_000_000
