// SPDX-License-Identifier: Apache-2.0

// Package sdnotify speaks the protocol of sd_notify(3): datagrams to the socket
// that systemd names in the environment.
package sdnotify

import (
	"fmt"
	"net"
	"os"
	"strings"
)

// The states that a service tells.
const (
	Ready    = "READY=1"
	Stopping = "STOPPING=1"
	Watchdog = "WATCHDOG=1"
)

// Status is a line that systemctl status shows.
func Status(text string) string { return "STATUS=" + strings.ReplaceAll(text, "\n", " ") }

// Bus is where states are sent to. The zero value sends nothing.
type Bus struct{ address string }

// FromEnv returns the bus that NOTIFY_SOCKET names, one that sends nothing if it
// is not set.
func FromEnv() Bus { return Bus{os.Getenv("NOTIFY_SOCKET")} }

// Enabled reports whether anybody listens.
func (b Bus) Enabled() bool { return b.address != "" }

// Send tells the states in one datagram. A name that begins with @ is an
// abstract socket.
func (b Bus) Send(states ...string) error {
	if !b.Enabled() {
		return nil
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: b.address, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("notify systemd: %w", err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(strings.Join(states, "\n"))); err != nil {
		return fmt.Errorf("notify systemd: %w", err)
	}
	return nil
}
