// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/cupel-network/cupel/worker/engine"
)

// openInputs opens the standard input, when there is one, and the inputs in the
// order of the job. The child gets descriptors and no paths.
func openInputs(job engine.Job) ([]*os.File, error) {
	paths := make([]string, 0, len(job.Files)+1)
	if job.Stdin != "" {
		paths = append(paths, job.Stdin)
	}
	for _, f := range job.Files {
		paths = append(paths, f.HostPath)
	}
	files := make([]*os.File, 0, len(paths))
	for _, path := range paths {
		f, err := openRegular(path)
		if err != nil {
			closeAll(files)
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// openRegular does not block on a pipe and takes nothing but a regular file.
func openRegular(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("open an input: %w", err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("input %s is not a regular file", path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		_ = f.Close() // only read
	}
}
