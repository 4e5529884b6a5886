//go:build linux

package uring

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const recheck = 100 * time.Millisecond // how often a full process tries to accept

// A door is the listening socket. It is open while an accept is in flight. That
// ends with EMFILE when the process has no descriptor for one more connection,
// and would end so again and again.
type door struct {
	fd    int
	open  bool
	shut  bool          // for good
	retry time.Duration // on the Server's clock: when to open it, at the latest
}

func (s *Server) openDoor() error {
	s.door.open = true
	return s.ring.push(acceptAll(s.door.fd))
}

// accepted takes a connection, or the end of accepting.
func (s *Server) accepted(done completion) error {
	if done.flags&completionMore == 0 {
		s.door.open = false
	}
	switch err := done.err(); err {
	case nil:
		if err := s.welcome(int(done.res)); err != nil {
			return err
		}
	case unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM:
		s.o.Log.Warn("not accepting", "error", err, "clients", s.open)
		s.door.retry = s.clocks.now() + recheck
	case unix.EBADF, unix.EFAULT, unix.EINVAL, unix.ENOTSOCK, unix.EOPNOTSUPP:
		return os.NewSyscallError("accept4", err)
	default:
		// accept(2): "Linux accept() passes already-pending network errors on
		// the new socket as an error code": its end, and not ours. Or ECANCELED.
	}
	if s.door.shut && !s.door.open {
		s.freePort()
	}
	return nil
}

// welcome makes a connection of a new socket. One over MaxClients is accepted
// and closed, so that it learns that it is not served.
func (s *Server) welcome(fd int) error {
	name, err := unix.Getpeername(fd)
	peer := addrPort(name)
	if s.door.shut || s.open == s.o.MaxClients {
		s.o.Log.Warn("refused", "peer", peer, "clients", s.open)
		unix.Close(fd)
		return nil
	}
	if err == nil {
		err = noDelay(fd)
	}
	if err != nil { // a peer that has reset it already
		s.o.Log.Warn("dropped", "peer", peer, "error", err)
		unix.Close(fd)
		return nil
	}
	for len(s.conns) <= fd {
		s.conns = append(s.conns, nil)
	}
	c := newConn(fd, peer, s.o)
	s.conns[fd] = c
	s.open++
	s.o.Log.Info("connected", "peer", peer)
	return s.ring.push(c.wants())
}

// shutDoor frees the port, for good: now, or when the accept has ended, which
// holds the socket as a descriptor does.
func (s *Server) shutDoor() error {
	if s.door.shut {
		return nil
	}
	s.door.shut = true
	if s.door.open {
		return s.ring.push(cancel(opAccept, s.door.fd))
	}
	s.freePort()
	return nil
}

func (s *Server) freePort() {
	if s.door.fd >= 0 {
		unix.Close(s.door.fd)
		s.door.fd = -1
	}
}
