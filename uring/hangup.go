//go:build linux

package uring

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// retired is how much input is thrown away, at most, in bytes: more than the
// buffers of both kernels hold.
const retired = 16 << 20

var errWaste = errors.New("input goes on after the end")

// hangUp lets replies under way arrive. close(2) with unread input sends RST, and
// the peer loses what it has not received; so send FIN, and receive until the
// peer's own FIN, throwing away a bounded amount for a bounded time.
func (c *conn) hangUp() error {
	if !c.hung {
		c.hung, c.moved = true, true
		if err := unix.Shutdown(c.fd, unix.SHUT_WR); err != nil {
			return os.NewSyscallError("shutdown", err)
		}
	}
	if c.waste >= retired {
		return errWaste
	}
	return nil
}
