package rawsocket

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"echolab/echo"
	"echolab/echo/frame"
)

const (
	copied  = 4 << 10  // a reply up to this is copied behind those before it
	burst   = 32 << 10 // replies that wait for one write, at most, in bytes
	retired = 64 << 10 // input read and thrown away while hanging up, at most
)

// replies lends the buffers in which replies wait, so that an idle connection has none.
var replies = sync.Pool{New: func() any { return new([]byte) }}

// A serverConn is the server's end of one connection.
type serverConn struct {
	*net.TCPConn
	server *Server
	in     *frame.Reader
	out    *[]byte     // replies of this burst; nil between bursts
	vector [2][]byte   // what writev(2) is given, kept to spare an allocation
	unsent net.Buffers // the part of vector not written yet

	readBy  time.Time // end of the message that has begun; zero between messages
	writeBy time.Time // when a standing reply is given up
}

func newServerConn(s *Server, conn *net.TCPConn) *serverConn {
	c := &serverConn{TCPConn: conn, server: s}
	c.in = frame.NewReader(deadlineReader{c}, s.o.MaxMessage)
	return c
}

// serve answers message by message. It reads no further message while a reply
// waits to leave: a client that does not read is not read from.
//
//lesson:goroutine-each
func (c *serverConn) serve() {
	log := c.server.o.Log.With("peer", c.RemoteAddr())
	log.Info("connected")
	defer c.in.Release()
	for {
		request, err := c.in.Next()
		if err == nil {
			err = c.answer(request)
		}
		switch {
		case err == nil:
			continue
		case err == io.EOF:
			log.Info("disconnected")
		case c.server.stopping.Load():
			log.Info("stopped")
			c.hangUp()
		default:
			log.Warn("dropped", "error", err)
			if errors.Is(err, echo.ErrMalformed) || errors.Is(err, echo.ErrTooLarge) {
				c.send(nil) // what was owed before
				c.hangUp()
			}
		}
		return
	}
}

// answer adds the reply to the burst and sends it unless one more request lies
// ready: pipelined requests share a write.
func (c *serverConn) answer(request []byte) error {
	reply := c.server.o.Handler(request)
	if err := c.server.o.CheckSize(reply); err != nil {
		return err
	}
	if c.out == nil {
		c.out = replies.Get().(*[]byte)
	}
	*c.out = frame.AppendHeader(*c.out, len(reply))
	if len(reply) > copied {
		return c.send(reply)
	}
	*c.out = append(*c.out, reply...)
	if c.in.Ready() && len(*c.out) < burst && !c.server.stopping.Load() {
		return nil
	}
	return c.send(nil)
}

// send writes the burst and, uncopied, a large reply behind it.
func (c *serverConn) send(large []byte) error {
	if c.out == nil {
		return nil
	}
	c.vector = [2][]byte{*c.out, large}
	c.unsent = c.vector[:]
	if len(large) == 0 {
		c.unsent = c.vector[:1]
	}
	err := c.write()
	c.vector = [2][]byte{} // holds on to nothing while it waits
	*c.out = (*c.out)[:0]
	replies.Put(c.out)
	c.out = nil
	return err
}

// write returns when all is written, or nothing was for MessageTimeout, or stop
// has set a deadline of its own.
func (c *serverConn) write() error {
	for {
		c.armWrite()
		n, err := c.unsent.WriteTo(c.TCPConn) // one writev(2)
		if n == 0 || !errors.Is(err, os.ErrDeadlineExceeded) || c.server.stopping.Load() {
			return err
		}
	}
}

// armWrite gives the peer MessageTimeout to take some of a reply. Moving a timer
// at every message would cost more than it is worth, so a deadline is kept while
// nine tenths of it are left.
func (c *serverConn) armWrite() {
	timeout := c.server.o.MessageTimeout
	now := time.Now()
	if c.writeBy.Sub(now) > timeout-timeout/10 {
		return
	}
	c.writeBy = now.Add(timeout)
	c.SetWriteDeadline(c.writeBy)
	if c.server.stopping.Load() { // stop's deadline was just overwritten
		c.SetWriteDeadline(now.Add(c.server.o.Grace))
	}
}

// hangUp lets replies under way arrive. close(2) with unread input sends RST,
// and the peer then loses what it has not received: so say FIN, and read on
// until the peer has closed too, has nothing more to say, or Grace is over.
func (c *serverConn) hangUp() {
	c.CloseWrite()
	limit := time.Now().Add(c.server.o.Grace)
	for taken := 0; taken < retired; {
		quiet := time.Now().Add(10 * time.Millisecond)
		if quiet.After(limit) {
			return
		}
		c.SetReadDeadline(quiet)
		var scrap [512]byte
		n, err := c.Read(scrap[:])
		if err != nil {
			return
		}
		taken += n
	}
}

// A deadlineReader gives a message that has begun MessageTimeout to end. Between
// messages it sets nothing, so that the usual message costs no timer.
type deadlineReader struct{ c *serverConn }

func (r deadlineReader) Read(p []byte) (int, error) {
	c := r.c
	begun := c.in.Partial()
	switch {
	case begun && c.readBy.IsZero():
		c.readBy = time.Now().Add(c.server.o.MessageTimeout)
		c.SetReadDeadline(c.readBy)
	case !begun && !c.readBy.IsZero():
		c.readBy = time.Time{}
		c.SetReadDeadline(c.readBy)
	}
	if c.server.stopping.Load() { // stop's deadline may just have been overwritten
		c.SetReadDeadline(past)
	}
	return c.TCPConn.Read(p)
}
