// SPDX-License-Identifier: Apache-2.0

// Package e2eworker holds the phases of `make e2e-worker`: workers before real
// container daemons and clusters, their jobs settled on a chain of this
// machine. Each phase is a function that returns its figures.
package e2eworker
