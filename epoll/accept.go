//go:build linux

package epoll

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const (
	guests  = 64                     // connections accepted in one turn, at most
	recheck = 250 * time.Millisecond // how often a full process tries to accept
)

// A door is the listening socket. It is closed, that is, not watched, while the
// process has no descriptor for one more connection: the kernel would report it
// again and again, though accept4(2) can only fail, and the loop would spin.
type door struct {
	fd     int
	closed bool
	retry  time.Duration // on the Server's clock: when to open it, at the latest
	again  bool          // more may be waiting, and no report will say so
}

// accept takes the connections that wait, but not so many that those already
// here have to.
func (s *Server) accept() error {
	s.door.again = false
	if s.door.closed {
		return nil // since Wait told of it
	}
	for range guests {
		fd, sa, err := unix.Accept4(s.door.fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		switch err {
		case nil:
			s.welcome(fd, sa)
		case unix.EAGAIN:
			return nil
		case unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM:
			return s.closeDoor(err)
		case unix.EBADF, unix.EFAULT, unix.EINVAL, unix.ENOTSOCK, unix.EOPNOTSUPP:
			return os.NewSyscallError("accept4", err)
		default:
			// accept(2): "Linux accept() passes already-pending network errors on
			// the new socket as an error code": its end, and not ours
		}
	}
	s.door.again = s.edge
	return nil
}

// welcome makes a connection of a new socket. One over MaxClients is accepted
// and closed, so that it learns that it is not served.
func (s *Server) welcome(fd int, sa unix.Sockaddr) {
	if s.open == s.o.MaxClients {
		s.o.Log.Warn("refused", "peer", addrPort(sa), "clients", s.open)
		unix.Close(fd)
		return
	}
	err := noDelay(fd)
	if err == nil {
		err = s.poller.Add(fd, Readable)
	}
	if err != nil {
		s.o.Log.Warn("dropped", "peer", addrPort(sa), "error", err)
		unix.Close(fd)
		return
	}
	for len(s.conns) <= fd {
		s.conns = append(s.conns, nil)
	}
	s.conns[fd] = newConn(fd, addrPort(sa), s.o)
	s.open++
	s.o.Log.Info("connected", "peer", addrPort(sa))
}

func (s *Server) closeDoor(why error) error {
	s.o.Log.Warn("not accepting", "error", why, "clients", s.open)
	s.door.closed, s.door.retry = true, s.clocks.now()+recheck
	return s.poller.Remove(s.door.fd)
}

// openDoor is called when a descriptor was closed, and every recheck, since
// another part of the process may have closed one.
func (s *Server) openDoor() error {
	s.door.closed = false
	return s.poller.Add(s.door.fd, Readable)
}

// shutDoor frees the port, for good.
func (s *Server) shutDoor() (err error) {
	if s.door.fd < 0 {
		return nil
	}
	if !s.door.closed {
		err = s.poller.Remove(s.door.fd)
	}
	unix.Close(s.door.fd)
	s.door = door{fd: -1}
	return err
}
