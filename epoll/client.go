//go:build linux

package epoll

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"echolab/echo"
	"echolab/echo/frame"
)

// A Conn is one non-blocking socket and the goroutine that uses it. It sleeps in
// poll(2), and a thread with it: for a single descriptor an epoll set would only
// be one descriptor more.
type Conn struct {
	o      echo.Options
	fd     int
	dec    frame.Decoder
	in     [512]byte  // what is read, but for the rest of a large reply
	out    []byte     // the request as a frame
	spent  error      // why no further Echo is possible
	busy   sync.Mutex // is held while fd is used; guards all of the above
	closed atomic.Bool
}

// Connect opens one TCP connection, trying the addresses of a host name in
// turn; see [echo.Connect]. NOTE: resolving a name happens in package net.
func Connect(ctx context.Context, addr string, o echo.Options) (*Conn, error) {
	at, err := resolve(ctx, addr, netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", echo.ErrNoServer, err)
	}
	fd, err := each(at, func(at netip.AddrPort) (int, error) { return connect(ctx, at) })
	if err != nil {
		return nil, fmt.Errorf("%w: %w", echo.ErrNoServer, err)
	}
	o = o.WithDefaults()
	return &Conn{o: o, fd: fd, dec: frame.NewDecoder(o.MaxMessage)}, nil
}

// Echo sends msg and returns the reply; see [echo.Conn].
func (c *Conn) Echo(ctx context.Context, msg []byte) ([]byte, error) {
	if err := c.o.CheckSize(msg); err != nil {
		return nil, err
	}
	c.busy.Lock()
	defer c.busy.Unlock()
	if c.closed.Load() {
		return nil, echo.ErrClosed
	}
	if c.spent != nil {
		return nil, fmt.Errorf("%w: the connection is spent: %w", echo.ErrNoServer, c.spent)
	}
	reply, sent, err := c.exchange(ctx, msg)
	if err == nil {
		return reply, nil
	}
	c.spent = err
	switch {
	case c.closed.Load():
		return nil, echo.ErrClosed
	case sent == 0 && !errors.Is(err, echo.ErrMalformed):
		return nil, fmt.Errorf("%w: %w", echo.ErrNoServer, err)
	default:
		return nil, fmt.Errorf("%w: %w", echo.ErrNoReply, err)
	}
}

// Close ends the connection, and a blocked Echo with echo.ErrClosed.
func (c *Conn) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	c.wake()
	c.busy.Lock() // a number must not be closed while another goroutine uses it
	defer c.busy.Unlock()
	return os.NewSyscallError("close", unix.Close(c.fd))
}

// wake ends a sleep in poll(2), the one under way or the next: shutdown(2) makes
// the socket readable and writable, and it stays so. ENOTCONN says that the
// peer has done it already.
func (c *Conn) wake() { unix.Shutdown(c.fd, unix.SHUT_RDWR) }
