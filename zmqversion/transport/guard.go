package transport

import (
	"errors"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"

	"echolab/echo"
)

// A Guard holds what one zmq4 socket may do, and the connections it has.
type Guard struct {
	o       echo.Options
	socket  zmq4.SocketType // the socket that it guards, REP or REQ
	failure error           // of listen or dial, for At

	busy sync.WaitGroup // goroutines: accepting, shaking hands, writing a rest, zmq4's readers

	mu       sync.Mutex // guards listener, conns, stopping
	listener *listener
	conns    map[*conn]struct{} // those with a descriptor
	stopping bool
}

// New returns a Guard for a socket of the given type.
func New(socket zmq4.SocketType, o echo.Options) *Guard {
	return &Guard{o: o.WithDefaults(), socket: socket, conns: make(map[*conn]struct{})}
}

var (
	errStopping = errors.New("the server stops")
	errFull     = errors.New("as many clients as MaxClients allows are connected")
)

// add counts a connection, if there may be one more.
func (g *Guard) add(c *conn) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.stopping:
		return errStopping
	case g.socket == zmq4.Rep && len(g.conns) >= g.o.MaxClients:
		return errFull
	}
	g.conns[c] = struct{}{}
	return nil
}

func (g *Guard) remove(c *conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.conns, c)
}

// Shutdown ends what Listen began. It accepts and reads no more, hangs up where
// no reply is owed, and waits for the others: for the handler as long as it
// takes, then for the reply to leave, up to Options.Grace. When it returns, the
// port is free, every descriptor is closed, and no goroutine reads or writes.
//
// Somebody must go on receiving from the REP socket until it returns, and answer
// each request with a reply, or with a message of no frame: this one hangs up.
// zmq4's readers put their requests into a queue of ten, and only Recv frees one
// that waits there.
func (g *Guard) Shutdown() {
	g.mu.Lock()
	g.stopping = true
	conns := make([]*conn, 0, len(g.conns))
	for c := range g.conns {
		conns = append(conns, c)
	}
	listener := g.listener
	g.mu.Unlock()

	if listener != nil {
		listener.stop()
	}
	for _, c := range conns {
		c.retire()
	}
	g.busy.Wait()
}

// tick is how often a wait that has a limit looks at it: ten times in the
// shorter one, so that each is kept to within a tenth.
func (g *Guard) tick() time.Duration {
	return max(min(g.o.MessageTimeout, g.o.Grace)/10, time.Millisecond)
}
