//go:build linux

package load

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"echolab/echo"
)

// A Load is a number of clients, all with the same request.
type Load struct {
	epfd    int
	request []byte // as on the wire; the reply is the same bytes
	in      []byte
	clients []*client // by descriptor
	stop    bool      // no further request is begun
	count   int       // replies complete
}

type client struct {
	fd        int
	sent, got int // of this request, of its reply
}

// Open connects clients to addr and has each of them make one echo, whose bytes
// are compared. Close releases them.
func Open(addr string, wire echo.Wire, clients, size int) (_ *Load, err error) {
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, err
	}
	msg := bytes.Repeat([]byte("load"), size/4+1)[:size]
	l := &Load{request: encode(wire, msg), in: make([]byte, 256<<10)}
	if l.epfd, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	for range clients {
		if err := l.add(at, wire); err != nil {
			l.Close()
			return nil, err
		}
	}
	return l, nil
}

// add connects with a socket that blocks, which a handshake and a first echo
// may, and gives it to epoll edge-triggered: one report when a reply begins.
func (l *Load) add(at netip.AddrPort, wire echo.Wire) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	for len(l.clients) <= fd {
		l.clients = append(l.clients, nil)
	}
	l.clients[fd] = &client{fd: fd}
	if err := unix.Connect(fd, &unix.SockaddrInet4{Addr: at.Addr().As4(), Port: int(at.Port())}); err != nil {
		return os.NewSyscallError("connect", err)
	}
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	if err := l.first(blocking(fd), wire); err != nil {
		return err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return os.NewSyscallError("fcntl", err)
	}
	event := unix.EpollEvent{Fd: int32(fd), Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLET&0xffffffff}
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(l.epfd, unix.EPOLL_CTL_ADD, fd, &event))
}

// first makes the handshake and the echo that is checked.
func (l *Load) first(conn io.ReadWriter, wire echo.Wire) error {
	if err := handshake(conn, wire); err != nil {
		return fmt.Errorf("handshake: %w", err)
	}
	if _, err := conn.Write(l.request); err != nil {
		return err
	}
	reply := make([]byte, len(l.request))
	if _, err := io.ReadFull(conn, reply); err != nil {
		return err
	}
	if !bytes.Equal(l.request, reply) {
		return errors.New("the reply is not the request")
	}
	return nil
}

// Run keeps a request under way on each connection for d, waits for the last
// replies, and returns how many there were.
func (l *Load) Run(d time.Duration) (replies int, took time.Duration, err error) {
	began := time.Now()
	l.count, l.stop = 0, false
	busy := 0
	for _, c := range l.clients {
		if c == nil {
			continue
		}
		c.sent, c.got = 0, 0
		busy++
		if err := l.push(c); err != nil {
			return 0, 0, err
		}
	}
	events := make([]unix.EpollEvent, 256)
	for busy > 0 {
		n, err := unix.EpollWait(l.epfd, events, 10_000)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return 0, 0, os.NewSyscallError("epoll_wait", err)
		case n == 0:
			return 0, 0, fmt.Errorf("%d clients had no reply for 10 s", busy)
		}
		l.stop = time.Since(began) >= d
		for _, event := range events[:n] {
			idle, err := l.step(l.clients[event.Fd])
			if err != nil {
				return 0, 0, err
			}
			if idle {
				busy--
			}
		}
	}
	return l.count, time.Since(began), nil
}

// step takes what has come of a reply and, when it is whole, sends the next
// request. idle reports that it did not, since the time is over.
func (l *Load) step(c *client) (idle bool, err error) {
	if c.sent == len(l.request) && c.got == len(l.request) {
		return false, nil // idle already; a report that came late
	}
	if err := l.push(c); err != nil {
		return false, err
	}
	for c.got < len(l.request) {
		n, err := read(c.fd, l.in)
		switch {
		case err == unix.EAGAIN:
			return false, nil
		case err != nil:
			return false, os.NewSyscallError("read", err)
		case n == 0:
			return false, io.ErrUnexpectedEOF
		}
		c.got += n
	}
	l.count++
	if c.got > len(l.request) {
		return false, fmt.Errorf("%d bytes came after a reply", c.got-len(l.request))
	}
	if l.stop {
		return true, nil
	}
	c.sent, c.got = 0, 0
	return false, l.push(c)
}

// push sends what the kernel takes; a report comes when it takes more.
func (l *Load) push(c *client) error {
	for c.sent < len(l.request) {
		n, err := write(c.fd, l.request[c.sent:])
		switch {
		case err == unix.EAGAIN:
			return nil
		case err != nil:
			return os.NewSyscallError("write", err)
		}
		c.sent += n
	}
	return nil
}

// Close ends the connections. A second Close does nothing.
func (l *Load) Close() {
	if l.epfd < 0 {
		return
	}
	for _, c := range l.clients {
		if c != nil {
			unix.Close(c.fd)
		}
	}
	unix.Close(l.epfd)
	l.epfd = -1
}
