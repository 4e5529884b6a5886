// Package rawsocket carries the echo exchange over plain TCP sockets, the way
// they are first taught: listen, accept, a goroutine a connection, read, write.
//
// Who waits: each connection's goroutine, in Read or Write. Where: it looks like
// the kernel, and is not. net.Conn's descriptors do not block; Go's runtime parks
// the goroutine and waits in one epoll loop of its own for all of them. What
// wakes it: that loop, when the socket is readable, or a deadline.
package rawsocket

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"echolab/echo"
)

// past is a deadline that ends a Read or a Write at once.
var past = time.Unix(1, 0)

// A Server answers framed messages, a goroutine a connection.
type Server struct {
	o        echo.Options
	listener *net.TCPListener

	stopping atomic.Bool
	freed    chan struct{} // a descriptor was released
	wait     sync.WaitGroup

	mu    sync.Mutex // guards conns
	conns map[*serverConn]struct{}
}

// Listen binds addr ("host:port"; port 0 asks for a free one) and listens.
func Listen(addr string, o echo.Options) (*Server, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &Server{
		o:        o.WithDefaults(),
		listener: listener.(*net.TCPListener),
		freed:    make(chan struct{}, 1),
		conns:    map[*serverConn]struct{}{},
	}, nil
}

// Addr is the address that Listen bound.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Serve answers until ctx is done; see [echo.Server].
func (s *Server) Serve(ctx context.Context) error {
	stopped := make(chan struct{})
	context.AfterFunc(ctx, func() {
		s.stop()
		close(stopped)
	})
	s.wait.Go(func() { s.watch(ctx) })
	s.accept(ctx)
	<-stopped
	s.wait.Wait()
	return nil
}

//lesson:accept-loop
func (s *Server) accept(ctx context.Context) {
	for ctx.Err() == nil {
		conn, err := s.listener.AcceptTCP()
		switch {
		case err == nil:
			s.admit(conn)
		case errors.Is(err, net.ErrClosed):
			return // by stop
		default:
			// EMFILE above all: the client stays in the backlog, so accept would fail
			// again at once, and a loop that only retries burns a whole core. The
			// descriptor may be freed elsewhere in the process too, hence the timer.
			s.o.Log.Warn("cannot accept", "error", err)
			select {
			case <-s.freed:
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
			}
		}
	}
}

// admit starts a goroutine for conn, or closes it when there is no room.
func (s *Server) admit(conn *net.TCPConn) {
	c := newServerConn(s, conn)
	s.mu.Lock()
	room := len(s.conns) < s.o.MaxClients && !s.stopping.Load() // stop has seen all conns, or will
	if room {
		s.conns[c] = struct{}{}
	}
	s.mu.Unlock()
	if !room {
		s.o.Log.Warn("no room", "peer", conn.RemoteAddr(), "limit", s.o.MaxClients)
		conn.Close()
		return
	}
	s.o.Log.Info("connected", "peer", conn.RemoteAddr())
	s.wait.Go(func() {
		c.serve()
		s.release(c)
	})
}

func (s *Server) release(c *serverConn) {
	c.Close()
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	select {
	case s.freed <- struct{}{}:
	default: // accept has not taken the last one yet, and needs no more
	}
}

// stop ends every wait: accept by closing the listener, reads by a deadline in
// the past, writes by one Grace away.
func (s *Server) stop() {
	s.stopping.Store(true)
	s.listener.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.SetReadDeadline(past)
		c.SetWriteDeadline(time.Now().Add(s.o.Grace))
	}
}
