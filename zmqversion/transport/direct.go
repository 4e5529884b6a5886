//go:build unix

package transport

import (
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// direct reads and writes the descriptor itself, non-blocking as it is, and lets
// net wait for it. raw.go says what this saves.
type direct struct {
	raw   syscall.RawConn // nil for a connection without descriptor, as in a test
	read  attempt
	write attempt
}

// An attempt is one use of the descriptor: a func that is made once, not a
// message, and what it works on.
type attempt struct {
	try func(descriptor uintptr) (done bool)
	p   []byte // to read into
	n   int
	err error
}

func (c *conn) openDirect() {
	if socket, ok := c.Conn.(syscall.Conn); ok {
		c.raw, _ = socket.SyscallConn()
		c.read.try, c.write.try = c.tryRead, c.tryWrite
	}
}

// receive reads once, and waits until there is something.
func (c *conn) receive(p []byte) (int, error) {
	if c.raw == nil {
		return c.Conn.Read(p)
	}
	c.read.p, c.read.n, c.read.err = p, 0, nil
	err := c.raw.Read(c.read.try)
	c.read.p = nil
	switch {
	case err != nil: // the deadline has passed, or the connection is closed
		return 0, err
	case c.read.err == nil && c.read.n == 0:
		return 0, io.EOF
	default:
		return c.read.n, c.read.err
	}
}

// tryRead reports false to be called again when the descriptor is readable.
func (c *conn) tryRead(descriptor uintptr) bool {
	for {
		n, err := read(int(descriptor), c.read.p)
		switch err {
		case nil:
			c.read.n = n // 0 is the end
		case unix.EINTR:
			continue // a signal came first; nothing was read
		case unix.EAGAIN:
			return false
		default:
			c.read.err = os.NewSyscallError("read", err)
		}
		return true
	}
}

// writeNow writes as much of the queue as the kernel has room for, and does not
// wait. c.mu is held.
func (c *conn) writeNow() error {
	if c.raw == nil {
		return nil
	}
	if err := c.raw.Write(c.write.try); err != nil {
		return err
	}
	return c.write.err
}

// tryWrite always reports that it is done, so that RawConn.Write does not wait.
func (c *conn) tryWrite(descriptor uintptr) bool {
	for len(c.queue) > 0 {
		n, err := writev(int(descriptor), c.queue)
		switch err {
		case nil:
			c.written(n) // may be fewer bytes than asked
		case unix.EINTR:
			// a signal came first; nothing was written
		case unix.EAGAIN:
			return true // kernel buffer full: the queue keeps the rest
		default:
			c.write.err = os.NewSyscallError("writev", err)
			return true
		}
	}
	return true
}

// written takes the first n bytes off the queue.
func (c *conn) written(n int) {
	c.sent = c.sent || n > 0
	for len(c.queue) > 0 && n >= len(c.queue[0]) {
		n -= len(c.queue[0])
		c.queue[0] = nil // the slot stays; the body need not
		c.queue = c.queue[1:]
	}
	if n > 0 {
		c.queue[0] = c.queue[0][n:]
	}
}
