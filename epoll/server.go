//go:build linux

package epoll

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"echolab/echo"
)

// A Server is a loop: wait, dispatch, repeat. Everything below belongs to the
// goroutine in Serve, so nothing needs a lock.
type Server struct {
	o         echo.Options
	addr      net.Addr
	newPoller func() (Poller, error)
	poller    Poller
	edge      bool // as the Poller says
	bell      bell
	door      door
	conns     []*conn // by descriptor; the kernel gives the lowest that is free
	open      int     // conns that are not nil
	clocks    clocks
	desk      desk
	ready     []int   // as the Poller told
	again     []*conn // to be stepped without a report, and
	former    []*conn // those of the turn before
}

// Usable returns nil: this is Linux.
func Usable() error { return nil }

// Listen binds addr ("host:port"; an empty host is every interface).
func Listen(addr string, o echo.Options) (*Server, error) {
	return listen(addr, o, newEpoll)
}

func listen(addr string, o echo.Options, newPoller func() (Poller, error)) (*Server, error) {
	at, err := resolve(context.Background(), addr, netip.IPv6Unspecified(), netip.IPv4Unspecified())
	if err != nil {
		return nil, err
	}
	s := &Server{o: o.WithDefaults(), newPoller: newPoller, ready: make([]int, 256), door: door{fd: -1, closed: true}}
	s.clocks = clocks{allow: s.o.MessageTimeout, began: time.Now()}
	s.desk = desk{o: s.o, in: make([]byte, gulp)}
	if s.bell, err = newBell(); err != nil {
		return nil, err
	}
	if err = s.bind(at); err != nil {
		return nil, errors.Join(err, s.release())
	}
	return s, nil
}

func (s *Server) bind(at []netip.AddrPort) (err error) {
	if s.door.fd, err = each(at, bindListen); err != nil {
		return err
	}
	name, err := unix.Getsockname(s.door.fd)
	if err != nil {
		return os.NewSyscallError("getsockname", err)
	}
	s.addr = net.TCPAddrFromAddrPort(addrPort(name))
	return nil
}

// Addr is the bound address.
func (s *Server) Addr() net.Addr { return s.addr }

// Serve answers until ctx is done; see [echo.Server]. The loop gets a goroutine
// that ends with it, since a Poller may keep the thread on which it was made.
func (s *Server) Serve(ctx context.Context) error {
	served := make(chan error)
	go func() { served <- s.loop(ctx) }()
	return <-served
}

func (s *Server) loop(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, s.release()) }()
	if ctx.Err() != nil {
		return nil
	}
	if err := s.watch(); err != nil {
		return err
	}
	stop := onDone(ctx, s.bell.ring)
	defer stop()
	for ctx.Err() == nil {
		if err := s.turn(-1); err != nil {
			return err
		}
	}
	return s.leave()
}

func (s *Server) watch() (err error) {
	if s.poller, err = s.newPoller(); err != nil {
		return err
	}
	s.edge = s.poller.Edge()
	if err := s.poller.Add(s.bell.heard, Readable); err != nil {
		return err
	}
	return s.openDoor()
}

// turn waits, for at most most unless that is negative, and dispatches.
//
//lesson:event-loop
func (s *Server) turn(most time.Duration) error {
	n, err := s.poller.Wait(s.ready, s.patience(most))
	if err != nil {
		return err
	}
	now := s.clocks.now()
	if err := s.resume(); err != nil {
		return err
	}
	for _, fd := range s.ready[:n] {
		switch fd {
		case s.bell.heard:
			s.bell.hush()
		case s.door.fd:
			err = s.accept()
		default:
			if c := s.conns[fd]; c != nil && !c.again { // else closed, or stepped, by resume
				err = s.step(c)
			}
		}
		if err != nil {
			return err
		}
	}
	// now is from before the reports were followed, and those late are closed
	// after: whoever's bytes came while a slow handler ran has been read first.
	for c := s.clocks.late(now); c != nil; c = s.clocks.late(now) {
		if err := s.drop(c, os.ErrDeadlineExceeded); err != nil {
			return err
		}
	}
	if s.door.closed && now >= s.door.retry {
		return s.openDoor()
	}
	return nil
}

// patience is how long Wait may sleep.
func (s *Server) patience(most time.Duration) time.Duration {
	if len(s.again) > 0 || s.door.again {
		return 0
	}
	if s.door.closed {
		most = sooner(most, max(s.door.retry-s.clocks.now(), 0))
	}
	return s.clocks.left(most)
}

// step lets c do what it can, and then has it waked by what it waits for.
func (s *Server) step(c *conn) (err error) {
	if s.edge {
		err = s.exhaust(c)
	} else {
		err = c.step(&s.desk)
	}
	if err != nil {
		return s.drop(c, err)
	}
	if !c.timed() {
		s.clocks.stop(c)
	} else if c.at == 0 || c.moved {
		s.clocks.start(c)
	}
	c.moved = false
	if want := c.wants(); want != c.want {
		c.want = want
		return s.poller.Modify(c.fd, want)
	}
	return nil
}

// drop ends a connection, and frees a descriptor for one that may be waiting.
func (s *Server) drop(c *conn, why error) error {
	s.clocks.stop(c)
	c.release()
	s.conns[c.fd] = nil
	s.open--
	s.door.retry = 0
	s.o.Log.Info("disconnected", "peer", c.peer, "reason", why)
	err := s.poller.Remove(c.fd)
	unix.Close(c.fd) // releases the descriptor whatever it returns
	return err
}
