// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// script is what Slurm runs on the node.
func (r *run) script(t *try) []byte {
	return fmt.Appendf(nil, "#!/bin/sh\n# Made by cupel-worker.\numask 077\nexec %s exec --job %s\n", quote(r.e.opts.Program), quote(t.dir))
}

// quote makes one word of the shell out of any text.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// arguments are those of sbatch. Slurm's own requeue is off: a second run has
// a directory of its own.
func (r *run) arguments(t *try) []string {
	o, job := r.e.opts, r.job
	cpus := uint32(1)
	if job.Container != nil {
		cpus = max(cpus, job.Container.CPUs)
	}
	args := []string{
		"--parsable", "--export=ALL", "--no-requeue", "--nodes=1", "--ntasks=1",
		"--job-name=" + t.name, "--comment=" + comment(job.Origin),
		"--cpus-per-task=" + strconv.FormatUint(uint64(cpus), 10),
		"--mem=" + strconv.FormatUint((job.MemoryBytes+o.MemoryOverhead+1<<20-1)>>20, 10) + "M",
		"--time=" + strconv.FormatInt(minutes(job.Wall+o.TimeOverhead), 10),
		"--chdir=" + t.dir, "--output=" + filepath.Join(t.dir, logFile), "--open-mode=append",
	}
	for name, value := range map[string]string{"partition": o.Partition, "account": o.Account, "qos": o.QOS, "constraint": o.Constraint} {
		if value != "" {
			args = append(args, "--"+name+"="+value)
		}
	}
	if need := job.GPUNeed(); need.Count > 0 {
		kind := "gpu:"
		if o.GPUType != "" {
			kind += o.GPUType + ":"
		}
		args = append(args, "--gres="+kind+strconv.Itoa(need.Count))
	}
	return append(args, filepath.Join(t.dir, scriptFile))
}

// minutes rounds up: that is Slurm's unit.
func minutes(d time.Duration) int64 { return int64((d + time.Minute - 1) / time.Minute) }
