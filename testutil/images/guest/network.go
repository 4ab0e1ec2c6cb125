// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// network are attempts to reach anything.
func network() map[string]func() verdict {
	return map[string]func() verdict{
		"metadata": metadata, "localhost": localhost, "host-address": hostAddress, "internet": internet, "dns": dns,
		"raw-socket": rawSocket, "abstract-socket": abstractSocket, "vsock": vsock, "netlink": netlink, "interfaces": interfaces,
		"odd-sockets": oddSockets, "bind-all": bindAll,
	}
}

func dial(kind, address string) verdict {
	c, err := net.DialTimeout(kind, address, 2*time.Second)
	if err == nil {
		_ = c.Close()
	}
	return refused("dial "+address, err)
}

func metadata() verdict {
	return first(dial("tcp", "169.254.169.254:80"), dial("tcp", "[fd00:ec2::254]:80"), dial("tcp", "100.100.100.200:80"))
}

func localhost() verdict {
	port := os.Getenv("CANARY_PORT")
	return first(dial("tcp", "127.0.0.1:"+port), dial("tcp", "[::1]:"+port), dial("tcp", "0.0.0.0:"+port))
}

func hostAddress() verdict {
	return first(dial("tcp", net.JoinHostPort(os.Getenv("CANARY_IP"), os.Getenv("CANARY_PORT"))), dial("tcp", "172.17.0.1:"+os.Getenv("CANARY_PORT")))
}

func internet() verdict {
	c, err := net.Dial("udp", "8.8.8.8:53")
	if err == nil {
		_, err = c.Write([]byte("x"))
	}
	return first(refused("send to 8.8.8.8", err), dial("tcp", "1.1.1.1:443"))
}

func dns() verdict {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	_, err := net.DefaultResolver.LookupHost(ctx, "example.com")
	return refused("look up example.com", err)
}

func socket(what string, family, kind, protocol int) verdict {
	_, err := unix.Socket(family, kind, protocol)
	return refused(what, err)
}

func rawSocket() verdict {
	return first(socket("raw", unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP), socket("packet", unix.AF_PACKET, unix.SOCK_RAW, 0x300))
}

func abstractSocket() verdict { return dial("unix", "@"+os.Getenv("CANARY_SOCKET")) }

// vsock leads to the hypervisor past every network namespace.
func vsock() verdict { return socket("vsock", unix.AF_VSOCK, unix.SOCK_STREAM, 0) }

func oddSockets() verdict {
	return first(socket("alg", unix.AF_ALG, unix.SOCK_SEQPACKET, 0), socket("can", unix.AF_CAN, unix.SOCK_RAW, 1),
		socket("bluetooth", unix.AF_BLUETOOTH, unix.SOCK_RAW, 1), socket("xdp", unix.AF_XDP, unix.SOCK_RAW, 0), socket("tipc", unix.AF_TIPC, unix.SOCK_RDM, 0),
		socket("key", unix.AF_KEY, unix.SOCK_RAW, 2), socket("rds", unix.AF_RDS, unix.SOCK_SEQPACKET, 0))
}

// netlink asks the kernel for a new interface.
func netlink() verdict {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_NETFILTER)
	if err != nil {
		return contained("netlink: %v", err)
	}
	_ = fd
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return contained("socket: %v", err)
	}
	req, err := unix.NewIfreq("lo")
	if err != nil {
		return contained("request: %v", err)
	}
	req.SetUint16(unix.IFF_UP | unix.IFF_PROMISC)
	return refused("change an interface", unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, req))
}

func interfaces() verdict {
	all, err := net.Interfaces()
	for _, i := range all {
		if i.Flags&net.FlagLoopback == 0 && i.Flags&net.FlagUp != 0 {
			return escaped("interface %s is up", i.Name)
		}
	}
	return contained("%d interfaces, %v", len(all), err)
}

// bindAll listens where the host would be reached if the network were its own.
func bindAll() verdict {
	l, err := net.Listen("tcp", "0.0.0.0:"+os.Getenv("CANARY_PORT"))
	if err != nil && os.IsPermission(err) {
		return contained("listen: %v", err)
	}
	if err != nil {
		return escaped("the host's port is taken here: %v", err)
	}
	return contained("listened in a network of its own, %v", l.Close())
}
