// SPDX-License-Identifier: Apache-2.0

package job

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/jobfile"
)

const (
	flagBaseURL      = "base-url"
	flagAllowOutside = "allow-outside"
	flagBlockTime    = "block-time"
)

// addFileFlags adds the flags that say how a job file is read.
func addFileFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.String(flagBaseURL, "", "URL at which the directory of the job file is served; without it providers read the files from this machine")
	f.Bool(flagAllowOutside, false, "allow paths that leave the directory of the job file")
	f.Duration(flagBlockTime, jobfile.DefaultBlockTime, "expected time between blocks, to count the deadline in")
}

// fileOptions are the values of the file flags.
func fileOptions(cmd *cobra.Command) (jobfile.Options, error) {
	base, err1 := cmd.Flags().GetString(flagBaseURL)
	outside, err2 := cmd.Flags().GetBool(flagAllowOutside)
	block, err3 := cmd.Flags().GetDuration(flagBlockTime)
	if err := errors.Join(err1, err2, err3); err != nil {
		return jobfile.Options{}, exit.Usage(err)
	}
	if block < time.Millisecond {
		return jobfile.Options{}, failf(exit.UsageError, "--%s %s is less than 1ms", flagBlockTime, block)
	}
	return jobfile.Options{BaseURL: base, AllowOutside: outside, BlockTime: block}, nil
}

// noDigest ends the image in the template of init.
var noDigest = "@sha256:" + strings.Repeat("0", 64)

// load reads a job file and all that it names. Recipients is asked to whom
// inputs are encrypted, if they are; nil leaves that open. Every mistake in it is a usage
// error of one line that starts with the path.
func load(path string, opts jobfile.Options, recipients func(*jobfile.File) ([]string, error)) (*jobfile.Job, error) {
	file, err := jobfile.Load(path)
	if err != nil {
		return nil, inFile(path, err)
	}
	if c := file.Container; c != nil && strings.HasSuffix(c.Image, noDigest) {
		return nil, inFile(path, errors.New("image still has the digest of the template, which is none: write that of your image, which "+
			"`docker buildx imagetools inspect NAME:TAG` prints"))
	}
	opts.Dir = filepath.Dir(path)
	if file.Encrypt.Inputs && recipients != nil {
		if opts.Recipients, err = recipients(file); err != nil {
			return nil, err
		}
	}
	job, err := file.Build(opts)
	if err != nil {
		return nil, inFile(path, err)
	}
	return job, nil
}

func inFile(path string, err error) error {
	return exit.Usage(fmt.Errorf("%s: %w", path, err))
}
