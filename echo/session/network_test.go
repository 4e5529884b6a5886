package session_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/session"
)

// A mode is what the server at an address does.
type mode string

const (
	up      mode = "up"      // echoes
	down    mode = "down"    // refuses connections
	stuck   mode = "stuck"   // accepts, and never ends the handshake
	mute    mode = "mute"    // takes requests, never answers
	cut     mode = "cut"     // takes a request, then loses the connection
	unsent  mode = "unsent"  // loses the connection before a byte is written
	garbage mode = "garbage" // answers with what is no message
	foreign mode = "foreign" // its handshake is no handshake
	narrow  mode = "narrow"  // its Conn finds every message too large
)

// A network stands for servers and the way to them, so that time can be fake: in
// a synctest bubble, a goroutine that waits for a socket would stop the clock.
type network struct {
	t     *testing.T
	start time.Time

	mu     sync.Mutex // guards the rest
	modes  map[string]mode
	epochs map[string]int // counts restarts; a connection dies with its epoch
	events []string       // "50ms a:1 dial"
	open   int            // connections not closed yet
}

// inBubble runs f with fake time. The bubble fails if a goroutine outlives f.
func inBubble(t *testing.T, f func(t *testing.T, n *network)) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{t: t, start: time.Now(), modes: map[string]mode{}, epochs: map[string]int{}}
		f(t, n)
	})
}

// dial is a session over addrs whose backoffs have no jitter. At the end of the
// test it is closed, and then no connection may be open.
func (n *network) dial(o session.Options, addrs ...string) *session.Session {
	n.t.Helper()
	s, err := session.Dial(n.connect, addrs, o)
	require.NoError(n.t, err)
	s.SetJitter(func(limit time.Duration) time.Duration { return limit })
	n.t.Cleanup(func() {
		require.NoError(n.t, s.Close())
		synctest.Wait()
		n.mu.Lock()
		defer n.mu.Unlock()
		require.Zero(n.t, n.open, "connections open after Close")
	})
	return s
}

// set changes what the server at addr does; connections that it has live on.
func (n *network) set(addr string, m mode) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.modes[addr] = m
}

// restart ends the server's connections without a word and starts it as m.
func (n *network) restart(addr string, m mode) {
	n.set(addr, m)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.epochs[addr]++
}

// took returns the events since it was last called.
func (n *network) took() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	events := n.events
	n.events = nil
	return events
}

func (n *network) note(addr, what string) (mode, int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.events = append(n.events, fmt.Sprint(time.Since(n.start), " ", addr, " ", what))
	return n.modes[addr], n.epochs[addr]
}

func (n *network) connect(ctx context.Context, addr string, o echo.Options) (echo.Conn, error) {
	m, epoch := n.note(addr, "dial")
	switch m {
	case down:
		return nil, fmt.Errorf("%w: %w", echo.ErrNoServer, syscall.ECONNREFUSED)
	case foreign:
		return nil, fmt.Errorf("%w: %w: no greeting", echo.ErrNoServer, echo.ErrMalformed)
	case stuck:
		<-ctx.Done()
		return nil, fmt.Errorf("%w: %w", echo.ErrNoServer, ctx.Err())
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open++
	return &conn{n: n, addr: addr, epoch: epoch, o: o, closed: make(chan struct{})}, nil
}

// A conn keeps the contract of echo.Conn, and fails the test when it is used
// against it.
type conn struct {
	n      *network
	addr   string
	epoch  int
	o      echo.Options
	busy   sync.Mutex
	spent  bool
	once   sync.Once
	closed chan struct{}
}

func (c *conn) Echo(ctx context.Context, msg []byte) (reply []byte, err error) {
	if !c.busy.TryLock() {
		c.n.t.Error("two Echo calls at once on one connection")
	}
	defer c.busy.Unlock()
	if c.spent {
		c.n.t.Error("Echo on a connection that is spent")
	}
	defer func() { c.spent = err != nil && !errors.Is(err, echo.ErrTooLarge) }()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", echo.ErrNoServer, err)
	}
	m, epoch := c.n.note(c.addr, string(msg))
	switch {
	case epoch != c.epoch, m == cut:
		return nil, fmt.Errorf("%w: %w", echo.ErrNoReply, syscall.ECONNRESET)
	case m == unsent:
		return nil, fmt.Errorf("%w: %w", echo.ErrNoServer, syscall.EPIPE)
	case m == garbage:
		return nil, fmt.Errorf("%w: %w: 4 GiB announced", echo.ErrNoReply, echo.ErrMalformed)
	case m == narrow:
		return nil, echo.ErrTooLarge
	case m == mute:
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", echo.ErrNoReply, ctx.Err())
		case <-c.closed:
			return nil, echo.ErrClosed
		}
	}
	return append([]byte{}, msg...), nil
}

func (c *conn) Close() error {
	c.once.Do(func() {
		close(c.closed)
		c.n.mu.Lock()
		defer c.n.mu.Unlock()
		c.n.open--
	})
	return nil
}

// ask is an Echo that must succeed with its own message.
func ask(t *testing.T, s *session.Session, msg string) {
	t.Helper()
	reply, err := s.Echo(t.Context(), []byte(msg))
	require.NoError(t, err)
	require.Equal(t, msg, string(reply))
}

// within is an Echo with d to live.
func within(t *testing.T, s *session.Session, d time.Duration, msg string) error {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	_, err := s.Echo(ctx, []byte(msg))
	return err
}
