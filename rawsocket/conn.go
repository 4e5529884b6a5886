package rawsocket

import (
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"echolab/echo"
	"echolab/echo/frame"
)

const (
	copied  = 4 << 10  // a reply up to this is copied behind those before it
	burst   = 32 << 10 // replies that wait for one write, at most, in bytes
	stretch = 64 << 10 // of a reply, that the peer must take within MessageTimeout
	retired = 16 << 20 // input thrown away while hanging up, at most: more than both kernels' buffers hold
)

// replies lends the buffers in which replies wait, so that an idle connection has none.
var replies = sync.Pool{New: func() any { return new([]byte) }}

// A serverConn is the server's end of one connection.
type serverConn struct {
	*net.TCPConn
	debt   // what the peer owes, for watch
	server *Server
	in     *frame.Reader
	out    *[]byte     // replies of this burst; nil between bursts
	vector [2][]byte   // what writev(2) is given, and
	unsent net.Buffers // the part of it not written yet: here to spare an allocation
}

func newServerConn(s *Server, conn *net.TCPConn) *serverConn {
	c := &serverConn{TCPConn: conn, server: s}
	c.in = frame.NewReader(timedReader{c}, s.o.MaxMessage)
	return c
}

// serve answers message by message. It reads no further message while a reply
// waits to leave: a client that does not read is not read from.
//
//lesson:goroutine-each
func (c *serverConn) serve() {
	for {
		request, err := c.in.Next()
		if err == nil {
			err = c.answer(request)
		}
		if err != nil {
			c.send(nil) // replies that were owed before it
			c.end(err)
			return
		}
	}
}

// end says why the connection ends, and hangs up where that is for us to do.
func (c *serverConn) end(why error) {
	log := c.server.o.Log.With("peer", c.RemoteAddr())
	switch {
	case why == io.EOF:
		log.Info("disconnected")
	case c.server.stopping.Load():
		log.Info("stopped")
		c.hangUp()
	default:
		log.Warn("dropped", "error", why)
		if errors.Is(why, echo.ErrMalformed) || errors.Is(why, echo.ErrTooLarge) {
			c.hangUp()
		}
	}
	c.in.Release()
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
	rest := large[min(len(large), stretch):]
	err := c.write(*c.out, large[:len(large)-len(rest)])
	for part := range slices.Chunk(rest, stretch) {
		if err == nil {
			err = c.write(part, nil)
		}
	}
	*c.out = (*c.out)[:0]
	replies.Put(c.out)
	c.out = nil
	return err
}

// write writes one piece by write(2), or two by writev(2), and waits for room.
func (c *serverConn) write(first, second []byte) (err error) {
	c.owe()
	if len(second) == 0 {
		_, err = c.Write(first)
	} else {
		c.vector = [2][]byte{first, second}
		c.unsent = c.vector[:]
		_, err = c.unsent.WriteTo(c.TCPConn)
		c.vector = [2][]byte{} // the request's memory is lent
	}
	c.settle()
	return err
}

// hangUp lets replies under way arrive. close(2) with unread input sends RST,
// and the peer then loses what it has not received: so say FIN and, if the peer
// was still sending, read on until its own FIN, for Grace at most.
func (c *serverConn) hangUp() {
	c.CloseWrite()
	c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	if n, _ := io.CopyN(io.Discard, c.TCPConn, 1); n == 0 {
		return
	}
	c.SetReadDeadline(time.Now().Add(c.server.o.Grace))
	io.CopyN(io.Discard, c.TCPConn, retired)
}
