package session

import (
	"context"
	"errors"
	"time"

	"echolab/echo"
)

// persist makes one attempt after another. ctx ends with the caller's, or at Close.
func (s *Session) persist(ctx context.Context, msg []byte) ([]byte, error) {
	var past history
	for {
		// Close marks the session before it ends ctx, so ask in the other order.
		switch ended := ctx.Err(); {
		case s.isClosed():
			return nil, echo.ErrClosed
		case ended != nil, past.final(s.o.AtMostOnce):
			return nil, past.failure(ended)
		}
		e, wait := s.ring.next()
		if e == nil {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
			}
			continue
		}
		reply, err := s.try(ctx, e, msg)
		if err == nil || errors.Is(err, echo.ErrTooLarge) {
			return reply, err
		}
		past.add(e.addr, err, ctx.Err() != nil)
	}
}

// try makes one attempt, and judges the endpoint by it.
func (s *Session) try(ctx context.Context, e *endpoint, msg []byte) ([]byte, error) {
	kept := e.conn != nil
	reply, err := s.exchange(ctx, e, msg)
	switch {
	case err == nil:
		e.failures = 0
	case errors.Is(err, echo.ErrTooLarge):
		// nothing was sent, and the connection can be used on
	default:
		s.drop(e)
		// A kept connection that fails tells of a server that went, maybe long ago,
		// and nothing of one there now; a caller that gave up tells nothing of any.
		if !kept && ctx.Err() == nil {
			e.backOff(s.jitter)
		}
	}
	return reply, err
}

// exchange connects if it must, sends msg and waits for the reply.
func (s *Session) exchange(ctx context.Context, e *endpoint, msg []byte) ([]byte, error) {
	if e.conn == nil {
		if err := s.open(ctx, e); err != nil {
			return nil, err
		}
	}
	if s.o.ReplyTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.o.ReplyTimeout)
		defer cancel()
	}
	return e.conn.Echo(ctx, msg)
}

// open connects e, unless Close comes first.
func (s *Session) open(ctx context.Context, e *endpoint) error {
	ctx, cancel := context.WithTimeout(ctx, s.o.AttemptTimeout)
	defer cancel()
	conn, err := s.connect(ctx, e.addr, s.o.Echo)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() {
		conn.Close()
		return echo.ErrClosed
	}
	e.conn = conn
	return nil
}

// drop ends the connection of e, if it has one. Its Close can err, which
// tells nothing new: it had failed.
func (s *Session) drop(e *endpoint) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.conn != nil {
		e.conn.Close()
		e.conn = nil
	}
}
