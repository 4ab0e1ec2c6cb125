// SPDX-License-Identifier: Apache-2.0

package manifest

// ContainerClasses is what the names of all container classes start with.
const ContainerClasses = "container/"

// Container is what all tasks of a container class run. Memory and time are
// limits of the batch; engine.Container says what each field may be.
type Container struct {
	// Image is NAME@sha256:HEX, or sha256:HEX.
	Image string `json:"image"`
	// Command replaces the entry point and the arguments of the image.
	Command    []string `json:"command,omitempty"`
	CPUs       uint32   `json:"cpus"`
	ScratchMiB uint32   `json:"scratch_mib"`
	// GPUs are whole devices for the task alone, each with this much memory.
	GPUs    uint32 `json:"gpus,omitempty"`
	VRAMMiB uint32 `json:"vram_mib,omitempty"`
}
