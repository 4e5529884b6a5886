package transport

import (
	"fmt"

	"github.com/go-zeromq/zmq4"

	"echolab/echo"
)

// command answers a PING, RFC 37/ZMTP, and ignores what it does not know.
func (c *conn) command(f frame) error {
	if err := c.need(f.header + f.size); err != nil {
		return err
	}
	name, data, err := splitCommand(c.in.bytes()[f.header : f.header+f.size])
	switch {
	case err != nil:
		return err
	case name == zmq4.CmdError:
		return fmt.Errorf("%w: the peer gives up: %q", echo.ErrMalformed, data)
	case name == zmq4.CmdPing:
		if len(data) < 2 || len(data) > 2+16 {
			return fmt.Errorf("%w: a PING of %d bytes", echo.ErrMalformed, len(data))
		}
		err = c.pong(data[2:]) // after the TTL, its context comes back as it is
	}
	c.in.skip(f.header + f.size)
	return err
}

// pong answers a PING. A peer that has not read the last answer gets no further one.
func (c *conn) pong(context []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ponged {
		return nil
	}
	c.ponged = true
	return c.enqueue(appendCommand(nil, "PONG", context))
}
