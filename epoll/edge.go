//go:build linux

package epoll

// budget is how often a connection is stepped in one turn, at most, when the
// Poller is edge-triggered, unless gulp bytes were read before. Without it a
// client that sends as fast as it is read would never let go of the loop.
const budget = 16

// exhaust steps c until reading or writing said EAGAIN, for only then will the
// Poller tell of it again. A short read is no such sign: a FIN may be behind it,
// reported together with the data. If the budget ends first, c has another turn
// without a report.
//
//lesson:edge
func (s *Server) exhaust(c *conn) error {
	for steps, bytes := 0, 0; steps < budget && bytes < gulp; steps++ {
		if err := c.step(&s.desk); err != nil {
			return err
		}
		if c.dry || c.owed != nil {
			return nil
		}
		bytes += c.got
	}
	if !c.again {
		c.again = true
		s.again = append(s.again, c)
	}
	return nil
}

// resume goes on with what did not come to its end in the turn before.
func (s *Server) resume() error {
	if s.door.again {
		if err := s.accept(); err != nil {
			return err
		}
	}
	s.again, s.former = s.former[:0], s.again
	for _, c := range s.former {
		if s.conns[c.fd] != c {
			continue // closed meanwhile; the number may belong to another
		}
		c.again = false
		if err := s.step(c); err != nil {
			return err
		}
	}
	clear(s.former)
	return nil
}
