//go:build linux

package uring

import (
	"errors"
	"sync"
)

var errLeaving = errors.New("the server stops")

// leave gives Grace to the clients that are owed replies: to take them, and to
// say FIN after ours. The others are owed nothing and are not waited for.
func (s *Server) leave() error {
	if err := s.shutDoor(); err != nil {
		return err
	}
	for _, c := range s.conns {
		switch {
		case c == nil:
		case c.owed != nil:
			c.cause = errLeaving
		default:
			if err := s.drop(c, errLeaving); err != nil {
				return err
			}
		}
	}
	end := s.clocks.now() + s.o.Grace
	for left := s.o.Grace; left > 0 && s.open > 0; left = end - s.clocks.now() {
		if err := s.turn(left); err != nil {
			return err
		}
	}
	return nil
}

// release ends every operation and waits for its end, then releases what Listen
// took: until its completion has come, an operation may write into our memory.
func (s *Server) release() error {
	err := s.shutDoor()
	for _, c := range s.conns {
		if c != nil && err == nil {
			err = s.drop(c, errLeaving)
		}
	}
	if s.ring != nil {
		err = errors.Join(err, s.land(), s.ring.close())
	}
	if s.lent != nil {
		s.lent.close()
	}
	for _, c := range s.conns {
		if c != nil {
			s.close(c) // no completion came for it
		}
	}
	s.freePort()
	s.bell.close()
	return err
}

// land turns until nothing is in flight.
func (s *Server) land() (err error) {
	if s.ring.flying > 0 {
		err = s.ring.push(cancel(opRead, s.bell.fd))
	}
	for s.ring.flying > 0 && err == nil {
		err = s.turn(-1)
	}
	if err != nil {
		stranded.Store(s, nil)
	}
	return err
}

// stranded are Servers whose io_uring_enter has failed in a way that it should
// not: nobody says what is in flight. The kernel ends it in its own time, and
// until then it needs the memory, so the collector must not have it.
var stranded sync.Map
