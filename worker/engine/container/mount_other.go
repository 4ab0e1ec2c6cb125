// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package container

import "errors"

func canMount(string) (bool, error) { return false, nil }

func mountTmpfs(string, int64, int) error { return errors.ErrUnsupported }

func unmount(string) error { return nil }

func mounted(string) bool { return false }

func full(string) bool { return false }

func killProcess(int, string) error { return errors.ErrUnsupported }
