package transport

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"echolab/echo"
)

// outgoing is what has not left yet: at most one reply and one PONG, since the
// peer's next request waits for its turn. conn.mu guards it.
type outgoing struct {
	queue    net.Buffers
	slots    [4][]byte // what queue starts as
	draining bool      // a goroutine writes, and will take what is queued
	ponged   bool      // a PONG is queued or being written
	sent     bool      // a byte of the last message was written
}

var errUnread = errors.New("the peer does not read its replies")

// send sends a message. What a client finds unread at that moment is no reply to it.
func (c *conn) send(head, body []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = false
	if !c.server && len(c.in.bytes()) > 0 && c.in.bytes()[0]&command == 0 {
		return fmt.Errorf("%w: the server sent more than one reply", echo.ErrMalformed)
	}
	c.turn = leaving
	return c.enqueue(head, body)
}

// enqueue writes what the kernel takes at once and leaves the rest to drain.
// c.mu is held.
func (c *conn) enqueue(pieces ...[]byte) error {
	if c.ended != nil {
		return c.ended
	}
	for _, piece := range pieces {
		if len(piece) > 0 {
			c.queue = append(c.queue, piece)
		}
	}
	if c.draining {
		return nil
	}
	if err := c.writeNow(); err != nil {
		return err
	}
	switch {
	case len(c.queue) == 0:
		c.emptied()
		return nil
	case c.server:
		c.draining = true
		c.g.busy.Add(1)
		go func() {
			defer c.g.busy.Done()
			c.drain()
		}()
		return nil
	default: // a client waits itself: its caller does
		c.draining = true
		c.mu.Unlock()
		err := c.drain()
		c.mu.Lock()
		return err
	}
}

// emptied notes that everything has left. c.mu is held.
func (c *conn) emptied() {
	c.queue, c.ponged = c.slots[:0], false
	if c.turn != leaving {
		return
	}
	c.turn = idle
	c.changed.Signal()
	if !c.retired.IsZero() {
		c.end(errStopping)
	}
}

// drain writes the queue, and what is added to it meanwhile, until it is empty.
func (c *conn) drain() error {
	for {
		c.mu.Lock()
		batch := c.queue
		c.queue = nil // slots are batch's
		if len(batch) == 0 {
			c.draining = false
			c.emptied()
			c.mu.Unlock()
			return nil
		}
		c.mu.Unlock()
		if err := c.push(batch); err != nil {
			c.hangUp(err)
			return err
		}
	}
}

// push writes all of batch. On a server it gives up when the peer takes nothing
// for MessageTimeout, or not all within Grace once the server stops.
func (c *conn) push(batch net.Buffers) error {
	begun := time.Now()
	for moved := begun; ; {
		if c.server {
			c.Conn.SetWriteDeadline(time.Now().Add(c.g.tick()))
		}
		n, err := batch.WriteTo(c.Conn)
		now := time.Now()
		c.mu.Lock()
		c.sent = c.sent || n > 0
		retired := c.retired
		c.mu.Unlock()
		if n > 0 {
			moved = now
		}
		switch {
		case err == nil:
			return c.Conn.SetWriteDeadline(time.Time{})
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return err
		case now.Sub(moved) >= c.g.o.MessageTimeout:
			return errUnread
		case !retired.IsZero() && min(now.Sub(retired), now.Sub(begun)) >= c.g.o.Grace:
			return errUnread
		}
	}
}
