// SPDX-License-Identifier: Apache-2.0

package net

import (
	"errors"
	"fmt"
	"math/rand/v2"
	gonet "net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// Ports are claimed in blocks below those that the system hands out, so that
// an outgoing connection never takes one.
const (
	firstPort  = 20_000
	blockSize  = 100
	portBlocks = 120
)

// Ports is a block of loopback ports that no other network of this machine
// uses. The claim ends with Release or with the process.
type Ports struct {
	lock *os.File
	base int
	next int
}

// ClaimPorts claims a block of 100 ports that are free.
func ClaimPorts() (*Ports, error) {
	start := rand.IntN(portBlocks) //nolint:gosec // where to look first is no secret
	for i := range portBlocks {
		ports, err := claim(firstPort + (start+i)%portBlocks*blockSize)
		if !errors.Is(err, errTaken) {
			return ports, err
		}
	}
	return nil, errors.New("all blocks of ports from 20000 to 32000 are taken: end some other networks")
}

var errTaken = errors.New("the ports are in use: does the network run already?")

// claim claims one block; errTaken if it is not free.
func claim(base int) (*Ports, error) {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("cupel-ports-%d", os.Getuid()))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, strconv.Itoa(base)), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil && allFree(base) {
		return &Ports{lock: lock, base: base}, nil
	}
	return nil, errors.Join(fmt.Errorf("ports %d to %d: %w", base, base+blockSize-1, errTaken), lock.Close())
}

func allFree(base int) bool {
	for port := base; port < base+blockSize; port++ {
		l, err := gonet.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)) //nolint:noctx // it does not wait
		if err != nil {
			return false
		}
		if l.Close() != nil {
			return false
		}
	}
	return true
}

// Take returns the first of n ports in a row.
func (p *Ports) Take(n int) (int, error) {
	if p.next+n > blockSize {
		return 0, fmt.Errorf("a network has %d ports and needs more: make it smaller", blockSize)
	}
	first := p.base + p.next
	p.next += n
	return first, nil
}

// Release ends the claim.
func (p *Ports) Release() error { return p.lock.Close() }
