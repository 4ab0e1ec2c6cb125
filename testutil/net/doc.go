// SPDX-License-Identifier: Apache-2.0

// Package net runs Cupel networks as processes on this machine: validators
// and workers with homes of their own, on loopback ports that nobody else
// uses. It imports the standard library only, so that what uses it is built in
// a second, and drives everything through the binaries that people use.
package net
