// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"encoding/binary"
	"strconv"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/prometheus/client_golang/prometheus"
)

// gauge is a figure of a device under the name that dcgm-exporter gives it, so
// that existing dashboards work.
type gauge struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	read func(nvml.Device) (float64, nvml.Return)
}

var gpuLabels = []string{"gpu", "UUID", "device", "modelName", "hostname"}

func newGauge(name, help string, read func(nvml.Device) (float64, nvml.Return)) gauge {
	return gauge{prometheus.NewDesc("DCGM_FI_DEV_"+name, help, gpuLabels, nil), prometheus.GaugeValue, read}
}

// Collector is a Prometheus collector of the GPUs.
type Collector struct {
	monitor *Monitor
	pool    *Pool
	host    string
	gauges  []gauge
	states  []stateGauge
	lent    *prometheus.Desc
	faults  *prometheus.Desc
}

// NewCollector measures what the monitor watches and the pool lends.
func NewCollector(monitor *Monitor, pool *Pool, host string) *Collector {
	return &Collector{
		monitor: monitor, pool: pool, host: host, gauges: gauges(), states: stateGauges(),
		lent:   prometheus.NewDesc("worker_gpu_lent", "Leases of the GPU or of its slices.", gpuLabels, nil),
		faults: prometheus.NewDesc("worker_gpu_faults", "Reasons why the GPU gets no new work.", gpuLabels, nil),
	}
}

// stateGauge is a figure that the monitor has read already.
type stateGauge struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	read func(GPU, *Monitor) float64
}

func stateGauges() []stateGauge {
	one := func(name, help string, kind prometheus.ValueType, read func(GPU, *Monitor) float64) stateGauge {
		return stateGauge{prometheus.NewDesc("DCGM_FI_DEV_"+name, help, gpuLabels, nil), kind, read}
	}
	flag := func(b bool) float64 {
		if b {
			return 1
		}
		return 0
	}
	return []stateGauge{
		one("XID_ERRORS", "Value of the last XID error encountered.", prometheus.GaugeValue, func(g GPU, m *Monitor) float64 { return float64(m.XID(g.UUID)) }),
		one("ROW_REMAP_FAILURE", "Whether remapping of rows has failed.", prometheus.GaugeValue, func(g GPU, _ *Monitor) float64 { return flag(g.Memory.RemapFailure) }),
		one("ROW_REMAP_PENDING", "Whether remapping of rows awaits a reset.", prometheus.GaugeValue, func(g GPU, _ *Monitor) float64 { return flag(g.Memory.RemapPending) }),
		one("UNCORRECTABLE_REMAPPED_ROWS", "Number of remapped rows for uncorrectable errors.", prometheus.CounterValue, func(g GPU, _ *Monitor) float64 { return float64(g.Memory.RemappedUncorrectable) }),
		one("CORRECTABLE_REMAPPED_ROWS", "Number of remapped rows for correctable errors.", prometheus.CounterValue, func(g GPU, _ *Monitor) float64 { return float64(g.Memory.RemappedCorrectable) }),
		one("ECC_DBE_VOL_TOTAL", "Total number of double-bit volatile ECC errors.", prometheus.CounterValue, func(g GPU, _ *Monitor) float64 { return float64(g.Memory.Uncorrected) }),
	}
}

func gauges() []gauge {
	return []gauge{
		newGauge("GPU_TEMP", "GPU temperature in C.", func(d nvml.Device) (float64, nvml.Return) {
			v, ret := d.GetTemperature(nvml.TEMPERATURE_GPU)
			return float64(v), ret
		}),
		newGauge("MEMORY_TEMP", "Memory temperature in C.", memoryTemp),
		newGauge("POWER_USAGE", "Power draw in W.", func(d nvml.Device) (float64, nvml.Return) {
			v, ret := d.GetPowerUsage()
			return float64(v) / 1000, ret
		}),
		newGauge("GPU_UTIL", "GPU utilization in percent.", func(d nvml.Device) (float64, nvml.Return) {
			v, ret := d.GetUtilizationRates()
			return float64(v.Gpu), ret
		}),
		newGauge("MEM_COPY_UTIL", "Memory utilization in percent.", func(d nvml.Device) (float64, nvml.Return) {
			v, ret := d.GetUtilizationRates()
			return float64(v.Memory), ret
		}),
		newGauge("FB_USED", "Memory used in MiB.", func(d nvml.Device) (float64, nvml.Return) {
			v, ret := d.GetMemoryInfo()
			return float64(v.Used >> 20), ret
		}),
		newGauge("FB_FREE", "Memory free in MiB.", func(d nvml.Device) (float64, nvml.Return) {
			v, ret := d.GetMemoryInfo()
			return float64(v.Free >> 20), ret
		}),
		newGauge("SM_CLOCK", "SM clock in MHz.", func(d nvml.Device) (float64, nvml.Return) {
			v, ret := d.GetClockInfo(nvml.CLOCK_SM)
			return float64(v), ret
		}),
		newGauge("MEM_CLOCK", "Memory clock in MHz.", func(d nvml.Device) (float64, nvml.Return) {
			v, ret := d.GetClockInfo(nvml.CLOCK_MEM)
			return float64(v), ret
		}),
		energy(),
	}
}

func energy() gauge {
	g := newGauge("TOTAL_ENERGY_CONSUMPTION", "Energy used since the driver was loaded, in mJ.", func(d nvml.Device) (float64, nvml.Return) {
		v, ret := d.GetTotalEnergyConsumption()
		return float64(v), ret
	})
	g.kind = prometheus.CounterValue
	return g
}

// memoryTemp reads a field that only devices with HBM have.
func memoryTemp(d nvml.Device) (float64, nvml.Return) {
	values := []nvml.FieldValue{{FieldId: nvml.FI_DEV_MEMORY_TEMP}}
	ret := d.GetFieldValues(values)
	if ret == nvml.SUCCESS {
		ret = nvml.Return(values[0].NvmlReturn)
	}
	v := binary.NativeEndian.Uint32(values[0].Value[:4])
	if ret == nvml.SUCCESS && v == 0 {
		ret = nvml.ERROR_NOT_SUPPORTED
	}
	return float64(v), ret
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, g := range c.gauges {
		ch <- g.desc
	}
	for _, g := range c.states {
		ch <- g.desc
	}
	ch <- c.lent
	ch <- c.faults
}

// Collect implements prometheus.Collector. What a device does not say is left
// out.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	gpus, err := c.monitor.GPUs()
	if err != nil {
		ch <- prometheus.NewInvalidMetric(c.faults, err)
		return
	}
	leased := c.pool.Leased()
	for _, gpu := range gpus {
		index := strconv.Itoa(gpu.Index)
		labels := []string{index, gpu.UUID, "nvidia" + index, gpu.Model, c.host}
		lent := 0
		for _, u := range gpu.units() {
			if leased[u.UUID] != "" {
				lent++
			}
		}
		ch <- prometheus.MustNewConstMetric(c.lent, prometheus.GaugeValue, float64(lent), labels...)
		ch <- prometheus.MustNewConstMetric(c.faults, prometheus.GaugeValue, float64(len(gpu.Faults)), labels...)
		for _, g := range c.states {
			ch <- prometheus.MustNewConstMetric(g.desc, g.kind, g.read(gpu, c.monitor), labels...)
		}
		c.measure(ch, gpu.Index, labels)
	}
}

func (c *Collector) measure(ch chan<- prometheus.Metric, index int, labels []string) {
	dev, ret := c.monitor.lib.DeviceGetHandleByIndex(index)
	if ret != nvml.SUCCESS {
		return
	}
	for _, g := range c.gauges {
		if v, ret := g.read(dev); ret == nvml.SUCCESS {
			ch <- prometheus.MustNewConstMetric(g.desc, g.kind, v, labels...)
		}
	}
}
