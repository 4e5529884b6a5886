//go:build linux

package rawsocket

import (
	"context"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"echolab/echo"
)

// An Iterative is the server of the first lesson on sockets, with no Go between
// it and the kernel: socket, bind, listen; then accept, read and write until that
// client leaves, and accept again. Everybody else queues.
//
// Who waits: the goroutine in Serve, and a thread of the kernel's with it. Where:
// in accept4(2) for a client, in read(2) for a request, in write(2) for room. What
// wakes it: just that; or shutdown(2) from the goroutine that sees ctx end; or, in
// the middle of a message, SO_RCVTIMEO and SO_SNDTIMEO.
type Iterative struct {
	o        echo.Options
	addr     net.Addr
	fd       int // listens
	stopping atomic.Bool

	mu    sync.Mutex // guards guest
	guest int        // the client's descriptor, which stop may shut down; -1: nobody's
}

// IterativeUsable returns nil: this is Linux.
func IterativeUsable() error { return nil }

// ListenIterative binds addr ("host:port"; an empty host is every interface) and
// listens. NOTE: IPv4 only. Options.MaxClients says nothing here: it is one.
func ListenIterative(addr string, o echo.Options) (*Iterative, error) {
	at, err := net.ResolveTCPAddr("tcp4", addr)
	if err != nil {
		return nil, err
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	s := &Iterative{o: o.WithDefaults(), fd: fd, guest: -1}
	if err := s.listen(at); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	return s, nil
}

// waiting is how many clients the kernel keeps for us, connected and not yet
// accepted. listen(2): a value over /proc/sys/net/core/somaxconn "is silently
// capped to that value".
const waiting = 4096

//lesson:socket-bind-listen
func (s *Iterative) listen(at *net.TCPAddr) error {
	// Without it bind(2) refuses the port for a minute after a restart, while
	// connections of the server before are in TIME_WAIT.
	if err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	if err := bind(s.fd, sockaddr(at)); err != nil {
		return os.NewSyscallError("bind", err)
	}
	if err := unix.Listen(s.fd, waiting); err != nil {
		return os.NewSyscallError("listen", err)
	}
	name, err := unix.Getsockname(s.fd) // with port 0 the kernel has chosen
	if err != nil {
		return os.NewSyscallError("getsockname", err)
	}
	s.addr = tcpAddr(name)
	return nil
}

// Addr is the bound address.
func (s *Iterative) Addr() net.Addr { return s.addr }

// Serve answers until ctx is done; see [echo.Server].
func (s *Iterative) Serve(ctx context.Context) error {
	stopped := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		s.stop()
		close(stopped)
	})
	err := s.accept(ctx)
	if !cancel() {
		<-stopped // it uses the descriptor that is closed next
	}
	unix.Close(s.fd) // releases the descriptor whatever it returns
	return err
}

//lesson:one-client
func (s *Iterative) accept(ctx context.Context) error {
	for ctx.Err() == nil {
		fd, peer, err := unix.Accept4(s.fd, unix.SOCK_CLOEXEC)
		switch {
		case err == nil:
			s.serve(fd, tcpAddr(peer))
		case ctx.Err() != nil:
			// by stop
		case err == unix.EMFILE || err == unix.ENFILE || err == unix.ENOBUFS || err == unix.ENOMEM:
			// accept4 fails at once as long as the process has no descriptor to
			// spare, and a loop that only retries burns a whole core.
			s.o.Log.Warn("cannot accept", "error", err)
			select {
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
			}
		case err == unix.EBADF || err == unix.EFAULT || err == unix.EINVAL || err == unix.ENOTSOCK || err == unix.EOPNOTSUPP:
			return os.NewSyscallError("accept4", err)
		default:
			// accept(2): "Linux accept() passes already-pending network errors on
			// the new socket as an error code": that client's end, and not ours.
		}
	}
	return nil
}

// stop wakes Serve wherever it sleeps. close(2) would wake nobody, and give the
// number of the descriptor away under the sleeper; shutdown(2) wakes all and
// keeps it: accept4 returns EINVAL, and read 0, both from now on. Replies can
// still leave.
func (s *Iterative) stop() {
	s.stopping.Store(true)
	unix.Shutdown(s.fd, unix.SHUT_RDWR)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.guest >= 0 {
		unix.Shutdown(s.guest, unix.SHUT_RD)
	}
}

// receive makes fd, or -1, the one that stop shuts down.
func (s *Iterative) receive(fd int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.guest = fd
}
