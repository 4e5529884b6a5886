package transport

import (
	"io"
	"net"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
)

// A conn is the network to zmq4: it reads from it, writes to it and closes it.
type conn struct {
	net.Conn // TCP, which only we touch; Read, Write and Close are ours
	g        *Guard
	server   bool
	mechanism

	incoming // used by one goroutine: the handshake's, then zmq4's reader
	compose  // used by one goroutine: zmq4's writer
	direct

	mu sync.Mutex // guards what follows
	outgoing
	turn    turn
	changed sync.Cond // turn or ended has
	retired time.Time // when Shutdown came: hang up once no reply is owed
	ended   error     // why we hung up
	closed  bool      // by zmq4
}

// turn says where the one request stands that a peer may have inside REP.
type turn int

const (
	idle    turn = iota // none has been passed on whole
	asked               // zmq4 has it; a reply is owed
	leaving             // the reply is here, and not all of it is written
)

func newConn(g *Guard, tcp net.Conn) *conn {
	c := &conn{Conn: tcp, g: g, server: g.socket == zmq4.Rep, mechanism: null{}}
	c.changed.L = &c.mu
	c.in.store = c.in.idle[:]
	c.head = c.start[:0]
	c.queue = c.slots[:0]
	c.greeting = greetingLen
	c.openDirect()
	return c
}

// Gone is how the end of a connection reaches zmq4: as io.EOF, after which it
// forgets the connection, with the cause for people.
type Gone struct {
	Cause error
	Sent  bool // a byte of the last message was written
}

func (g *Gone) Error() string   { return g.Cause.Error() }
func (g *Gone) Unwrap() []error { return []error{io.EOF, g.Cause} }

// gone hangs up, for cause unless there was one before.
func (c *conn) gone(cause error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end(cause)
	return &Gone{c.ended, c.sent}
}

func (c *conn) hangUp(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end(why)
}

// end closes the descriptor, the first time, and wakes whoever waits for a turn.
// c.mu is held.
func (c *conn) end(why error) {
	if c.ended != nil {
		return
	}
	c.ended = why
	c.g.o.Log.Info("disconnected", "peer", c.Conn.RemoteAddr(), "why", why)
	c.Conn.Close()
	c.changed.Broadcast()
	c.g.remove(c)
}

// retire hangs up now, or once the reply has left that is owed.
func (c *conn) retire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.retired = time.Now()
	if c.turn == idle {
		c.end(errStopping)
	}
}

// Close is called by zmq4: by the reader of a REP when it ends, which Shutdown
// waits for, and by the socket's Close.
func (c *conn) Close() error {
	c.hangUp(net.ErrClosed)
	c.mu.Lock()
	first := !c.closed
	c.closed = true
	c.mu.Unlock()
	if first && c.server {
		c.g.busy.Done()
	}
	return nil
}
