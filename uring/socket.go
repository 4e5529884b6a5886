//go:build linux

package uring

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// resolve turns "host:port" into what the kernel takes: one address for each
// that the host has. An empty host stands for the addresses in blank.
func resolve(ctx context.Context, addr string, blank ...netip.Addr) ([]netip.AddrPort, error) {
	host, service, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	port, err := net.DefaultResolver.LookupPort(ctx, "tcp", service)
	if err != nil {
		return nil, err
	}
	hosts := blank
	if host != "" {
		if hosts, err = net.DefaultResolver.LookupNetIP(ctx, "ip", host); err != nil {
			return nil, err
		}
	}
	at := make([]netip.AddrPort, len(hosts))
	for i, ip := range hosts {
		at[i] = netip.AddrPortFrom(ip.Unmap(), uint16(port))
	}
	return at, nil
}

// each tries the addresses in order until one works; the last error stands for all.
func each(at []netip.AddrPort, open func(netip.AddrPort) (int, error)) (fd int, err error) {
	err = errors.New("no address")
	for _, a := range at {
		if fd, err = open(a); err == nil {
			return fd, nil
		}
		err = fmt.Errorf("%s: %w", a, err)
	}
	return -1, err
}

// newSocket opens a TCP socket.
func newSocket(at netip.AddrPort) (int, error) {
	family := unix.AF_INET
	if at.Addr().Is6() {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	return fd, os.NewSyscallError("socket", err)
}

// sockaddr is at in the kernel's form. NOTE: an IPv6 zone ("fe80::1%eth0") is left out.
func sockaddr(at netip.AddrPort) unix.Sockaddr {
	if at.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(at.Port()), Addr: at.Addr().As16()}
}

// addrPort is sockaddr's inverse.
func addrPort(sa unix.Sockaddr) netip.AddrPort {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr).Unmap(), uint16(sa.Port))
	default:
		return netip.AddrPort{}
	}
}

// lastBreath is how long the port of a server that was killed may be taken still.
// Its ring outlives it: the kernel ends what is in flight when the process has gone
// and been waited for, on a thread of its own, and the accept in flight holds the
// listening socket until then (5 to 46 ms on the machine where this was written).
const lastBreath = 500 * time.Millisecond

// bindListen returns a socket that accepts at the address.
func bindListen(at netip.AddrPort) (int, error) {
	for end := time.Now().Add(lastBreath); ; time.Sleep(lastBreath / 100) {
		fd, err := bindListenOnce(at)
		if !errors.Is(err, unix.EADDRINUSE) || time.Now().After(end) {
			return fd, err
		}
	}
}

func bindListenOnce(at netip.AddrPort) (int, error) {
	fd, err := newSocket(at)
	if err != nil {
		return -1, err
	}
	// Without it bind(2) refuses the port for a minute after a restart, while
	// connections of the server before are in TIME_WAIT.
	err = os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1))
	if err == nil {
		err = os.NewSyscallError("bind", unix.Bind(fd, sockaddr(at)))
	}
	if err == nil {
		err = os.NewSyscallError("listen", unix.Listen(fd, backlog))
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// backlog is how many connections wait to be accepted. listen(2): a value over
// /proc/sys/net/core/somaxconn "is silently capped to that value".
const backlog = 4096

// noDelay sends each write at once. Nagle's algorithm would hold the second of
// two small ones until the peer has acknowledged the first, up to 40 ms later.
func noDelay(fd int) error {
	return os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1))
}
