//go:build linux

package uring

import (
	"io"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"

	"echolab/echo"
	"echolab/echo/frame"
)

const (
	highWater = 64 << 10 // replies are gathered up to this, then sent
	inPlace   = 16 << 10 // from this size on, a message is not copied where it can be spared
)

// A conn is a connection of the server: bytes in, frames, bytes out. It has one
// operation in flight, always: it receives, or it sends what it owes. A client
// that reads no replies is soon unable to send requests, and harms nobody else.
type conn struct {
	alarm
	fd    int
	peer  netip.AddrPort
	dec   frame.Decoder
	owed  *[]byte // replies in flight, the kernel's to read; nil: it receives
	body  []byte  // the message of the last of them, if that lies in dec
	sent  int     // of both, in bytes
	room  bool    // it receives into dec's Room, the kernel's to write
	moved bool    // something was finished since the alarm was set
	cause error   // why no further request is answered; nil: they are
	waste int     // bytes thrown away since, and
	hung  bool    // our FIN was sent
	gone  error   // why it is closed when its operation has ended; nil: it is not
}

func newConn(fd int, peer netip.AddrPort, o echo.Options) *conn {
	return &conn{fd: fd, peer: peer, dec: frame.NewDecoder(o.MaxMessage)}
}

// received takes n bytes, which are in lent, or in dec's Room. Nothing is owed
// here, so the end of the input is the end of the connection: a client that has
// shut down its side still gets every reply.
func (c *conn) received(lent []byte, n int, err error) error {
	switch {
	case err == unix.ENOBUFS:
		c.moved = true // bytes have come, and it is us whom they wait for
		return nil
	case err == unix.EINTR:
		return nil // a signal came first; nothing was received
	case err != nil:
		return os.NewSyscallError("recv", err)
	case n == 0 && c.dec.Partial() && !c.hung:
		return io.ErrUnexpectedEOF
	case n == 0:
		return io.EOF
	case c.hung:
		c.waste += n
	case c.room:
		c.dec.Filled(n)
	default:
		c.dec.Feed(lent[:n])
	}
	return nil
}

// answer makes the replies to what was received, up to highWater and one more.
// The rest of the requests waits until these are sent. It is called with nothing
// owed: to what is in flight nothing may be added.
//
//lesson:backpressure
func (c *conn) answer(o echo.Options) {
	for c.cause == nil && !c.enough() {
		request, ok, err := c.dec.Next()
		if !ok {
			c.cause = err
			break
		}
		c.moved = true
		reply := o.Handler(request)
		if c.cause = o.CheckSize(reply); c.cause != nil {
			break
		}
		c.owe(request, reply)
	}
	if c.dec.Left() > 0 {
		c.dec.Keep() // the buffer is lent again
	}
}

// wants is the operation that c waits for.
func (c *conn) wants() entry {
	if c.owed != nil {
		return c.pay()
	}
	room := c.dec.Room()
	c.room = len(room) >= inPlace && !c.hung
	if c.room {
		return recv(c.fd, room) // spares a copy, but ends where the message does
	}
	return recvLent(c.fd, group)
}

// stop is the cancellation of it.
func (c *conn) stop() entry {
	if c.owed != nil {
		return cancel(opSend, c.fd)
	}
	return cancel(opRecv, c.fd)
}

// timed reports whether the peer owes us something: the end of a message, room
// for a reply, its FIN.
func (c *conn) timed() bool { return c.owed != nil || c.hung || c.dec.Partial() }

// release gives everything back but the descriptor, which is the Server's.
func (c *conn) release() {
	c.dec.Release()
	c.forgive()
}
