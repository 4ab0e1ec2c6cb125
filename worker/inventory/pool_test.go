// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/engine"
)

func lend(t *testing.T, p *Pool, holder string, n int) []engine.LentGPU {
	t.Helper()
	lent, err := p.Lend(t.Context(), holder, engine.GPUNeed{Count: n})
	require.NoError(t, err)
	require.Len(t, lent, n)
	return lent
}

func TestLeastUsedFirst(t *testing.T) {
	m := newMachine()
	p := m.pool(t, statePath(t), "boot")
	seen := map[int]bool{}
	for i := range 8 {
		holder := fmt.Sprint("job", i)
		seen[lend(t, p, holder, 1)[0].Index] = true
		require.NoError(t, p.Return(holder))
	}
	require.Len(t, seen, 8, "work goes around")
}

// TestNeverLentTwice has many jobs that want 1 to 4 of 8 devices.
func TestNeverLentTwice(t *testing.T) {
	m := newMachine()
	p := m.pool(t, statePath(t), "boot")
	var mu sync.Mutex
	held := map[string]string{}
	var wg sync.WaitGroup
	for i := range 24 {
		holder := fmt.Sprint("job", i)
		wg.Go(func() {
			lent, err := p.Lend(t.Context(), holder, engine.GPUNeed{Count: i%4 + 1})
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			for _, g := range lent {
				if held[g.UUID] != "" {
					t.Errorf("%s is lent to %s and %s", g.UUID, held[g.UUID], holder)
				}
				held[g.UUID] = holder
			}
			mu.Unlock()
			time.Sleep(5 * time.Millisecond)
			mu.Lock()
			for _, g := range lent {
				delete(held, g.UUID)
			}
			mu.Unlock()
			if err := p.Return(holder); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.Empty(t, p.Leased())
}

func TestLeasesOutliveTheWorker(t *testing.T) {
	m, path := newMachine(), statePath(t)
	lent := lend(t, m.pool(t, path, "boot"), "job", 2)
	m.edit(func() { m.procs[lent[0].UUID] = 1 }) // its own program runs on

	again := m.pool(t, path, "boot")
	require.Equal(t, lent, lend(t, again, "job", 2))
	_, err := again.Lend(t.Context(), "job", engine.GPUNeed{Count: 3})
	require.ErrorContains(t, err, "asks for 3")
	lend(t, again, "other", 6)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = again.Lend(ctx, "third", engine.GPUNeed{Count: 1})
	require.ErrorIs(t, err, context.DeadlineExceeded, "it waits for what is lent")

	require.Empty(t, m.pool(t, path, "next boot").Leased(), "nothing outlives the machine")
	again.expire(time.Now().Add(leaseLimit + time.Hour))
	require.Empty(t, again.Leased())
}

func TestStrangersAreLeftAlone(t *testing.T) {
	m := newMachine()
	p := m.pool(t, statePath(t), "boot")
	for i := range 7 {
		m.edit(func() {
			if i%2 == 0 {
				m.procs[m.device(i).UUID] = 1
			} else {
				m.used[m.device(i).UUID] = 4 << 30
			}
		})
	}
	require.Equal(t, 7, lend(t, p, "a", 1)[0].Index)
	_, err := p.Lend(t.Context(), "b", engine.GPUNeed{Count: 2})
	require.ErrorIs(t, err, ErrNoGPU)
	require.NoError(t, p.Return("a"))
	_, err = p.Lend(t.Context(), "b", engine.GPUNeed{Count: 2})
	require.ErrorIs(t, err, ErrNoGPU)

	// The programs of the last job take a moment to end.
	p.strangers = time.Minute
	time.AfterFunc(50*time.Millisecond, func() { m.edit(func() { clear(m.procs) }) })
	lend(t, p, "c", 5)
}

func TestNeedsThatCannotBeServed(t *testing.T) {
	p := newMachine().pool(t, statePath(t), "boot")
	for _, need := range []engine.GPUNeed{{Count: 9}, {Count: 1, MemoryBytes: 1 << 40}} {
		_, err := p.Lend(t.Context(), "job", need)
		require.ErrorIs(t, err, ErrNoGPU)
	}
	for _, need := range []engine.GPUNeed{{}, {Count: -1}} {
		_, err := p.Lend(t.Context(), "job", need)
		require.Error(t, err)
	}
	_, err := p.Lend(t.Context(), "", engine.GPUNeed{Count: 1})
	require.Error(t, err)
	require.NoError(t, p.Return("nobody"))
}

func TestSlices(t *testing.T) {
	m := newMachine()
	for i := range 8 {
		m.split(i, 20, 10)
	}
	p := m.pool(t, statePath(t), "boot")
	lent, err := p.Lend(t.Context(), "large", engine.GPUNeed{Count: 8, MemoryBytes: 15 << 30})
	require.NoError(t, err)
	for _, g := range lent {
		require.Contains(t, g.UUID, "MIG-")
		require.EqualValues(t, 20<<30, g.MemoryBytes)
	}
	lend(t, p, "small", 8)
	m.edit(func() { m.errors[3].RemapFailure = true })
	require.NoError(t, p.Return("large"))
	_, err = p.Lend(t.Context(), "large", engine.GPUNeed{Count: 8, MemoryBytes: 15 << 30})
	require.ErrorIs(t, err, ErrNoGPU, "a fault is one of all slices")
	require.ErrorContains(t, err, "row-remap-failure")
}

// TestFaultsEndTheLending: a job keeps a device that fails under it, and
// nobody gets it after.
func TestFaultsEndTheLending(t *testing.T) {
	for name, fail := range map[string]func(*machine){
		"lost":              func(m *machine) { m.edit(func() { m.gone[0] = true }) },
		"ecc-uncorrected":   func(m *machine) { m.edit(func() { m.errors[0].Uncorrected = 1 }) },
		"row-remap-pending": func(m *machine) { m.edit(func() { m.errors[0].RemapPending = true }) },
		"row-remap-failure": func(m *machine) { m.edit(func() { m.errors[0].RemapFailure = true }) },
		"xid-79":            func(m *machine) { m.xid(0, 79) },
		"xid-48":            func(m *machine) { m.xid(0, 48) },
		"xid-119":           func(m *machine) { m.xid(0, 119) },
	} {
		t.Run(name, func(t *testing.T) {
			m, path := newMachine(), statePath(t)
			p := m.pool(t, path, "boot")
			require.Equal(t, 0, lend(t, p, "first", 1)[0].Index)
			fail(m)
			require.Eventually(t, func() bool {
				gpus, err := p.monitor.GPUs()
				return err == nil && len(gpus[0].Faults) == 1 && string(gpus[0].Faults[0]) == name
			}, 5*time.Second, 5*time.Millisecond)
			require.Equal(t, 0, lend(t, p, "first", 1)[0].Index, "it is drained, not taken away")
			require.NoError(t, p.Return("first"))
			_, err := p.Lend(t.Context(), "second", engine.GPUNeed{Count: 8})
			require.ErrorIs(t, err, ErrNoGPU)
			require.ErrorContains(t, err, name)
			for _, g := range lend(t, p, "third", 7) {
				require.NotEqual(t, 0, g.Index)
			}
			require.NotEmpty(t, Fault(name).Fix())

			// Another process knows it too, until the machine starts again.
			if _, isXID := p.state.XIDs[m.device(0).UUID]; isXID {
				gpus, err := m.pool(t, path, "boot").monitor.GPUs()
				require.NoError(t, err)
				require.Equal(t, []Fault{Fault(name)}, gpus[0].Faults)
				gpus, err = m.pool(t, path, "next boot").monitor.GPUs()
				require.NoError(t, err)
				require.Empty(t, gpus[0].Faults)
			}
		})
	}
}

func TestErrorsOfPrograms(t *testing.T) {
	m := newMachine()
	p := m.pool(t, statePath(t), "boot")
	for _, code := range []uint64{13, 31, 43, 45, 68, 109} {
		m.xid(2, code)
		require.Eventually(t, func() bool { return p.monitor.XID(m.device(2).UUID) == code }, 5*time.Second, time.Millisecond)
	}
	lend(t, p, "job", 8)
}

func TestCorrectedErrorsAreNoFault(t *testing.T) {
	m := newMachine()
	m.errors[1] = MemoryErrors{RemappedCorrectable: 3, RemappedUncorrectable: 1}
	gpus, _, err := NVML(m)
	require.NoError(t, err)
	require.Empty(t, gpus[1].Faults)
	require.Equal(t, m.errors[1], gpus[1].Memory)
	require.True(t, gpus[1].Persistence)
}

func TestDamagedState(t *testing.T) {
	m, path := newMachine(), statePath(t)
	require.NoError(t, os.WriteFile(path, []byte("{"), 0o600))
	monitor, err := OpenMonitor(m, nil)
	require.NoError(t, err)
	defer monitor.Close()
	_, err = OpenPool(monitor, path, "boot", nil)
	require.ErrorContains(t, err, path)
}

func TestBootID(t *testing.T) {
	id, err := BootID(fstest.MapFS{"sys/kernel/random/boot_id": {Data: []byte("abc\n")}})
	require.NoError(t, err)
	require.Equal(t, "abc", id)
	_, err = BootID(fstest.MapFS{})
	require.Error(t, err)
}

func TestMonitorWithoutEvents(t *testing.T) {
	m := newMachine()
	m.EventSetCreateFunc = func() (nvml.EventSet, nvml.Return) { return nil, nvml.ERROR_NOT_SUPPORTED }
	p := m.pool(t, statePath(t), "boot")
	m.edit(func() { m.errors[0].Uncorrected = 1 })
	require.Equal(t, 1, lend(t, p, "job", 1)[0].Index, "the counters still tell")
}
