// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"fmt"

	"github.com/bytecodealliance/wasmtime-go/v44"
)

// wasiModule is the only module a guest may import from.
const wasiModule = "wasi_snapshot_preview1"

// hostCall is one function of WASI preview 1. In params an 'i' is an i32 and an
// 'I' an i64; every function but proc_exit returns an errno.
type hostCall struct {
	params string
	fn     func(h *host, a []uint64) errno
}

// wasiCalls is the whole of WASI preview 1. What this class does not offer is
// here too, so that programs link and get an error they can handle.
var wasiCalls = map[string]hostCall{
	"args_get":                {"ii", argsGet},
	"args_sizes_get":          {"ii", argsSizesGet},
	"environ_get":             {"ii", environGet},
	"environ_sizes_get":       {"ii", environSizesGet},
	"clock_res_get":           {"ii", clockResGet},
	"clock_time_get":          {"iIi", clockTimeGet},
	"fd_advise":               {"iIIi", fdNoop},
	"fd_allocate":             {"iII", fdAllocate},
	"fd_close":                {"i", fdClose},
	"fd_datasync":             {"i", fdNoop},
	"fd_fdstat_get":           {"ii", fdFdstatGet},
	"fd_fdstat_set_flags":     {"ii", fdFdstatSetFlags},
	"fd_fdstat_set_rights":    {"iII", fdNoop},
	"fd_filestat_get":         {"ii", fdFilestatGet},
	"fd_filestat_set_size":    {"iI", fdFilestatSetSize},
	"fd_filestat_set_times":   {"iIIi", notSupported},
	"fd_pread":                {"iiiIi", fdPread},
	"fd_prestat_get":          {"ii", fdPrestatGet},
	"fd_prestat_dir_name":     {"iii", fdPrestatDirName},
	"fd_pwrite":               {"iiiIi", fdPwrite},
	"fd_read":                 {"iiii", fdRead},
	"fd_readdir":              {"iiiIi", fdReaddir},
	"fd_renumber":             {"ii", fdRenumber},
	"fd_seek":                 {"iIii", fdSeek},
	"fd_sync":                 {"i", fdNoop},
	"fd_tell":                 {"ii", fdTell},
	"fd_write":                {"iiii", fdWrite},
	"path_create_directory":   {"iii", pathCreateDirectory},
	"path_filestat_get":       {"iiiii", pathFilestatGet},
	"path_filestat_set_times": {"iiiiIIi", notSupported},
	"path_link":               {"iiiiiii", notSupported},
	"path_open":               {"iiiiiIIii", pathOpen},
	"path_readlink":           {"iiiiii", pathReadlink},
	"path_remove_directory":   {"iii", pathRemoveDirectory},
	"path_rename":             {"iiiiii", pathRename},
	"path_symlink":            {"iiiii", notSupported},
	"path_unlink_file":        {"iii", pathUnlinkFile},
	"poll_oneoff":             {"iiii", pollOneoff},
	"proc_exit":               {"i", procExit},
	"proc_raise":              {"i", notSupported},
	"sched_yield":             {"", func(*host, []uint64) errno { return errSuccess }},
	"random_get":              {"ii", randomGet},
	"sock_accept":             {"iii", notSupported},
	"sock_recv":               {"iiiiii", notSupported},
	"sock_send":               {"iiiii", notSupported},
	"sock_shutdown":           {"ii", notSupported},
}

func notSupported(*host, []uint64) errno { return errNotsup }

func procExit(h *host, a []uint64) errno {
	h.exitCode = int32(a[0])
	h.stopped = stopExit
	return errSuccess
}

// funcType is the type a guest must import the call with.
func (c hostCall) funcType(name string) *wasmtime.FuncType {
	params := make([]*wasmtime.ValType, len(c.params))
	for i, p := range c.params {
		params[i] = wasmtime.NewValType(wasmtime.KindI32)
		if p == 'I' {
			params[i] = wasmtime.NewValType(wasmtime.KindI64)
		}
	}
	var results []*wasmtime.ValType
	if name != "proc_exit" {
		results = append(results, wasmtime.NewValType(wasmtime.KindI32))
	}
	return wasmtime.NewFuncType(params, results)
}

// bind makes the function that the guest calls under name.
func (h *host) bind(name string) (*wasmtime.Func, error) {
	call, ok := wasiCalls[name]
	if !ok {
		return nil, fmt.Errorf("import %s.%s is not part of the class", wasiModule, name)
	}
	args := make([]uint64, len(call.params))
	return wasmtime.NewFunc(h.store, call.funcType(name), func(_ *wasmtime.Caller, vals []wasmtime.Val) ([]wasmtime.Val, *wasmtime.Trap) {
		for i, v := range vals {
			if call.params[i] == 'I' {
				args[i] = uint64(v.I64())
			} else {
				args[i] = uint64(uint32(v.I32()))
			}
		}
		e := h.call(call, args)
		if h.stopped != running {
			return nil, wasmtime.NewTrap("stopped by the host")
		}
		if name == "proc_exit" {
			return nil, nil
		}
		return []wasmtime.Val{wasmtime.ValI32(int32(e))}, nil
	}), nil
}

// call runs one host call. A panic in it is a fault of the host, not of the
// guest.
func (h *host) call(c hostCall, args []uint64) (e errno) {
	defer func() {
		if r := recover(); r != nil {
			h.stopped = stopPanic
			h.detail = fmt.Sprintf("host call failed: %v", r)
		}
	}()
	if !h.charge(FuelPerCall) {
		return errIO
	}
	h.mem = h.memory.UnsafeData(h.store)
	defer func() { h.mem = nil }()
	return c.fn(h, args)
}
