// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

// eventWait is how long one wait for events lasts, in ms.
const eventWait = 1000

// Monitor watches the GPUs for faults. It holds the library open until Close.
type Monitor struct {
	lib  nvml.Interface
	set  nvml.EventSet
	log  *slog.Logger
	save func(uuid string, xid uint64)

	mu sync.Mutex
	// last is the last XID of a device, fatal the last that was no program's.
	last, fatal map[string]uint64
	// known are the devices as they were when all could be read.
	known map[int]GPU
}

// OpenMonitor opens the library. It returns ErrNoDriver if there is no driver.
func OpenMonitor(lib nvml.Interface, log *slog.Logger) (*Monitor, error) {
	gpus, _, err := NVML(lib)
	if err != nil {
		return nil, err
	}
	if ret := lib.Init(); ret != nvml.SUCCESS {
		return nil, ErrNoDriver
	}
	m := &Monitor{
		lib: lib, log: log, last: make(map[string]uint64), fatal: make(map[string]uint64), known: make(map[int]GPU),
		save: func(string, uint64) {},
	}
	for _, g := range gpus {
		m.known[g.Index] = g
	}
	m.register(gpus)
	return m, nil
}

// register asks for events. A device without them is watched by its counters
// alone.
func (m *Monitor) register(gpus []GPU) {
	set, ret := m.lib.EventSetCreate()
	if ret != nvml.SUCCESS {
		m.log.Warn("XID errors of GPUs are not seen", "err", m.lib.ErrorString(ret))
		return
	}
	m.set = set
	const wanted = nvml.EventTypeXidCriticalError | nvml.EventTypeDoubleBitEccError
	for _, g := range gpus {
		dev, ret := m.lib.DeviceGetHandleByIndex(g.Index)
		if ret == nvml.SUCCESS {
			var has uint64
			if has, ret = dev.GetSupportedEventTypes(); ret == nvml.SUCCESS {
				ret = dev.RegisterEvents(has&wanted, set)
			}
		}
		if ret != nvml.SUCCESS {
			m.log.Warn("XID errors of a GPU are not seen", "gpu", g.Index, "uuid", g.UUID, "err", m.lib.ErrorString(ret))
		}
	}
}

// Watch notes events until ctx is done.
func (m *Monitor) Watch(ctx context.Context) error {
	if m.set == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	for ctx.Err() == nil {
		event, ret := m.set.Wait(eventWait)
		switch {
		case ret == nvml.SUCCESS && event.EventType == nvml.EventTypeXidCriticalError:
			m.note(event)
		case ret == nvml.SUCCESS, ret == nvml.ERROR_TIMEOUT:
		default:
			// A lost device ends the wait of all: the counters still tell.
			if err := pause(ctx); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

func (m *Monitor) note(event nvml.EventData) {
	uuid, ret := event.Device.GetUUID()
	if ret != nvml.SUCCESS {
		m.log.Error("a GPU reports an error and does not say which it is", "xid", event.EventData)
		return
	}
	fault := xidFault(event.EventData)
	m.mu.Lock()
	m.last[uuid] = event.EventData
	if fault != "" {
		m.fatal[uuid] = event.EventData
	}
	m.mu.Unlock()
	if fault == "" {
		m.log.Info("a program failed on a GPU", "uuid", uuid, "xid", event.EventData)
		return
	}
	m.log.Error("a GPU has failed and gets no new work", "uuid", uuid, "xid", event.EventData, "fix", fault.Fix())
	m.save(uuid, event.EventData)
}

// remember restores faults of an earlier process, and says who keeps new ones.
func (m *Monitor) remember(fatal map[string]uint64, save func(uuid string, xid uint64)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for uuid, xid := range fatal {
		m.fatal[uuid], m.last[uuid] = xid, xid
	}
	m.save = save
}

// XID returns the last XID of a device since the worker watches it, or 0.
func (m *Monitor) XID(uuid string) uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last[uuid]
}

// GPUs lists the devices with all faults known.
func (m *Monitor) GPUs() ([]GPU, error) {
	gpus, _, err := NVML(m.lib)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range gpus {
		g := &gpus[i]
		if slices.Contains(g.Faults, FaultLost) {
			known := m.known[g.Index]
			known.Index, known.Faults = g.Index, g.Faults
			*g = known
		} else {
			m.known[g.Index] = *g
		}
		if xid := m.fatal[g.UUID]; xid != 0 {
			g.Faults = append(slices.Clip(g.Faults), xidFault(xid))
		}
	}
	return gpus, nil
}

// occupied says who uses a device or slice, or "" for nobody: programs, or
// memory that a program left behind.
func (m *Monitor) occupied(uuid string) (string, error) {
	dev, ret := m.lib.DeviceGetHandleByUUID(uuid)
	if ret != nvml.SUCCESS {
		return "", fmt.Errorf("open %s: %s", uuid, m.lib.ErrorString(ret))
	}
	procs, ret := dev.GetComputeRunningProcesses()
	if ret != nvml.SUCCESS {
		return "", fmt.Errorf("list the programs on %s: %s", uuid, m.lib.ErrorString(ret))
	}
	if len(procs) > 0 {
		return fmt.Sprintf("process %d runs on it", procs[0].Pid), nil
	}
	used, ret := usedMemory(dev)
	if ret != nvml.SUCCESS {
		return "", fmt.Errorf("read the memory of %s: %s", uuid, m.lib.ErrorString(ret))
	}
	if used > maxIdleMemory {
		return fmt.Sprintf("%d MiB of it are in use by nobody", used>>20), nil
	}
	return "", nil
}

// maxIdleMemory is what the driver and a display may take of an idle device.
const maxIdleMemory = 1 << 30

// usedMemory is without what the driver keeps for itself, where it says so.
func usedMemory(dev nvml.Device) (uint64, nvml.Return) {
	exact, ret := dev.GetMemoryInfo_v2()
	if ret != nvml.SUCCESS {
		mem, ret := dev.GetMemoryInfo()
		return mem.Used, ret
	}
	return exact.Used, nvml.SUCCESS
}

// Close releases the library.
func (m *Monitor) Close() {
	if m.set != nil {
		_ = m.set.Free()
	}
	_ = m.lib.Shutdown()
}
