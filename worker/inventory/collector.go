// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"strconv"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/prometheus/client_golang/prometheus"
)

// gauge is a figure of a device under the name that dcgm-exporter gives it, so
// that existing dashboards work.
type gauge struct {
	desc *prometheus.Desc
	read func(nvml.Device) (float64, nvml.Return)
}

var gpuLabels = []string{"gpu", "UUID", "device", "modelName", "hostname"}

func newGauge(name, help string, read func(nvml.Device) (float64, nvml.Return)) gauge {
	return gauge{prometheus.NewDesc("DCGM_FI_DEV_"+name, help, gpuLabels, nil), read}
}

// Collector is a Prometheus collector of the GPUs that were listed when it was
// made. It holds the library open until Close.
type Collector struct {
	lib    nvml.Interface
	host   string
	gpus   []GPU
	gauges []gauge
}

// NewCollector opens the library and lists the devices. It returns ErrNoDriver
// if there is no driver.
func NewCollector(lib nvml.Interface, host string) (*Collector, error) {
	gpus, _, err := NVML(lib)
	if err != nil {
		return nil, err
	}
	if ret := lib.Init(); ret != nvml.SUCCESS {
		return nil, ErrNoDriver
	}
	return &Collector{lib: lib, host: host, gpus: gpus, gauges: gauges()}, nil
}

func gauges() []gauge {
	return []gauge{
		newGauge("GPU_TEMP", "GPU temperature in C.", func(d nvml.Device) (float64, nvml.Return) {
			v, ret := d.GetTemperature(nvml.TEMPERATURE_GPU)
			return float64(v), ret
		}),
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
	}
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, g := range c.gauges {
		ch <- g.desc
	}
}

// Collect implements prometheus.Collector. What a device does not say is left
// out.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	for _, gpu := range c.gpus {
		dev, ret := c.lib.DeviceGetHandleByIndex(gpu.Index)
		if ret != nvml.SUCCESS {
			continue
		}
		index := strconv.Itoa(gpu.Index)
		for _, g := range c.gauges {
			v, ret := g.read(dev)
			if ret != nvml.SUCCESS {
				continue
			}
			ch <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, v, index, gpu.UUID, "nvidia"+index, gpu.Model, c.host)
		}
	}
}

// Close releases the library.
func (c *Collector) Close() { _ = c.lib.Shutdown() }
