// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"testing"
	"testing/fstest"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock"
	"github.com/stretchr/testify/require"
)

func proc() fstest.MapFS {
	return fstest.MapFS{
		"cpuinfo": {Data: []byte("processor\t: 0\nmodel name\t: Example CPU @ 2.0GHz\nprocessor\t: 1\nmodel name\t: other\n")},
		"meminfo": {Data: []byte("MemTotal:       16384 kB\nMemFree: 1 kB\nMemAvailable:    8192 kB\n")},
	}
}

func none() ([]GPU, string, error) { return nil, "", ErrNoDriver }

func TestMachineWithoutGPU(t *testing.T) {
	inv, err := Read(proc(), t.TempDir(), none)
	require.NoError(t, err)
	require.Equal(t, "Example CPU @ 2.0GHz", inv.CPU.Model)
	require.Equal(t, Memory{Total: 16 << 20, Available: 8 << 20}, inv.Memory)
	require.Positive(t, inv.Disk.Total)
	require.NotNil(t, inv.GPUs)
	require.Empty(t, inv.GPUs)
	require.Equal(t, ErrNoDriver.Error(), inv.GPUNote)
}

func TestDamagedProc(t *testing.T) {
	for name, text := range map[string]string{"no total": "MemFree: 1 kB\n", "no number": "MemTotal: x kB\n", "too big": "MemTotal: 99999999999999999999 kB\n"} {
		p := proc()
		p["meminfo"].Data = []byte(text)
		_, err := Read(p, t.TempDir(), none)
		require.Error(t, err, name)
	}
	_, err := Read(fstest.MapFS{}, t.TempDir(), none)
	require.Error(t, err)
	_, err = Read(proc(), "/does/not/exist", none)
	require.Error(t, err)
}

func TestDGX(t *testing.T) {
	server := newMachine()
	gpus, driver, err := NVML(server)
	require.NoError(t, err)
	require.NotEmpty(t, driver)
	require.Len(t, gpus, 8)
	for i, g := range gpus {
		require.Equal(t, i, g.Index)
		require.Contains(t, g.Model, "A100")
		require.NotEmpty(t, g.UUID)
		require.Positive(t, g.VRAMMiB)
		require.Equal(t, 80, g.ComputeCapability)
	}
}

func TestNoDriver(t *testing.T) {
	for _, ret := range []nvml.Return{nvml.ERROR_LIBRARY_NOT_FOUND, nvml.ERROR_DRIVER_NOT_LOADED} {
		_, _, err := NVML(&mock.Interface{InitFunc: func() nvml.Return { return ret }})
		require.ErrorIs(t, err, ErrNoDriver)
	}
}

// broken is a driver that fails at one call.
func broken(edit func(*mock.Interface, *mock.Device)) *mock.Interface {
	dev := &mock.Device{
		GetNameFunc:                  func() (string, nvml.Return) { return "GPU", nvml.SUCCESS },
		GetUUIDFunc:                  func() (string, nvml.Return) { return "GPU-1", nvml.SUCCESS },
		GetMemoryInfoFunc:            func() (nvml.Memory, nvml.Return) { return nvml.Memory{Total: 80 << 30}, nvml.SUCCESS },
		GetCudaComputeCapabilityFunc: func() (int, int, nvml.Return) { return 9, 0, nvml.SUCCESS },
		GetMigModeFunc:               func() (int, int, nvml.Return) { return nvml.DEVICE_MIG_ENABLE, 0, nvml.SUCCESS },
		GetEccModeFunc: func() (nvml.EnableState, nvml.EnableState, nvml.Return) {
			return nvml.FEATURE_ENABLED, 0, nvml.SUCCESS
		},
		GetMaxMigDeviceCountFunc: func() (int, nvml.Return) { return 0, nvml.ERROR_NOT_SUPPORTED },
		GetPersistenceModeFunc:   func() (nvml.EnableState, nvml.Return) { return 0, nvml.ERROR_NOT_SUPPORTED },
		GetPciInfoFunc:           func() (nvml.PciInfo, nvml.Return) { return nvml.PciInfo{}, nvml.ERROR_NOT_SUPPORTED },
		GetTotalEccErrorsFunc: func(nvml.MemoryErrorType, nvml.EccCounterType) (uint64, nvml.Return) {
			return 0, nvml.ERROR_NOT_SUPPORTED
		},
		GetRemappedRowsFunc: func() (int, int, bool, bool, nvml.Return) { return 0, 0, false, false, nvml.ERROR_NOT_SUPPORTED },
	}
	lib := &mock.Interface{
		InitFunc:                   func() nvml.Return { return nvml.SUCCESS },
		ShutdownFunc:               func() nvml.Return { return nvml.SUCCESS },
		SystemGetDriverVersionFunc: func() (string, nvml.Return) { return "580.1", nvml.SUCCESS },
		DeviceGetCountFunc:         func() (int, nvml.Return) { return 1, nvml.SUCCESS },
		DeviceGetHandleByIndexFunc: func(int) (nvml.Device, nvml.Return) { return dev, nvml.SUCCESS },
		ErrorStringFunc:            func(nvml.Return) string { return "broken" },
	}
	edit(lib, dev)
	return lib
}

func TestProperties(t *testing.T) {
	lib := broken(func(*mock.Interface, *mock.Device) {})
	gpus, driver, err := NVML(lib)
	require.NoError(t, err)
	require.Equal(t, "580.1", driver)
	require.Equal(t, []GPU{{Model: "GPU", UUID: "GPU-1", VRAMMiB: 80 << 10, ComputeCapability: 90, MIG: true, ECC: true}}, gpus)
	require.Len(t, lib.ShutdownCalls(), 1)
}

func TestBrokenDriver(t *testing.T) {
	bad := nvml.ERROR_UNKNOWN
	for name, edit := range map[string]func(*mock.Interface, *mock.Device){
		"init": func(l *mock.Interface, _ *mock.Device) { l.InitFunc = func() nvml.Return { return bad } },
		"driver": func(l *mock.Interface, _ *mock.Device) {
			l.SystemGetDriverVersionFunc = func() (string, nvml.Return) { return "", bad }
		},
		"count": func(l *mock.Interface, _ *mock.Device) {
			l.DeviceGetCountFunc = func() (int, nvml.Return) { return 0, bad }
		},
		"handle": func(l *mock.Interface, _ *mock.Device) {
			l.DeviceGetHandleByIndexFunc = func(int) (nvml.Device, nvml.Return) { return nil, bad }
		},
		"name": func(_ *mock.Interface, d *mock.Device) {
			d.GetNameFunc = func() (string, nvml.Return) { return "", bad }
		},
		"uuid": func(_ *mock.Interface, d *mock.Device) {
			d.GetUUIDFunc = func() (string, nvml.Return) { return "", bad }
		},
		"memory": func(_ *mock.Interface, d *mock.Device) {
			d.GetMemoryInfoFunc = func() (nvml.Memory, nvml.Return) { return nvml.Memory{}, bad }
		},
		"capability": func(_ *mock.Interface, d *mock.Device) {
			d.GetCudaComputeCapabilityFunc = func() (int, int, nvml.Return) { return 0, 0, bad }
		},
	} {
		_, _, err := NVML(broken(edit))
		require.Error(t, err, name)
		require.NotErrorIs(t, err, ErrNoDriver, name)
	}
}

func TestOldGPUHasNoMIG(t *testing.T) {
	gpus, _, err := NVML(broken(func(_ *mock.Interface, d *mock.Device) {
		d.GetMigModeFunc = func() (int, int, nvml.Return) { return 0, 0, nvml.ERROR_NOT_SUPPORTED }
		d.GetEccModeFunc = func() (nvml.EnableState, nvml.EnableState, nvml.Return) { return 0, 0, nvml.ERROR_NOT_SUPPORTED }
	}))
	require.NoError(t, err)
	require.False(t, gpus[0].MIG || gpus[0].ECC)
}
