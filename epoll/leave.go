//go:build linux

package epoll

import "errors"

var errLeaving = errors.New("the server stops")

// leave gives Grace to the clients that are owed replies, or were still sending
// (so replies may be under way to them): to take them, and to say FIN after ours.
// The others are not waited for.
func (s *Server) leave() error {
	if err := s.shutDoor(); err != nil {
		return err
	}
	for _, c := range s.conns {
		if c == nil {
			continue
		}
		owed := c.owed != nil
		c.cause = errLeaving
		err := s.step(c)
		if err == nil && !owed && c.waste == 0 && s.conns[c.fd] == c {
			err = s.drop(c, errLeaving)
		}
		if err != nil {
			return err
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

// release closes whatever is open still.
func (s *Server) release() (err error) {
	for _, c := range s.conns {
		if c != nil {
			err = errors.Join(err, s.drop(c, errLeaving))
		}
	}
	err = errors.Join(err, s.shutDoor())
	if s.poller != nil {
		err = errors.Join(err, s.poller.Close())
	}
	s.bell.close()
	return err
}
