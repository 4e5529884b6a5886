package transport

import (
	"errors"
	"fmt"

	"echolab/echo"
)

// compose puts together what zmq4 writes piece by piece.
type compose struct {
	greeting  int      // bytes of zmq4's greeting still to come, which nobody gets
	head      []byte   // of the message under way: all but its last body
	start     [32]byte // what head starts as: two headers fit
	header    int      // where in head the last header begins
	f         frame    // that header
	left      int      // bytes of its body still to come
	delimited bool     // the delimiter has passed
}

// errNoFrame: the server gave a message of no frame, which asks to hang up.
var errNoFrame = errors.New("no reply for this peer")

// Write takes zmq4's pieces, and sends a message with its last one. For a server
// it waits for no peer: REP has one writer for all, and one that waited would
// silence it for the others.
//
// NOTE: it keeps the last body until that is written, instead of copying it.
// zmq4 is done with it, and Server gives each reply a memory of its own.
func (c *conn) Write(p []byte) (int, error) {
	n := len(p)
	skip := min(c.greeting, n)
	c.greeting -= skip
	for p = p[skip:]; len(p) > 0; {
		var err error
		if c.left > 0 {
			p, err = c.addBody(p)
		} else {
			p, err = c.addHeader(p)
		}
		if err != nil {
			return 0, c.gone(err)
		}
	}
	return n, nil
}

// addHeader takes bytes of a header from p.
func (c *conn) addHeader(p []byte) ([]byte, error) {
	for len(p) > 0 {
		c.head, p = append(c.head, p[0]), p[1:]
		f, ok, err := parse(c.head[c.header:], c.g.o.MaxMessage)
		if err != nil {
			return nil, fmt.Errorf("%w: a reply over the limit of %d bytes", echo.ErrTooLarge, c.g.o.MaxMessage)
		}
		if ok {
			c.f, c.left = f, f.size
			if f.size == 0 {
				err = c.endFrame(nil)
			}
			return p, err
		}
	}
	return nil, nil
}

// addBody takes bytes of a body from p. The last body is sent from where it is.
func (c *conn) addBody(p []byte) ([]byte, error) {
	n := min(c.left, len(p))
	c.left -= n
	switch {
	case c.left > 0:
		c.head = append(c.head, p[:n]...)
		return nil, nil
	case c.f.is(more):
		c.head = append(c.head, p[:n]...)
		return p[n:], c.endFrame(nil)
	default:
		return p[n:], c.endFrame(p[:n])
	}
}

// endFrame ends a frame, and with the last one the message.
func (c *conn) endFrame(body []byte) error {
	if c.f.is(more) {
		c.delimited = c.delimited || c.f.size == 0
		c.header = len(c.head)
		return nil
	}
	head, delimited := c.head, c.delimited
	c.head, c.header, c.delimited = c.start[:0], 0, false
	switch {
	case c.f.is(command):
		return nil // zmq4's READY: the peer has had ours
	case !delimited:
		return errNoFrame
	default:
		return c.send(head, body)
	}
}
