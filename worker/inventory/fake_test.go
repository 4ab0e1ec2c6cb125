// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock/dgxa100"
	"github.com/stretchr/testify/require"
)

// machine is go-nvml's DGX A100 with what its mock leaves out, and with faults
// that a test can make.
type machine struct {
	*dgxa100.Server
	events chan nvml.EventData

	mu      sync.Mutex
	errors  []MemoryErrors
	procs   map[string]int
	used    map[string]uint64
	gone    map[int]bool
	handles map[string]nvml.Device
}

func newMachine() *machine {
	m := &machine{
		Server: dgxa100.New(), events: make(chan nvml.EventData, 8), errors: make([]MemoryErrors, 8), procs: map[string]int{},
		used: map[string]uint64{}, gone: map[int]bool{}, handles: map[string]nvml.Device{},
	}
	for i := range m.Devices {
		d := m.device(i)
		m.complete(&d.Device, d.UUID)
		m.memory(&d.Device, i)
		d.GetEccModeFunc = func() (nvml.EnableState, nvml.EnableState, nvml.Return) {
			return nvml.FEATURE_ENABLED, nvml.FEATURE_ENABLED, nvml.SUCCESS
		}
		d.GetPersistenceModeFunc = func() (nvml.EnableState, nvml.Return) { return nvml.FEATURE_ENABLED, nvml.SUCCESS }
		d.GetSupportedEventTypesFunc = func() (uint64, nvml.Return) { return nvml.EventTypeXidCriticalError, nvml.SUCCESS }
		d.RegisterEventsFunc = func(uint64, nvml.EventSet) nvml.Return { return nvml.SUCCESS }
	}
	byIndex := m.DeviceGetHandleByIndexFunc
	m.DeviceGetHandleByIndexFunc = func(i int) (nvml.Device, nvml.Return) {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.gone[i] {
			return nil, nvml.ERROR_GPU_IS_LOST
		}
		return byIndex(i)
	}
	m.DeviceGetHandleByUUIDFunc = func(uuid string) (nvml.Device, nvml.Return) {
		m.mu.Lock()
		defer m.mu.Unlock()
		if d, ok := m.handles[uuid]; ok {
			return d, nvml.SUCCESS
		}
		return nil, nvml.ERROR_NOT_FOUND
	}
	m.ErrorStringFunc = func(ret nvml.Return) string { return fmt.Sprintf("code %d", ret) }
	m.EventSetCreateFunc = func() (nvml.EventSet, nvml.Return) { return m.set(), nvml.SUCCESS }
	return m
}

func (m *machine) device(i int) *dgxa100.Device { return m.Devices[i].(*dgxa100.Device) }

// complete adds what a device or slice needs to be lent.
func (m *machine) complete(d *mock.Device, uuid string) {
	m.handles[uuid] = d
	d.GetComputeRunningProcessesFunc = func() ([]nvml.ProcessInfo, nvml.Return) {
		m.mu.Lock()
		defer m.mu.Unlock()
		return make([]nvml.ProcessInfo, m.procs[uuid]), nvml.SUCCESS
	}
	d.GetMemoryInfo_v2Func = func() (nvml.Memory_v2, nvml.Return) {
		m.mu.Lock()
		defer m.mu.Unlock()
		return nvml.Memory_v2{Used: m.used[uuid]}, nvml.SUCCESS
	}
}

func (m *machine) memory(d *mock.Device, i int) {
	d.GetTotalEccErrorsFunc = func(nvml.MemoryErrorType, nvml.EccCounterType) (uint64, nvml.Return) {
		m.mu.Lock()
		defer m.mu.Unlock()
		return m.errors[i].Uncorrected, nvml.SUCCESS
	}
	d.GetRemappedRowsFunc = func() (int, int, bool, bool, nvml.Return) {
		m.mu.Lock()
		defer m.mu.Unlock()
		e := m.errors[i]
		return e.RemappedCorrectable, e.RemappedUncorrectable, e.RemapPending, e.RemapFailure, nvml.SUCCESS
	}
}

func (m *machine) set() nvml.EventSet {
	return &mock.EventSet{
		FreeFunc: func() nvml.Return { return nvml.SUCCESS },
		WaitFunc: func(ms uint32) (nvml.EventData, nvml.Return) {
			select {
			case e := <-m.events:
				return e, nvml.SUCCESS
			case <-time.After(time.Duration(ms) * time.Millisecond / 100):
				return nvml.EventData{}, nvml.ERROR_TIMEOUT
			}
		},
	}
}

// split makes slices of a device.
func (m *machine) split(i int, slices ...uint64) {
	d := m.device(i)
	d.GetMigModeFunc = func() (int, int, nvml.Return) { return nvml.DEVICE_MIG_ENABLE, 0, nvml.SUCCESS }
	d.GetMaxMigDeviceCountFunc = func() (int, nvml.Return) { return 7, nvml.SUCCESS }
	d.GetMigDeviceHandleByIndexFunc = func(j int) (nvml.Device, nvml.Return) {
		if j%2 != 0 || j/2 >= len(slices) {
			return nil, nvml.ERROR_NOT_FOUND // indexes have gaps
		}
		return m.slice(fmt.Sprintf("MIG-%d-%d", i, j), slices[j/2]), nvml.SUCCESS
	}
	for j, gib := range slices {
		m.slice(fmt.Sprintf("MIG-%d-%d", i, 2*j), gib)
	}
}

func (m *machine) slice(uuid string, gib uint64) nvml.Device {
	d := &mock.Device{
		GetUUIDFunc:       func() (string, nvml.Return) { return uuid, nvml.SUCCESS },
		GetMemoryInfoFunc: func() (nvml.Memory, nvml.Return) { return nvml.Memory{Total: gib << 30}, nvml.SUCCESS },
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.complete(d, uuid)
	return d
}

// xid is an error that the driver reports.
func (m *machine) xid(i int, code uint64) {
	m.events <- nvml.EventData{Device: m.Devices[i], EventType: nvml.EventTypeXidCriticalError, EventData: code}
}

// edit changes what the devices say.
func (m *machine) edit(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f()
}

// pool opens a pool over the machine; its watch ends with the test.
func (m *machine) pool(t *testing.T, path, boot string) *Pool {
	t.Helper()
	monitor, err := OpenMonitor(m, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	p, err := OpenPool(monitor, path, boot, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	p.wait, p.strangers = 5*time.Millisecond, 50*time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Watch(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
		monitor.Close()
	})
	return p
}

const (
	waitFor = 5 * time.Second
	tick    = 5 * time.Millisecond
)

func statePath(t *testing.T) string { return filepath.Join(t.TempDir(), "gpus.json") }
