//go:build linux

package epoll

import (
	"io"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"

	"echolab/echo"
	"echolab/echo/frame"
)

const (
	gulp      = 80 << 10 // read at once, at most, in bytes: a message of 64 KiB, and a turn is short
	highWater = 64 << 10 // replies are gathered up to this, then written
	inPlace   = 16 << 10 // from this size on, a message is not copied where it can be spared
)

// A desk holds the bytes under the loop's hands: one of each buffer is enough,
// since it serves one connection at a time.
type desk struct {
	o       echo.Options
	in, out []byte
}

// A conn is a connection of the server: bytes in, frames, bytes out. While it
// owes replies for which the kernel has no room it does not read: a client that
// reads no replies is soon unable to send requests, and harms nobody else.
type conn struct {
	alarm
	fd    int
	peer  netip.AddrPort
	dec   frame.Decoder
	owed  *[]byte // replies that the kernel did not take; nil: none
	sent  int     // of owed, in bytes
	moved bool    // something was finished since the alarm was set
	dry   bool    // the last read found nothing: more will be reported
	got   int     // bytes of the last read
	again bool    // is in the Server's queue of this name
	cause error   // why no further request is answered; nil: they are
	waste int     // bytes thrown away since, and
	hung  bool    // our FIN was sent
	want  Ready   // what the Poller was told last
}

func newConn(fd int, peer netip.AddrPort, o echo.Options) *conn {
	return &conn{fd: fd, peer: peer, dec: frame.NewDecoder(o.MaxMessage), want: Readable}
}

// step does what a report allows. It pays what is owed, or else reads once: if
// there is more, the neighbours have their turn in between. An error ends the
// connection; the usual one is io.EOF.
func (c *conn) step(d *desk) (err error) {
	switch {
	case c.owed != nil:
		if err = c.pay(); err == nil && c.owed == nil {
			err = c.answer(d) // what was read and had to wait
		}
	case c.cause == nil:
		err = c.take(d)
	}
	if err == nil && c.owed == nil && c.cause != nil {
		err = c.hangUp(d)
	}
	return err
}

// take reads the rest of a large message to its place, anything else to the desk.
// Nothing is owed here, so the end of the input is the end of the connection:
// a client that has shut down its side still gets every reply.
func (c *conn) take(d *desk) error {
	into, direct := d.in, false
	if room := c.dec.Room(); len(room) >= inPlace {
		into, direct = room, true // spares a copy, but ends where the message does
	}
	n, err := read(c.fd, into)
	c.dry, c.got = err == unix.EAGAIN, n
	switch {
	case c.dry || err == unix.EINTR:
		return nil // a report is a hint
	case err != nil:
		return os.NewSyscallError("read", err)
	case n == 0 && c.dec.Partial():
		return io.ErrUnexpectedEOF
	case n == 0:
		return io.EOF
	case direct:
		c.dec.Filled(n)
	default:
		c.dec.Feed(into[:n])
	}
	return c.answer(d)
}

// answer replies to all that was read, by one write(2) or one a highWater. When
// the kernel has no more room it keeps the rest, of the replies and of the
// requests, until a report says Writable.
//
//lesson:backpressure
func (c *conn) answer(d *desk) error {
	for {
		large, more := c.gather(d)
		head, body, err := send(c.fd, d.out, large)
		switch {
		case err != nil:
			return err
		case len(head)+len(body) > 0:
			c.owe(head, body)
			c.dec.Keep() // the desk is the next connection's
			return nil
		case !more:
			return nil
		}
	}
}

// gather puts replies on the desk, but for a large one, of which only the header
// is copied. It reports whether it stopped since this is enough for one write.
func (c *conn) gather(d *desk) (large []byte, more bool) {
	d.out = d.out[:0]
	for c.cause == nil {
		if len(d.out) >= highWater {
			return nil, true
		}
		request, ok, err := c.dec.Next()
		if !ok {
			c.cause = err
			return nil, false
		}
		c.moved = true
		reply := d.o.Handler(request)
		if c.cause = d.o.CheckSize(reply); c.cause != nil {
			return nil, false
		}
		d.out = frame.AppendHeader(d.out, len(reply))
		if len(reply) >= inPlace {
			return reply, true
		}
		d.out = append(d.out, reply...)
	}
	return nil, false
}

// wants is what the Poller shall watch for: never reading and writing at once.
func (c *conn) wants() Ready {
	if c.owed != nil {
		return Writable
	}
	return Readable
}

// timed reports whether the peer owes us something: the end of a message, room
// for a reply, its FIN.
func (c *conn) timed() bool { return c.owed != nil || c.hung || c.dec.Partial() }

// release gives everything back but the descriptor, which is the Server's.
func (c *conn) release() {
	c.dec.Release()
	c.forgive()
}
