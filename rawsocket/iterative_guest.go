//go:build linux

package rawsocket

import (
	"errors"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"echolab/echo"
	"echolab/echo/frame"
)

// A guest is the one client that an Iterative serves.
type guest struct {
	server *Iterative
	fd     int
	in     *frame.Reader // reads by Read
	out    []byte        // the last reply, kept for its room
	readBy time.Time     // end of the message that has begun; zero between messages
	goneBy time.Time     // end of Grace; zero while there is none
}

// serve answers one client until it leaves. Nobody else is looked at meanwhile.
func (s *Iterative) serve(fd int, peer net.Addr) {
	log := s.o.Log.With("peer", peer)
	log.Info("connected")
	g := &guest{server: s, fd: fd}
	g.in = frame.NewReader(g, s.o.MaxMessage)
	s.receive(fd)
	err := g.prepare()
	for err == nil {
		err = g.exchange()
	}
	if s.stopping.Load() || errors.Is(err, echo.ErrMalformed) || errors.Is(err, echo.ErrTooLarge) {
		g.linger() // it is we who end it, and replies may be under way
	}
	log.Info("disconnected", "reason", err)
	s.receive(-1)
	g.in.Release()
	unix.Close(fd)
}

// prepare sets what holds for every message.
func (g *guest) prepare() error {
	// Nagle's algorithm would hold the second of two small replies until the peer
	// has acknowledged the first, up to 40 ms later.
	if err := unix.SetsockoptInt(g.fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	// A write that finds no room looks up this often whether it still may wait.
	return setTimeout(g.fd, unix.SO_SNDTIMEO, min(g.server.o.MessageTimeout/10, g.server.o.Grace))
}

// exchange is a request and its reply. The reply has left before the next request
// is looked at: a client that does not read is not read from.
func (g *guest) exchange() error {
	request, err := g.in.Next()
	if err != nil {
		return err
	}
	if g.server.stopping.Load() {
		return errStopped
	}
	reply := g.server.o.Handler(request)
	if err := g.server.o.CheckSize(reply); err != nil {
		return err
	}
	g.out = frame.Append(g.out[:0], reply)
	return g.write(g.out)
}

var errStopped = errors.New("the server stops")

// Read is read(2). A message that has begun has MessageTimeout to end.
func (g *guest) Read(p []byte) (int, error) {
	if err := g.armRead(); err != nil {
		return 0, err
	}
	for {
		n, err := unix.Read(g.fd, p)
		switch {
		case g.server.stopping.Load():
			return 0, errStopped
		case err == nil && n == 0:
			return 0, io.EOF
		case err == nil:
			return n, nil
		case err == unix.EINTR:
			// signal(7): with SO_RCVTIMEO a read is "never restarted" after a signal,
			// and Go sends itself SIGURG. A signal now and then may stretch the time.
		case err == unix.EAGAIN:
			return 0, os.ErrDeadlineExceeded // SO_RCVTIMEO is over
		default:
			return 0, os.NewSyscallError("read", err)
		}
	}
}

// armRead tells the kernel how long read may sleep: for ever between messages,
// and inside one for what is left of its time, so that a byte now and then does
// not renew it.
func (g *guest) armRead() error {
	begun := g.in.Partial()
	switch {
	case !begun && g.readBy.IsZero():
		return nil // the usual message costs no call
	case !begun:
		g.readBy = time.Time{}
		return setTimeout(g.fd, unix.SO_RCVTIMEO, 0)
	case g.readBy.IsZero():
		g.readBy = time.Now().Add(g.server.o.MessageTimeout)
	}
	left := time.Until(g.readBy)
	if left <= 0 {
		return os.ErrDeadlineExceeded
	}
	return setTimeout(g.fd, unix.SO_RCVTIMEO, left)
}

// write returns when the kernel has all of p, or took nothing for MessageTimeout.
func (g *guest) write(p []byte) error {
	by := time.Now().Add(g.server.o.MessageTimeout)
	for len(p) > 0 {
		n, err := unix.Write(g.fd, p)
		switch err {
		case nil: // n may be fewer bytes than asked
			p = p[n:]
			by = time.Now().Add(g.server.o.MessageTimeout)
		case unix.EINTR, unix.EAGAIN:
			// a signal, or SO_SNDTIMEO is over; nothing was written
		default:
			return os.NewSyscallError("write", err)
		}
		now := time.Now()
		if now.After(by) || g.server.stopping.Load() && now.After(g.grace()) {
			return os.ErrDeadlineExceeded
		}
	}
	return nil
}
