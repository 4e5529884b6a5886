//go:build linux

package epoll

import (
	"context"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// connect returns a socket connected to the address. It is the server's kernel
// that completes the connection; the server may never accept it.
func connect(ctx context.Context, at netip.AddrPort) (int, error) {
	if err := ctx.Err(); err != nil {
		return -1, err
	}
	fd, err := newSocket(at)
	if err != nil {
		return -1, err
	}
	err = begin(fd, at)
	if err == unix.EINPROGRESS {
		err = finish(ctx, fd)
	}
	if err == nil {
		err = notOneself(fd)
	}
	if err == nil {
		err = noDelay(fd)
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// begin sends the SYN. EINPROGRESS is how a non-blocking socket says that it did.
func begin(fd int, at netip.AddrPort) error {
	switch err := unix.Connect(fd, sockaddr(at)); err {
	case nil:
		return nil
	case unix.EINPROGRESS, unix.EINTR: // interrupted, it goes on all the same
		return unix.EINPROGRESS
	default:
		return os.NewSyscallError("connect", err)
	}
}

// finish sleeps until the connection stands or has failed. connect(2): "After
// select(2) indicates writability, use getsockopt(2) to read the SO_ERROR option".
func finish(ctx context.Context, fd int) error {
	stop := onDone(ctx, func() { unix.Shutdown(fd, unix.SHUT_RDWR) })
	err := sleep(fd, unix.POLLOUT)
	if !stop() {
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	code, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	switch {
	case err != nil:
		return os.NewSyscallError("getsockopt", err)
	case code != 0:
		return os.NewSyscallError("connect", unix.Errno(code))
	default:
		return nil
	}
}

// notOneself refuses a connection to itself. When nobody listens on a port of the
// range from which the kernel takes source ports, one redial in thousands gets
// that very port, and TCP allows both ends of a connection to be the same
// (RFC 9293, simultaneous open): an echo from nobody.
func notOneself(fd int) error {
	here, err := unix.Getsockname(fd)
	if err != nil {
		return os.NewSyscallError("getsockname", err)
	}
	there, err := unix.Getpeername(fd)
	if err != nil {
		return os.NewSyscallError("getpeername", err)
	}
	if addrPort(here) == addrPort(there) {
		return os.NewSyscallError("connect", unix.ECONNREFUSED)
	}
	return nil
}
