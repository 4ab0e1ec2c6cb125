// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/bytecodealliance/wasmtime-go/v44"

	"github.com/cupel-network/cupel/worker/engine"
)

// Reasons that an artifact's meta may give besides the trap codes below. They
// are part of the digest and append-only.
const (
	reasonRefused = "module-refused"
	reasonOutput  = "output-limit"
	reasonFuel    = "out-of-fuel"
	reasonMemory  = "memory-limit"
	reasonTrap    = "trap"
)

var trapReasons = map[wasmtime.TrapCode]string{
	wasmtime.MemoryOutOfBounds:      "memory-out-of-bounds",
	wasmtime.TableOutOfBounds:       "table-out-of-bounds",
	wasmtime.IndirectCallToNull:     "indirect-call-to-null",
	wasmtime.BadSignature:           "bad-signature",
	wasmtime.IntegerOverflow:        "integer-overflow",
	wasmtime.IntegerDivisionByZero:  "integer-division-by-zero",
	wasmtime.BadConversionToInteger: "bad-conversion-to-integer",
	wasmtime.UnreachableCodeReached: "unreachable",
}

// guestInput is an input as the child holds it.
type guestInput struct {
	path    string
	content io.ReaderAt
	size    int64
}

// guest is one run.
type guest struct {
	args   []string
	env    []string
	stdin  *guestInput
	inputs []guestInput
	fuel   uint64
	memory uint64
	output uint64
	wall   time.Duration
	seed   [32]byte

	host           *host
	stdout, stderr bytes.Buffer
	// inspect, when set, sees the memory at the end.
	inspect func([]byte)
}

// ending is how a run ended.
type ending struct {
	outcome  engine.Outcome
	exitCode int32
	reason   string
	detail   string
	fuel     uint64
	memory   [32]byte
	wall     time.Duration
}

// run executes a compiled module. An error is a fault of the host.
func (g *guest) run(eng *wasmtime.Engine, module *wasmtime.Module) (ending, error) {
	store := wasmtime.NewStore(eng)
	defer store.Close()
	store.Limiter(int64(g.memory), MaxTableElements, 1, MaxTables, 1)
	store.SetEpochDeadline(1)
	if err := g.newHost(store); err != nil {
		return ending{}, err
	}
	pages, declaredMax := memoryPages(module)
	if pages*pageBytes > g.memory {
		detail := fmt.Sprintf("the module starts with %d bytes of memory and the limit is %d: raise limits.memory", pages*pageBytes, g.memory)
		return ending{outcome: engine.OutcomeMemoryLimit, reason: reasonMemory, detail: detail}, nil
	}
	if need := pages * FuelPerPage; need >= g.fuel {
		detail := "the fuel does not pay for the memory the module starts with: raise limits.fuel"
		return ending{outcome: engine.OutcomeOutOfFuel, reason: reasonFuel, fuel: g.fuel, detail: detail}, nil
	}
	if err := store.SetFuel(g.fuel - pages*FuelPerPage); err != nil {
		return ending{}, err
	}
	instance, err := g.instantiate(store, module)
	if err != nil {
		return g.instantiateFailed(err)
	}
	timer := time.AfterFunc(g.wall, eng.IncrementEpoch)
	start := time.Now()
	_, err = instance.GetFunc(store, "_start").Call(store)
	end := ending{wall: time.Since(start)}
	timer.Stop()
	left, fuelErr := store.GetFuel()
	if fuelErr != nil {
		return ending{}, fuelErr
	}
	end.fuel = g.fuel - min(left, g.fuel)
	if err := g.classify(&end, err, refusedPages(store, instance), declaredMax); err != nil {
		return ending{}, err
	}
	if end.outcome.Deterministic() {
		memory := g.host.memory.UnsafeData(store)
		end.memory = sha256.Sum256(memory)
		if g.inspect != nil {
			g.inspect(memory)
		}
	}
	return end, nil
}

// newHost builds the guest's world.
func (g *guest) newHost(store *wasmtime.Store) error {
	t := newTree(int64(g.output))
	inputs := slices.SortedFunc(slices.Values(g.inputs), func(a, b guestInput) int { return strings.Compare(a.path, b.path) })
	for _, in := range inputs {
		if e := t.addInput(in.path, in.content, in.size); e != errSuccess {
			return fmt.Errorf("mount input %s: error %d", in.path, e)
		}
	}
	h := &host{store: store, args: g.args, env: g.env, tree: t, fuelLimit: g.fuel, random: rand.NewChaCha8(g.seed)}
	h.fds = &fdTable{tree: t}
	stdin := &node{linked: true, ino: 2}
	if g.stdin != nil {
		stdin.input, stdin.size = g.stdin.content, g.stdin.size
	}
	for _, f := range []*fd{
		{node: stdin, stream: streamIn, read: true},
		{stream: streamOut, sink: &g.stdout, write: true, flags: flagAppend},
		{stream: streamOut, sink: &g.stderr, write: true, flags: flagAppend},
		{node: t.root, preopen: true},
	} {
		if _, e := h.fds.add(f); e != errSuccess {
			return fmt.Errorf("open the standard descriptors: error %d", e)
		}
	}
	g.host = h
	return nil
}

func (g *guest) instantiate(store *wasmtime.Store, module *wasmtime.Module) (*wasmtime.Instance, error) {
	var imports []wasmtime.AsExtern
	for _, imp := range module.Imports() {
		name := ""
		if imp.Name() != nil {
			name = *imp.Name()
		}
		f, err := g.host.bind(name)
		if err != nil {
			return nil, err
		}
		imports = append(imports, f)
	}
	instance, err := wasmtime.NewInstance(store, module, imports)
	if err != nil {
		return nil, err
	}
	memory := instance.GetExport(store, "memory")
	if memory == nil || memory.Memory() == nil || instance.GetFunc(store, "_start") == nil {
		return nil, errors.New("compiled module lacks memory or _start: clear the cache of compiled modules")
	}
	g.host.memory = memory.Memory()
	return instance, nil
}

// instantiateFailed tells a module whose own segments do not fit its memory or
// table from a host that could not make the instance.
func (g *guest) instantiateFailed(err error) (ending, error) {
	var trap *wasmtime.Trap
	if errors.As(err, &trap) && trap.Code() != nil {
		if reason, ok := trapReasons[*trap.Code()]; ok {
			return ending{outcome: engine.OutcomeTrap, reason: reason, detail: "module cannot start: " + firstLine(trap.Message())}, nil
		}
	}
	return ending{}, fmt.Errorf("instantiate module: %w", err)
}

// classify turns the end of the call into an outcome.
func (g *guest) classify(end *ending, err error, refused uint64, declaredMax uint64) error {
	var trap *wasmtime.Trap
	switch {
	case g.host.stopped == stopPanic:
		return errors.New(g.host.detail)
	case g.host.stopped != running:
		g.classifyStop(end)
	case err == nil:
		end.outcome = engine.OutcomeOK
	case errors.As(err, &trap) && trap.Code() != nil:
		g.classifyTrap(end, trap)
	default:
		return fmt.Errorf("run module: %w", err)
	}
	if refused == 0 {
		return nil
	}
	if refused*pageBytes <= g.memory && refused <= declaredMax {
		return fmt.Errorf("the host refused %d bytes of memory that the limit allows: free memory on this machine", refused*pageBytes)
	}
	if end.outcome == engine.OutcomeExit || end.outcome == engine.OutcomeTrap {
		end.detail = fmt.Sprintf("asked for %d bytes of memory, the limit is %d (then: %s): raise limits.memory", refused*pageBytes, g.memory, end.detail)
		end.outcome, end.reason = engine.OutcomeMemoryLimit, reasonMemory
	}
	return nil
}

func (g *guest) classifyStop(end *ending) {
	switch g.host.stopped {
	case stopExit:
		end.outcome, end.exitCode = engine.OutcomeOK, g.host.exitCode
		if end.exitCode != 0 {
			end.outcome = engine.OutcomeExit
			end.detail = fmt.Sprintf("exit code %d", end.exitCode)
		}
	case stopFuel:
		g.outOfFuel(end)
	case stopOutput:
		end.outcome, end.reason = engine.OutcomeTrap, reasonOutput
		end.detail = fmt.Sprintf("output is larger than the limit of %d bytes: raise limits.output", g.output)
	case stopInput:
		end.outcome, end.detail = engine.OutcomeInputUnavailable, g.host.detail
	case running, stopPanic: // not reached: classify took them
	}
}

func (g *guest) outOfFuel(end *ending) {
	end.outcome, end.reason, end.fuel = engine.OutcomeOutOfFuel, reasonFuel, g.fuel
	end.detail = fmt.Sprintf("used all of its %d units of fuel: raise limits.fuel", g.fuel)
}

// classifyTrap reads the engine's trap code. The instruction counter is written
// back at calls and at unreachable only, so that after any other trap it may be
// far behind; such a trap costs the whole limit, as in the EVM.
func (g *guest) classifyTrap(end *ending, trap *wasmtime.Trap) {
	code := *trap.Code()
	switch code { //nolint:exhaustive // the others are traps, below
	case wasmtime.OutOfFuel:
		g.outOfFuel(end)
		return
	case wasmtime.Interrupt:
		end.outcome = engine.OutcomeWall
		end.detail = fmt.Sprintf("ran longer than its wall limit of %s on this machine: raise limits.wall and limits.fuel, the smaller decides", g.wall)
		return
	case wasmtime.StackOverflow:
		end.outcome = engine.OutcomeStack
		end.detail = fmt.Sprintf("recursion needs more than the %d bytes of stack that the class has: recurse less deeply", MaxStackBytes)
		return
	}
	end.outcome, end.reason, end.detail = engine.OutcomeTrap, trapReasons[code], firstLine(trap.Message())
	if end.reason == "" {
		end.reason = reasonTrap
	}
	if code != wasmtime.UnreachableCodeReached {
		end.fuel = g.fuel
	}
}

func firstLine(s string) string {
	for line := range strings.SplitSeq(s, "\n") {
		if strings.Contains(line, "wasm trap") {
			return strings.TrimSpace(line)
		}
	}
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// entries are the files of the artifact.
func (g *guest) entries() []engine.Entry {
	list := []engine.Entry{
		engine.BytesEntry(engine.StdoutName, g.stdout.Bytes()),
		engine.BytesEntry(engine.StderrName, g.stderr.Bytes()),
	}
	return appendFiles(list, "out", g.host.tree.root.children["out"])
}

func appendFiles(list []engine.Entry, path string, n *node) []engine.Entry {
	for _, name := range n.names {
		child := n.children[name]
		if child.dir {
			list = appendFiles(list, path+"/"+name, child)
			continue
		}
		list = append(list, engine.BytesEntry(path+"/"+name, child.data))
	}
	return list
}
