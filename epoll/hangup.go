//go:build linux

package epoll

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// retired is how much input is thrown away, at most, in bytes: more than the
// buffers of both kernels hold.
const retired = 16 << 20

var errWaste = errors.New("input goes on after the end")

// hangUp lets replies under way arrive. close(2) with unread input sends RST, and
// the peer loses what it has not received; so send FIN, and read until the
// peer's own FIN, throwing away a bounded amount for a bounded time.
func (c *conn) hangUp(d *desk) error {
	if !c.hung {
		c.hung, c.moved = true, true
		if err := unix.Shutdown(c.fd, unix.SHUT_WR); err != nil {
			return os.NewSyscallError("shutdown", err)
		}
	}
	for c.waste < retired {
		n, err := read(c.fd, d.in)
		c.dry = err == unix.EAGAIN
		switch {
		case c.dry || err == unix.EINTR:
			return nil
		case err != nil:
			return os.NewSyscallError("read", err)
		case n == 0:
			return io.EOF
		}
		c.waste += n
	}
	return errWaste
}
