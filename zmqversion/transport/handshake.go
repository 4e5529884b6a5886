package transport

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-zeromq/zmq4"

	"echolab/echo"
)

// A mechanism is the seam at which CURVE (RFC 26) will stand beside NULL: what
// follows the greetings, up to each side's READY. CURVE will also open and seal
// whole frames; gather (incoming) and compose (outgoing) are where one stands
// whole.
type mechanism interface {
	// name stands in the greeting.
	name() string
	// handshake exchanges commands and returns the type of the peer's socket. It is
	// called once, after both greetings, and reads with c.nextCommand.
	handshake(c *conn) (zmq4.SocketType, error)
}

// handshake is done on the wire itself, within HandshakeTimeout. zmq4 does its
// own afterwards, with us: Read plays it a peer's part, Write swallows its.
func (c *conn) handshake() error {
	err := c.shakeHands()
	if errors.Is(err, echo.ErrMalformed) {
		return fmt.Errorf("%w: %v", errHandshake, err) // no message was malformed: there was none
	}
	return err
}

func (c *conn) shakeHands() error {
	c.Conn.SetDeadline(time.Now().Add(c.g.o.HandshakeTimeout))
	c.timed = true
	if err := c.greet(); err != nil {
		return err
	}
	peer, err := c.mechanism.handshake(c)
	if err != nil {
		return err
	}
	if !c.g.socket.IsCompatible(peer) {
		return fmt.Errorf("%w: a %s cannot talk to a peer of type %q", errHandshake, c.g.socket, peer)
	}
	c.timed = false
	c.script = append(greeting(string(zmq4.NullSecurity)), ready(peer)...)
	c.g.o.Log.Info("connected", "peer", c.Conn.RemoteAddr(), "type", peer)
	return c.Conn.SetDeadline(time.Time{})
}

func (c *conn) greet() error {
	if _, err := c.Conn.Write(greeting(c.mechanism.name())); err != nil {
		return err
	}
	for {
		got := c.in.bytes()
		if err := checkGreeting(got[:min(len(got), greetingLen)], c.mechanism.name()); err != nil {
			return err
		}
		if len(got) >= greetingLen {
			c.in.skip(greetingLen)
			return nil
		}
		if err := c.fill(greetingLen); err != nil {
			return err
		}
	}
}

// null is the mechanism that proves nothing and hides nothing.
type null struct{}

func (null) name() string { return string(zmq4.NullSecurity) }

func (null) handshake(c *conn) (zmq4.SocketType, error) {
	if _, err := c.Conn.Write(ready(c.g.socket)); err != nil {
		return "", err
	}
	name, data, err := c.nextCommand()
	switch {
	case err != nil:
		return "", err
	case name == zmq4.CmdError:
		return "", fmt.Errorf("%w: the peer refuses: %q", errHandshake, data)
	case name != zmq4.CmdReady:
		return "", fmt.Errorf("%w: %q where READY was due", errHandshake, name)
	}
	return peerType(data)
}

// nextCommand reads one command; data is valid until the next read.
func (c *conn) nextCommand() (name string, data []byte, err error) {
	f, err := c.frame(0)
	if err != nil {
		return "", nil, err
	}
	if !f.is(command) {
		return "", nil, fmt.Errorf("%w: a message where a command was due", errHandshake)
	}
	if err := c.need(f.header + f.size); err != nil {
		return "", nil, err
	}
	body := c.in.bytes()[f.header : f.header+f.size]
	c.in.skip(f.header + f.size)
	return splitCommand(body)
}
