package transport

import (
	"io"
	"time"
)

// frame reads the header that stands at offset at.
func (c *conn) frame(at int) (frame, error) {
	for {
		have := c.in.bytes()
		f, ok, err := parse(have[min(at, len(have)):], c.g.o.MaxMessage)
		if ok || err != nil {
			return f, err
		}
		if err := c.fill(at + max(f.header, 2)); err != nil {
			return f, err
		}
	}
}

// need reads until n bytes stand in the buffer.
func (c *conn) need(n int) error {
	for len(c.in.bytes()) < n {
		if err := c.fill(n); err != nil {
			return err
		}
	}
	return nil
}

// fill reads once, on the way to want bytes. Only what has begun has a deadline:
// a peer may be silent between messages for as long as it likes.
func (c *conn) fill(want int) error {
	begun := len(c.in.bytes()) > 0
	if begun {
		c.arm()
	}
	n, err := c.receive(c.in.room(want))
	c.in.w += n
	switch {
	case n > 0:
		return nil
	case begun:
		return unexpected(err)
	default:
		return err
	}
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// arm gives the message under way MessageTimeout from now on. A client needs
// none: its caller has a context.
func (c *conn) arm() {
	if c.server && !c.timed {
		c.timed = true
		c.Conn.SetReadDeadline(time.Now().Add(c.g.o.MessageTimeout))
	}
}

func (c *conn) disarm() {
	if c.timed {
		c.timed = false
		c.Conn.SetReadDeadline(time.Time{})
	}
}
