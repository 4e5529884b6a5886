//go:build linux

package epoll

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"echolab/echo"
	"echolab/echo/frame"
)

// exchange writes, then reads; sent is how many bytes of the frame were written.
// ctx wakes it by ending the connection, which is spent then in any case.
func (c *Conn) exchange(ctx context.Context, msg []byte) (reply []byte, sent int, err error) {
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	stop := onDone(ctx, c.wake)
	if err = c.quiet(); err == nil {
		c.out = frame.Append(c.out[:0], msg)
		sent, err = c.send()
	}
	if err == nil {
		reply, err = c.receive()
	}
	if !stop() && !errors.Is(err, echo.ErrMalformed) {
		err = ctx.Err() // also of an exchange that was just in time
	}
	return reply, sent, err
}

// quiet looks whether the server has spoken, or gone, before it was asked.
func (c *Conn) quiet() error {
	n, err := read(c.fd, c.in[:])
	switch {
	case err == unix.EAGAIN || err == unix.EINTR:
		return nil
	case err != nil:
		return os.NewSyscallError("read", err)
	case n == 0:
		return io.EOF
	default:
		return fmt.Errorf("%w: %d bytes came before the request", echo.ErrMalformed, n)
	}
}

func (c *Conn) send() (sent int, err error) {
	for {
		unsent, _, err := send(c.fd, c.out[sent:], nil)
		sent = len(c.out) - len(unsent)
		if err != nil || sent == len(c.out) {
			return sent, err
		}
		if err := sleep(c.fd, unix.POLLOUT); err != nil {
			return sent, err
		}
	}
}

// receive returns the one reply. A byte after it would be taken for the start of the next.
func (c *Conn) receive() ([]byte, error) {
	for {
		reply, ok, err := c.dec.Next()
		switch {
		case err != nil:
			return nil, err
		case ok && c.dec.Left() > 0:
			return nil, fmt.Errorf("%w: %d bytes came after the reply", echo.ErrMalformed, c.dec.Left())
		case ok:
			return bytes.Clone(reply), nil // the decoder's buffer is lent, the reply is given
		}
		if err := c.fill(); err != nil {
			return nil, err
		}
	}
}

// fill reads once, and sleeps first if there is nothing to read.
func (c *Conn) fill() error {
	into, direct := c.in[:], false
	if room := c.dec.Room(); len(room) > len(into) {
		into, direct = room, true
	}
	n, err := read(c.fd, into)
	switch {
	case err == unix.EAGAIN:
		return sleep(c.fd, unix.POLLIN)
	case err == unix.EINTR:
		return nil
	case err != nil:
		return os.NewSyscallError("read", err)
	case n == 0:
		return io.EOF
	case direct:
		c.dec.Filled(n)
	default:
		c.dec.Feed(into[:n])
	}
	return nil
}

// sleep waits until fd is ready, in error, or shut down; the call that follows
// finds out which.
func sleep(fd int, events int16) error {
	for {
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: events}}, -1)
		if err != unix.EINTR {
			return os.NewSyscallError("poll", err)
		}
	}
}
