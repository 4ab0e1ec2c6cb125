// SPDX-License-Identifier: Apache-2.0

package escape

import (
	"bytes"
	"strings"
	"time"

	"github.com/cupel-network/cupel/worker/engine"
)

// Modules are all attempts that run as WebAssembly.
func Modules() []Case {
	var all []Case
	for _, group := range []struct {
		name  string
		cases []string
	}{
		{"files", []string{
			"host-path", "path-climb", "path-zero-byte", "path-encoding", "path-giant", "symlink", "symlink-swap", "hard-link", "device-nodes", "self-exe",
			"proc-sys", "leaked-fd", "forged-preopen", "file-as-directory", "cwd-climb", "write-input", "forged-rights", "write-root", "replace-out",
			"set-times", "metadata-leak", "docker-socket", "left-files",
		}},
		{"output", []string{"odd-names", "deep-tree", "sparse-tmp", "fill-tmp", "unlinked-file", "long-rename"}},
		{"processes", []string{"exec", "kill-host", "proc-raise", "see-host"}},
		{"environment", []string{"env-leak", "gpu-devices"}},
		{"network", []string{
			"metadata", "localhost", "host-address", "internet", "dns", "abstract-socket", "unix-socket", "interfaces", "sockets", "bind-all",
		}},
		{"resources", []string{"descriptors", "buffers", "pointers", "random-giant", "sleep", "poll", "standard-streams", "left-memory", "many-files"}},
	} {
		for _, name := range group.cases {
			all = append(all, Case{Name: name, Group: group.name})
		}
	}
	for _, name := range []string{"clock", "random", "order"} {
		all = append(all, Case{Name: name, Group: "sameness", Twice: true})
	}
	all = append(all, moduleLimits()...)
	all = append(all, moduleEnvironment()...)
	all = append(all, refusedModules()...)
	return append(all, oddModules()...)
}

// moduleLimits go on until something stops them.
func moduleLimits() []Case {
	const (
		exit, noFuel = engine.OutcomeExit, engine.OutcomeOutOfFuel
		billion      = 1_000_000_000
	)
	words := func(name string, want engine.Outcome, args ...string) Case {
		return Case{Name: name, Group: "limits", Args: args, Want: want}
	}
	wall := words("loop-for-ever", engine.OutcomeWall, "loop")
	wall.Fuel, wall.Wall = 1<<50, 2*time.Second
	dear := words("rename-for-ever", engine.OutcomeWall, "names")
	dear.Fuel, dear.Wall = 1<<50, 2*time.Second
	all := []Case{
		wall, dear,
		words("loop", noFuel, "loop"), words("recursion", engine.OutcomeStack, "recurse"), words("memory", engine.OutcomeMemoryLimit, "memory"),
		words("flood-stdout", trap, "flood", "stdout"), words("flood-stderr", trap, "flood", "stderr"), words("fill-out", trap, "fill"),
		words("sparse-seek", trap, "sparse", "seek"), words("sparse-truncate", trap, "sparse", "truncate"), words("sparse-allocate", trap, "sparse", "allocate"),
		words("many-outputs", engine.OutcomeOK, "files"), words("exit-minus-one", exit, "exit", "-1"), words("exit-giant", exit, "exit", "2147483648"),
	}
	for _, call := range []string{"open", "list", "random", "write", "poll", "stat"} {
		c := words("storm-"+call, noFuel, "calls", call)
		c.Fuel = billion
		all = append(all, c)
	}
	grow := `(func (export "_start") (loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable)`
	fill := `(func (export "_start") (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 67108864)) (br 0)))`
	return append(all,
		Case{Name: "memory-grow", Group: "limits", Text: oneMemory + grow, Want: engine.OutcomeMemoryLimit},
		Case{Name: "memory-at-start", Group: "limits", Text: `(memory (export "memory") 65536)` + start, Want: engine.OutcomeMemoryLimit},
		Case{Name: "memory-fill", Group: "limits", Text: `(memory (export "memory") 1024)` + fill, Want: noFuel, Fuel: billion},
		Case{Name: "calls-for-ever", Group: "limits", Text: oneMemory + `(func $f (loop (call $g) (br 0))) (func $g) (func (export "_start") (call $f))`, Want: noFuel, Fuel: billion},
	)
}

// moduleEnvironment are variables that the linker, the Go runtime and hooks
// read: they are the guest's, and must not reach the process around it. The
// linker would write a file beside the canaries.
func moduleEnvironment() []Case {
	env := func(name string, pairs map[string]string) Case {
		c := Case{Name: name, Group: "environment", Args: []string{"env"}, Env: pairs}
		for k, v := range pairs {
			c.Stdout = k + "=" + v
		}
		return c
	}
	coverage := env("go-coverage", map[string]string{"GOCOVERDIR": "CANARY_DIR"})
	coverage.Stdout = "GOCOVERDIR=/"
	debug := env("linker-debug", map[string]string{"LD_DEBUG_OUTPUT": "CANARY_DIR/ld"})
	debug.Env["LD_DEBUG"], debug.Stdout = "all", "LD_DEBUG=all"
	return []Case{
		debug, coverage,
		env("preload", map[string]string{"LD_PRELOAD": "/proc/self/cwd/evil.so"}), env("library-path", map[string]string{"LD_LIBRARY_PATH": "/evil"}),
		env("tunables", map[string]string{"GLIBC_TUNABLES": "glibc.malloc.check=3"}), env("go-debug", map[string]string{"GODEBUG": "inittrace=1"}),
		env("all-gpus", map[string]string{"NVIDIA_VISIBLE_DEVICES": "all"}),
		{Name: "argument-injection", Group: "environment", Args: []string{"hello", "--privileged", "; id", "$(id)", "\n"}, Stdout: "hello --privileged ; id $(id)"},
	}
}

const (
	oneMemory = `(memory (export "memory") 1)`
	start     = `(func (export "_start"))`
)

// refusedModules import or have what the class does not.
func refusedModules() []Case {
	refused := func(name, text string) Case {
		return Case{Name: name, Group: "module", Text: text, Want: trap, Refused: true}
	}
	imports := func(name, module, function string) Case {
		return refused(name, `(import "`+module+`" "`+function+`" (func (param i32 i32 i32) (result i32)))`+oneMemory+start)
	}
	return []Case{
		imports("import-syscall", "env", "syscall"), imports("import-host", "host", "exec"), imports("import-mount", "env", "mount"),
		imports("import-unstable", "wasi_unstable", "path_open"), imports("import-preview-2", "wasi:sockets/tcp@0.2.0", "connect"),
		imports("import-socket", "wasi_snapshot_preview1", "sock_open"), imports("import-connect", "wasi_snapshot_preview1", "sock_connect"),
		imports("import-signature", "wasi_snapshot_preview1", "path_open"), imports("import-emscripten", "env", "__syscall_openat"),
		imports("import-helper", "cupel", "refused-pages"), imports("import-dlopen", "env", "dlopen"),
		refused("thread-spawn", `(import "wasi" "thread-spawn" (func (param i32) (result i32)))`+oneMemory+start),
		refused("import-memory", `(import "env" "memory" (memory 1))`+start), refused("import-table", `(import "env" "t" (table 1 funcref))`+oneMemory+start),
		refused("shared-memory", `(memory (export "memory") 1 1 shared)`+start), refused("atomics", oneMemory+`(func (export "_start") i32.const 0 i32.atomic.load drop)`),
		refused("memory-64", `(memory (export "memory") i64 1)`+start), refused("two-memories", oneMemory+`(memory 1)`+start),
		refused("giant-table", oneMemory+start+`(table 100000000 funcref)`), refused("start-section", oneMemory+start+`(func $s (loop (br 0))) (start $s)`),
		refused("many-locals", oneMemory+`(func (export "_start") `+strings.Repeat("(local i64)", 10_001)+`)`), refused("no-memory", start),
		refused("helper-name", oneMemory+start+`(global (export "cupel:refused-pages") i64 (i64.const 0))`),
	}
}

// oddModules are bytes that no compiler writes, and traps.
func oddModules() []Case {
	header := []byte("\x00asm\x01\x00\x00\x00")
	raw := func(name string, module []byte) Case {
		return Case{Name: name, Group: "module", Module: module, Want: trap, Refused: true}
	}
	traps := func(name, body string) Case {
		return Case{Name: name, Group: "module", Text: oneMemory + `(table 2 funcref)(func (export "_start") ` + body + `)`, Want: trap}
	}
	all := []Case{
		raw("garbage", []byte(strings.Repeat("garbage", 1000))), raw("component", []byte("\x00asm\x0d\x00\x01\x00")), raw("empty", header),
		raw("giant-module", append(bytes.Clone(header), make([]byte, 9<<20)...)),
		raw("giant-section", append(bytes.Clone(header), 0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f)),
		raw("million-types", append(bytes.Clone(header), section(1, bytes.Repeat([]byte{0x60, 0, 0}, 1_000_000), 1_000_000)...)),
		raw("million-functions", functions(1_000_000)),
		raw("million-imports", append(append(bytes.Clone(header), section(1, []byte{0x60, 0, 0}, 1)...), section(2, bytes.Repeat([]byte{1, 'a', 1, 'b', 0, 0}, 1_000_000), 1_000_000)...)),
		traps("memory-outside", `(drop (i32.load (i32.const -1)))`), traps("store-outside", `(i64.store offset=4294967295 (i32.const -1) (i64.const 1))`),
		traps("table-outside", `(call_indirect (i32.const 1000000))`), traps("null-call", `(call_indirect (i32.const 0))`),
		traps("divide-by-zero", `(drop (i32.div_u (i32.const 1) (i32.const 0)))`), traps("copy-outside", `(memory.copy (i32.const 65000) (i32.const 0) (i32.const 65536))`),
		{Name: "data-outside", Group: "module", Text: oneMemory + start + `(data (i32.const 65530) "too long for it")`, Want: trap},
	}
	// What may be large is compiled, or refused for its size: either way soon.
	large := func(name string, module []byte) Case {
		return Case{Name: name, Group: "module", Module: module, MayFail: true, Want: engine.OutcomeOK}
	}
	return append(all,
		large("many-functions", functions(50_000)),
		large("nested-blocks", program(append(append(bytes.Repeat([]byte{0x02, 0x40}, 200_000), bytes.Repeat([]byte{0x0b}, 200_000)...), 0x0b))),
		large("giant-function", program(append(bytes.Repeat([]byte{0x41, 0x00, 0x1a}, 1_000_000), 0x0b))),
	)
}
