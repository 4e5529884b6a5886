// Package transport stands between zmq4 and the network, and does what libzmq
// does for its users and zmq4 v0.17 leaves out. The taught code above it is
// plain zmq4; only its endpoint is ours.
//
// What it takes over:
//
//   - Handshakes, many at a time and each with a deadline: zmq4 does one after
//     the other without one, so a single silent peer keeps all others out.
//   - Limits on messages, frames, commands and clients: zmq4 takes memory for any
//     length that is announced, and some lengths panic.
//   - Malformed bytes: the peer that sent them is dropped alone; zmq4 hands some
//     of them to Recv as an error, and crashes on others.
//   - The end of a connection: whatever its cause, zmq4 sees io.EOF, the only
//     error after which it forgets the connection.
//   - Heartbeats: a PING is answered although the handler is busy; zmq4 hands it
//     to the caller as a message.
//   - Writing: a message leaves in one system call, not four, and REP never waits
//     for a peer that does not read.
//   - Fairness: a peer has one request inside REP at a time. The next stays
//     unread until the reply to this one has left.
//   - Empty messages, and messages of many frames: zmq4 takes the last empty
//     frame for the delimiter, so here the frames behind the first one are joined.
//   - Running out of descriptors: accepting pauses; zmq4 spins.
//
// Who waits, and where: one goroutine accepts, one a connection shakes hands and
// ends, and from then on zmq4's own reader waits, in our Read, for the network. A
// reply is written on zmq4's writer as far as the kernel takes it at once; only
// the rest, when there is one, gets a goroutine, which ends with it.
package transport

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"

	"github.com/go-zeromq/zmq4"
	zmqtransport "github.com/go-zeromq/zmq4/transport"
)

// scheme stands in our endpoints: lab://7/127.0.0.1:9000.
const scheme = "lab"

// registered adds the scheme to zmq4's table at its first use.
var registered = sync.OnceValue(func() error { return zmq4.RegisterTransport(scheme, &open) })

// NOTE: a global that changes. zmq4's table of transports is one, and a
// transport gets no options but the endpoint; so an endpoint carries a number,
// under which Listen and Dial find their Guard.
var open table

type table struct {
	mu     sync.Mutex // guards last, guards
	last   int
	guards map[int]*Guard
}

// At calls f, which is the Listen or the Dial of a zmq4 socket, with the endpoint
// that leads to addr ("host:port") through g. The number is taken back after it.
func (g *Guard) At(addr string, f func(endpoint string) error) error {
	if err := registered(); err != nil {
		return err
	}
	number := open.add(g)
	defer open.remove(number)
	err := f(fmt.Sprintf("%s://%d/%s", scheme, number, addr))
	if g.failure != nil {
		return g.failure // without zmq4's wrapping, which names our endpoint
	}
	return err
}

func (t *table) add(g *Guard) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.guards == nil {
		t.guards = make(map[int]*Guard)
	}
	t.last++
	t.guards[t.last] = g
	return t.last
}

func (t *table) remove(number int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.guards, number)
}

// find splits 7/127.0.0.1:9000 into the guard numbered 7 and the address.
func (t *table) find(endpoint string) (*Guard, string, error) {
	digits, addr, _ := strings.Cut(endpoint, "/")
	number, err := strconv.Atoi(digits)
	if err != nil {
		return nil, "", fmt.Errorf("endpoint %q: no number of a guard", endpoint)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	g, ok := t.guards[number]
	if !ok {
		return nil, "", fmt.Errorf("endpoint %q: no guard has this number", endpoint)
	}
	return g, addr, nil
}

// Listen, Dial and Addr are what zmq4 asks of a transport.
func (t *table) Listen(_ context.Context, endpoint string) (net.Listener, error) {
	g, addr, err := t.find(endpoint)
	if err != nil {
		return nil, err
	}
	l, err := g.listen(addr)
	g.failure = err
	return l, err
}

func (t *table) Dial(ctx context.Context, d zmqtransport.Dialer, endpoint string) (net.Conn, error) {
	g, addr, err := t.find(endpoint)
	if err != nil {
		return nil, err
	}
	c, err := g.dial(ctx, d, addr)
	g.failure = err
	return c, err
}

func (t *table) Addr(endpoint string) (string, error) { return endpoint, nil }
