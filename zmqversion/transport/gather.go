package transport

import (
	"fmt"

	"echolab/echo"
)

// A gathering is a message taken whole: what zmq4 cannot be given as it comes.
type gathering struct {
	envelope  []byte // the frames before the delimiter, as zmq4 gets them
	payload   []byte // the bodies of the frames behind it
	frames    int
	size      int // of all bodies
	delimited bool
}

// gather takes an empty message, one of many frames, or one with an envelope (the
// addresses that ROUTER and DEALER put before the delimiter).
func (c *conn) gather() error {
	c.arm()
	var g gathering
	for {
		f, err := c.frame(0)
		switch {
		case err != nil:
			return err
		case f.is(command): // heartbeats come between frames, too
			err = c.command(f)
		default:
			c.in.skip(f.header)
			err = c.take(&g, f)
		}
		if err != nil {
			return err
		}
		if !f.is(more) && !f.is(command) {
			break
		}
	}
	c.script = g.script()
	return c.complete()
}

// take adds one frame, whose header has been read.
func (c *conn) take(g *gathering, f frame) (err error) {
	g.frames++
	g.size += f.size
	switch {
	case g.frames > maxFrames:
		return fmt.Errorf("%w: a message of over %d frames", echo.ErrMalformed, maxFrames)
	case g.size > c.g.o.MaxMessage:
		return fmt.Errorf("%w: a message of at least %d bytes, the limit is %d", echo.ErrMalformed, g.size, c.g.o.MaxMessage)
	case !g.delimited && !f.is(more):
		return fmt.Errorf("%w: a message without a delimiter and a frame behind it", echo.ErrMalformed)
	case g.delimited:
		g.payload, err = c.body(g.payload, f.size)
	case f.size == 0:
		g.delimited = true
	default:
		g.envelope, err = c.body(appendHeader(g.envelope, more, f.size), f.size)
	}
	return err
}

// body appends size bytes of the stream to dst, which grows as they come.
func (c *conn) body(dst []byte, size int) ([]byte, error) {
	for size > 0 {
		if err := c.need(min(size, 64<<10)); err != nil {
			return nil, err
		}
		n := min(size, len(c.in.bytes()))
		dst = append(dst, c.in.bytes()[:n]...)
		c.in.skip(n)
		size -= n
	}
	return dst, nil
}

// script is the message for zmq4: the envelope, the delimiter, and the frames
// behind it joined to one. An empty one is left out: zmq4 takes the last empty
// frame for the delimiter.
func (g *gathering) script() []byte {
	if len(g.payload) == 0 {
		return append(g.envelope, 0, 0)
	}
	b := append(g.envelope, more, 0)
	return append(appendHeader(b, 0, len(g.payload)), g.payload...)
}
