//go:build linux

package uring

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"echolab/echo"
)

const (
	batch = 256     // operations pushed before they have to be submitted; completions taken at once
	queue = 4 << 10 // completions that find room; more wait in the kernel's own memory
)

// A Server is a loop: submit and wait, take what is done, repeat. Everything
// below belongs to the goroutine in Serve, so nothing needs a lock.
type Server struct {
	o      echo.Options
	addr   net.Addr
	ring   *ring
	lent   *buffers
	bell   bell
	door   door
	conns  []*conn // by descriptor; the kernel gives the lowest that is free
	open   int     // conns that are not nil
	clocks clocks
	done   []completion
}

// Listen binds addr ("host:port"; an empty host is every interface).
func Listen(addr string, o echo.Options) (*Server, error) {
	at, err := resolve(context.Background(), addr, netip.IPv6Unspecified(), netip.IPv4Unspecified())
	if err != nil {
		return nil, err
	}
	s := &Server{o: o.WithDefaults(), done: make([]completion, batch), door: door{fd: -1}}
	s.clocks = clocks{allow: s.o.MessageTimeout, began: time.Now()}
	if s.bell, err = newBell(); err != nil {
		return nil, err
	}
	if s.ring, err = newRing(batch, queue); err == nil {
		s.lent, err = newBuffers(s.ring)
	}
	if err == nil {
		err = s.bind(at)
	}
	if err != nil {
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

// Serve answers until ctx is done; see [echo.Server].
func (s *Server) Serve(ctx context.Context) (err error) {
	runtime.LockOSThread() // the ring is one thread's
	defer runtime.UnlockOSThread()
	defer func() { err = errors.Join(err, s.release()) }()
	stop := onDone(ctx, s.bell.ring)
	defer stop()
	if ctx.Err() != nil {
		return nil
	}
	if err := s.start(); err != nil {
		return err
	}
	for ctx.Err() == nil {
		if err := s.turn(-1); err != nil {
			return err
		}
	}
	return s.leave()
}

func (s *Server) start() error {
	if err := s.ring.enable(); err != nil {
		return err
	}
	if err := s.ring.push(read(s.bell.fd, s.bell.rung)); err != nil {
		return err
	}
	return s.openDoor()
}
