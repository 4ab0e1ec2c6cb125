// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"testing"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
)

// measured makes a device say what dcgm-exporter shows.
func measured(d *mock.Device) {
	d.GetTemperatureFunc = func(nvml.TemperatureSensors) (uint32, nvml.Return) { return 61, nvml.SUCCESS }
	d.GetPowerUsageFunc = func() (uint32, nvml.Return) { return 250_500, nvml.SUCCESS }
	d.GetTotalEnergyConsumptionFunc = func() (uint64, nvml.Return) { return 12345, nvml.SUCCESS }
	d.GetUtilizationRatesFunc = func() (nvml.Utilization, nvml.Return) { return nvml.Utilization{Gpu: 90, Memory: 40}, nvml.SUCCESS }
	d.GetMemoryInfoFunc = func() (nvml.Memory, nvml.Return) {
		return nvml.Memory{Total: 80 << 30, Used: 10 << 30, Free: 70 << 30}, nvml.SUCCESS
	}
	d.GetFieldValuesFunc = func(v []nvml.FieldValue) nvml.Return {
		v[0].Value[0] = 55
		return nvml.SUCCESS
	}
	d.GetClockInfoFunc = func(t nvml.ClockType) (uint32, nvml.Return) {
		if t == nvml.CLOCK_MEM {
			return 0, nvml.ERROR_NOT_SUPPORTED
		}
		return 1980, nvml.SUCCESS
	}
}

func gather(t *testing.T, p *Pool, uuid string) map[string]float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(NewCollector(p.monitor, p, "host1")))
	families, err := registry.Gather()
	require.NoError(t, err)
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			require.Len(t, labels, 5)
			require.Equal(t, "host1", labels["hostname"])
			require.Equal(t, "nvidia"+labels["gpu"], labels["device"])
			require.Contains(t, labels["modelName"], "A100")
			if labels["UUID"] == uuid {
				got[f.GetName()] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	return got
}

func TestCollectorUsesTheKnownNames(t *testing.T) {
	m := newMachine()
	for i := range m.Devices {
		measured(&m.device(i).Device)
	}
	p := m.pool(t, statePath(t), "boot")
	lend(t, p, "job", 1)
	want := map[string]float64{
		"DCGM_FI_DEV_GPU_TEMP": 61, "DCGM_FI_DEV_MEMORY_TEMP": 55, "DCGM_FI_DEV_POWER_USAGE": 250.5,
		"DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION": 12345, "DCGM_FI_DEV_GPU_UTIL": 90, "DCGM_FI_DEV_MEM_COPY_UTIL": 40,
		"DCGM_FI_DEV_FB_USED": 10 << 10, "DCGM_FI_DEV_FB_FREE": 70 << 10, "DCGM_FI_DEV_SM_CLOCK": 1980,
		"DCGM_FI_DEV_XID_ERRORS": 0, "DCGM_FI_DEV_ROW_REMAP_FAILURE": 0, "DCGM_FI_DEV_ROW_REMAP_PENDING": 0,
		"DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS": 0, "DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS": 0, "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL": 0,
		"worker_gpu_lent": 1, "worker_gpu_faults": 0,
	}
	require.Equal(t, want, gather(t, p, m.device(0).UUID), "what the device does not say is left out")

	m.edit(func() {
		m.errors[1] = MemoryErrors{Uncorrected: 2, RemappedUncorrectable: 3, RemappedCorrectable: 4, RemapFailure: true}
	})
	m.xid(1, 63)
	uuid := m.device(1).UUID
	require.Eventually(t, func() bool { return p.monitor.XID(uuid) == 63 }, waitFor, tick)
	got := gather(t, p, uuid)
	for name, v := range map[string]float64{
		"DCGM_FI_DEV_XID_ERRORS": 63, "DCGM_FI_DEV_ROW_REMAP_FAILURE": 1, "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL": 2,
		"DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS": 3, "DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS": 4, "worker_gpu_lent": 0, "worker_gpu_faults": 3,
	} {
		require.Equal(t, v, got[name], name)
	}

	// A device that is lost keeps its labels.
	m.edit(func() { m.gone[1] = true })
	got = gather(t, p, uuid)
	require.EqualValues(t, 2, got["worker_gpu_faults"])
	require.NotContains(t, got, "DCGM_FI_DEV_GPU_TEMP")
}

func TestMonitorWithoutDriver(t *testing.T) {
	_, err := OpenMonitor(&mock.Interface{InitFunc: func() nvml.Return { return nvml.ERROR_LIBRARY_NOT_FOUND }}, nil)
	require.ErrorIs(t, err, ErrNoDriver)
}
