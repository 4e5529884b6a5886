// Package session survives a server's restart: what that takes, once, over the
// Connect of any stack.
//
// A session keeps one connection to each of its endpoints and deals requests to
// them in turn. It starts no goroutine, so it learns that a connection has died
// only from the next request on it. All waiting happens inside Echo: for its
// turn, for a connection, for the reply, and for the end of a backoff. The
// caller's ctx and Close wake each of the four.
package session

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"echolab/echo"
)

// Options of a session. The zero value works.
type Options struct {
	// Echo is handed to every Connect.
	Echo echo.Options

	// AttemptTimeout bounds one attempt to connect, handshake included. Zero means 1 s.
	AttemptTimeout time.Duration

	// ReplyTimeout is how long a server may be silent before its connection counts
	// as lost. Zero means for ever: slow and dead look the same from here, so only
	// the caller can say what is too slow.
	ReplyTimeout time.Duration

	// AtMostOnce forbids sending a message again once a byte of it was written.
	AtMostOnce bool
}

// A Session may be used by many goroutines; their requests go one at a time.
type Session struct {
	connect echo.Connect
	o       Options
	jitter  jitter

	turn chan struct{} // full while an Echo has the turn; its holder alone uses ring
	ring ring

	mu     sync.Mutex         // guards cancel, and endpoint.conn between the holder and Close
	cancel context.CancelFunc // ends the latest Echo; harmless once that has returned
	closed chan struct{}      // closed by Close
}

// Dial returns a session over the servers at addrs, each "host:port", at once and
// without connecting. It errs only on an address that cannot be right.
func Dial(connect echo.Connect, addrs []string, o Options) (*Session, error) {
	r, err := newRing(addrs)
	if err != nil {
		return nil, err
	}
	o.Echo = o.Echo.WithDefaults()
	if o.AttemptTimeout <= 0 {
		o.AttemptTimeout = time.Second
	}
	return &Session{
		connect: connect,
		o:       o,
		jitter:  full,
		turn:    make(chan struct{}, 1),
		ring:    r,
		cancel:  func() {},
		closed:  make(chan struct{}),
	}, nil
}

// Echo sends msg and returns its reply, which is the caller's; msg is not kept.
//
// It connects where there is no connection. When one is lost before the reply, it
// sends again to the next endpoint in turn, until ctx is done. So a server may see
// msg twice (at least once, unless AtMostOnce); the caller gets one reply or an
// error. With a ctx that never ends, it waits for a server until Close.
//
// Errors are ErrTooLarge; ErrClosed; ErrNoServer, if no byte of msg was written in
// any attempt; ErrNoReply otherwise. The last two wrap ctx's error, if it ended,
// and the cause of the last attempt. A reply that is ErrMalformed is an error at
// once: asking again would bring the same.
func (s *Session) Echo(ctx context.Context, msg []byte) ([]byte, error) {
	if err := s.o.Echo.CheckSize(msg); err != nil {
		return nil, err
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-s.closed:
		return nil, echo.ErrClosed
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: behind another Echo: %w", echo.ErrNoServer, ctx.Err())
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.mu.Lock()
	s.cancel = cancel
	s.mu.Unlock()
	return s.persist(ctx, msg)
}

// Close ends every connection, and each Echo that runs or waits for its turn; it
// does not wait for them to return. A second Close does nothing.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() {
		return nil
	}
	close(s.closed)
	s.cancel()
	var errs []error
	for _, e := range s.ring.endpoints {
		if e.conn != nil {
			errs = append(errs, e.conn.Close())
		}
	}
	return errors.Join(errs...)
}

func (s *Session) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}
