// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"strings"
	"testing"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
)

func measured(_ *mock.Interface, d *mock.Device) {
	d.GetTemperatureFunc = func(nvml.TemperatureSensors) (uint32, nvml.Return) { return 61, nvml.SUCCESS }
	d.GetPowerUsageFunc = func() (uint32, nvml.Return) { return 250_500, nvml.SUCCESS }
	d.GetUtilizationRatesFunc = func() (nvml.Utilization, nvml.Return) { return nvml.Utilization{Gpu: 90, Memory: 40}, nvml.SUCCESS }
	d.GetMemoryInfoFunc = func() (nvml.Memory, nvml.Return) {
		return nvml.Memory{Total: 80 << 30, Used: 10 << 30, Free: 70 << 30}, nvml.SUCCESS
	}
	d.GetClockInfoFunc = func(t nvml.ClockType) (uint32, nvml.Return) {
		if t == nvml.CLOCK_MEM {
			return 0, nvml.ERROR_NOT_SUPPORTED
		}
		return 1980, nvml.SUCCESS
	}
}

func TestCollectorUsesTheKnownNames(t *testing.T) {
	c, err := NewCollector(broken(measured), "host1")
	require.NoError(t, err)
	defer c.Close()
	registry := prometheus.NewRegistry()
	require.NoError(t, registry.Register(c))
	families, err := registry.Gather()
	require.NoError(t, err)
	got := map[string]float64{}
	for _, f := range families {
		m := f.GetMetric()[0]
		got[strings.TrimPrefix(f.GetName(), "DCGM_FI_DEV_")] = m.GetGauge().GetValue()
		labels := map[string]string{}
		for _, l := range m.GetLabel() {
			labels[l.GetName()] = l.GetValue()
		}
		require.Equal(t, map[string]string{"gpu": "0", "UUID": "GPU-1", "device": "nvidia0", "modelName": "GPU", "hostname": "host1"}, labels)
	}
	require.Equal(t, map[string]float64{
		"GPU_TEMP": 61, "POWER_USAGE": 250.5, "GPU_UTIL": 90, "MEM_COPY_UTIL": 40, "FB_USED": 10 << 10, "FB_FREE": 70 << 10, "SM_CLOCK": 1980,
	}, got, "what the device does not say is left out")
}

func TestCollectorWithoutDriver(t *testing.T) {
	_, err := NewCollector(&mock.Interface{InitFunc: func() nvml.Return { return nvml.ERROR_LIBRARY_NOT_FOUND }}, "h")
	require.ErrorIs(t, err, ErrNoDriver)
}
