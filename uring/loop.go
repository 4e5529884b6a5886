//go:build linux

package uring

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// turn submits, waits, for at most most unless that is negative, and follows what
// is done.
//
//lesson:completion-loop
func (s *Server) turn(most time.Duration) error {
	if err := s.follow(1, s.patience(most)); err != nil {
		return err
	}
	if now := s.clocks.now(); s.clocks.late(now) != nil {
		// Whoever's bytes came while a slow handler ran is heard before being
		// judged: the kernel gives a turn only so many completions.
		if err := s.follow(queue, 0); err != nil {
			return err
		}
		for c := s.clocks.late(now); c != nil; c = s.clocks.late(now) {
			if err := s.drop(c, os.ErrDeadlineExceeded); err != nil {
				return err
			}
		}
	}
	if !s.door.open && !s.door.shut && s.clocks.now() >= s.door.retry {
		return s.openDoor()
	}
	return nil
}

// follow waits for least completions and dispatches all there are.
func (s *Server) follow(least uint32, most time.Duration) error {
	if err := s.ring.wait(least, most); err != nil {
		return err
	}
	var err error
	for left := s.ring.ready(); left > 0; left -= batch {
		for _, done := range s.done[:s.ring.take(s.done)] {
			err = errors.Join(err, s.dispatch(done)) // what was taken is followed, whatever the others come to
		}
	}
	return err
}

func (s *Server) dispatch(done completion) error {
	switch done.op() {
	case opAccept:
		return s.accepted(done)
	case opRecv, opSend:
		return s.step(s.conns[done.fd()], done)
	default:
		return nil // the bell has rung, or a cancellation was heard: its effect is what counts
	}
}

// patience is how long a turn may sleep.
func (s *Server) patience(most time.Duration) time.Duration {
	if !s.door.open && !s.door.shut {
		most = sooner(most, max(s.door.retry-s.clocks.now(), 0))
	}
	return s.clocks.left(most)
}

// step takes what c's operation has come to, and starts the next.
func (s *Server) step(c *conn, done completion) error {
	n, err := int(done.res), done.err()
	if done.op() == opSend {
		err = c.paid(n, err)
	} else {
		var lent []byte
		if done.flags&completionBuffer != 0 {
			id := uint16(done.flags >> bufferShift)
			defer s.lent.give(id)
			lent = s.lent.at(id)
		}
		if err == unix.ENOBUFS {
			s.lent.grow()
		}
		observed(c.fd)
		err = c.received(lent, n, err)
	}
	if c.gone != nil {
		s.close(c)
		return nil
	}
	if err == nil && c.owed == nil {
		c.answer(s.o)
	}
	if err == nil && c.owed == nil && c.cause != nil {
		err = c.hangUp()
	}
	if err != nil {
		c.gone = err
		s.close(c)
		return nil
	}
	if !c.timed() {
		s.clocks.stop(c)
	} else if c.at == 0 || c.moved {
		s.clocks.start(c)
	}
	c.moved = false
	return s.ring.push(c.wants())
}

// drop ends a connection whose operation is in flight: it is closed when that
// has ended.
func (s *Server) drop(c *conn, why error) error {
	if c.gone != nil {
		return nil
	}
	c.gone = why
	s.clocks.stop(c)
	return s.ring.push(c.stop())
}

// close frees a descriptor, for one that may be waiting.
func (s *Server) close(c *conn) {
	s.clocks.stop(c)
	c.release()
	s.conns[c.fd] = nil
	s.open--
	s.door.retry = 0
	s.o.Log.Info("disconnected", "peer", c.peer, "reason", c.gone)
	unix.Close(c.fd) // releases the descriptor whatever it returns
}
