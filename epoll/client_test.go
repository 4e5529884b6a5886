//go:build linux

package epoll_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"echolab/echo"
	"echolab/echo/frame"
	"echolab/epoll"
)

func connect(t testing.TB, addr string) *epoll.Conn {
	c, err := epoll.Connect(t.Context(), addr, echo.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

// script is a server that does, to one connection, what a test says.
func script(t testing.TB, do func(conn *net.TCPConn)) (addr string) {
	leakless(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var played sync.WaitGroup
	t.Cleanup(played.Wait)
	t.Cleanup(func() { l.Close() })
	played.Go(func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		do(conn.(*net.TCPConn))
		io.Copy(io.Discard, conn) // until the client has closed
	})
	return l.Addr().String()
}

func heard(conn *net.TCPConn) { io.ReadFull(conn, make([]byte, 9)) } // one framed hello

func TestEchoSizes(t *testing.T) {
	addr, _ := serve(t, echo.Options{})
	c := connect(t, addr)
	for _, n := range []int{0, 1, 255, 256, 508, 509, 64<<10 - 1, 64 << 10, 64<<10 + 1, 1 << 20} {
		msg := bytes.Repeat([]byte{byte(n), 0xff, 0}, n/3+1)[:n]
		reply, err := c.Echo(t.Context(), msg)
		require.NoError(t, err)
		require.True(t, bytes.Equal(msg, reply), "%d bytes", n)
	}
	_, err := c.Echo(t.Context(), make([]byte, 1<<20+1))
	require.ErrorIs(t, err, echo.ErrTooLarge)
	_, err = c.Echo(t.Context(), nil)
	require.NoError(t, err, "ErrTooLarge leaves the connection as it was")
}

func TestManyClients(t *testing.T) {
	addr, _ := serve(t, echo.Options{})
	var wg sync.WaitGroup
	defer wg.Wait()
	for id := range 64 {
		c := connect(t, addr)
		wg.Go(func() {
			for i := range 20 {
				msg := bytes.Repeat([]byte{byte(id), byte(i)}, id*i)
				reply, err := c.Echo(context.Background(), msg)
				if err != nil || !bytes.Equal(msg, reply) {
					t.Errorf("client %d, echo %d: %v", id, i, err)
				}
			}
		})
	}
}

func TestRefused(t *testing.T) {
	leakless(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l.Close()
	_, err = epoll.Connect(t.Context(), l.Addr().String(), echo.Options{})
	require.ErrorIs(t, err, echo.ErrNoServer)
	require.ErrorIs(t, err, unix.ECONNREFUSED)
}

// A listener whose queue is full answers no SYN: connect(2) hangs.
func TestConnectEndsWithContext(t *testing.T) {
	leakless(t)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	defer unix.Close(fd)
	require.NoError(t, unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	require.NoError(t, unix.Listen(fd, 0))
	name, err := unix.Getsockname(fd)
	require.NoError(t, err)
	addr := (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: name.(*unix.SockaddrInet4).Port}).String()
	for {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		c, err := epoll.Connect(ctx, addr, echo.Options{})
		cancel()
		if err == nil { // it went into the queue
			defer c.Close()
			continue
		}
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, echo.ErrNoServer)
		return
	}
}

func TestOneselfIsNoServer(t *testing.T) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	defer unix.Close(fd)
	require.NoError(t, unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	name, err := unix.Getsockname(fd)
	require.NoError(t, err)
	require.NoError(t, unix.Connect(fd, name), "TCP allows it")
	require.ErrorIs(t, epoll.NotOneself(fd), unix.ECONNREFUSED)
}

func TestWhatAnEchoFailsWith(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*net.TCPConn)
		want []error
	}{
		{"end before the reply", func(c *net.TCPConn) { heard(c); c.CloseWrite() }, []error{echo.ErrNoReply, io.EOF}},
		{
			"end within the reply", func(c *net.TCPConn) { heard(c); c.Write([]byte{0, 0, 0, 5, 'h'}); c.CloseWrite() },
			[]error{echo.ErrNoReply, io.EOF},
		},
		{"reset", func(c *net.TCPConn) { heard(c); c.SetLinger(0); c.Close() }, []error{echo.ErrNoReply, unix.ECONNRESET}},
		{
			"too much announced", func(c *net.TCPConn) { heard(c); c.Write([]byte{0xff, 0, 0, 0}) },
			[]error{echo.ErrNoReply, echo.ErrMalformed},
		},
		{
			"bytes after the reply", func(c *net.TCPConn) { heard(c); c.Write([]byte{0, 0, 0, 0, 1}) },
			[]error{echo.ErrNoReply, echo.ErrMalformed},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := connect(t, script(t, c.do))
			_, err := conn.Echo(t.Context(), []byte("hello"))
			for _, want := range c.want {
				require.ErrorIs(t, err, want)
			}
			_, err = conn.Echo(t.Context(), []byte("again"))
			require.ErrorIs(t, err, echo.ErrNoServer, "it is spent")
		})
	}
}

func TestBeforeTheRequest(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*net.TCPConn)
		want []error
	}{
		{"the server has gone", func(c *net.TCPConn) { c.CloseWrite() }, []error{echo.ErrNoServer, io.EOF}},
		{"the server was reset", func(c *net.TCPConn) { c.SetLinger(0); c.Close() }, []error{echo.ErrNoServer, unix.ECONNRESET}},
		{"the server spoke first", func(c *net.TCPConn) { c.Write([]byte("SSH-2.0")) }, []error{echo.ErrMalformed}},
	} {
		t.Run(c.name, func(t *testing.T) {
			connected, did := make(chan bool), make(chan bool)
			conn := connect(t, script(t, func(peer *net.TCPConn) {
				<-connected
				c.do(peer)
				close(did)
			}))
			close(connected)
			<-did // and loopback delivers within the call
			_, err := conn.Echo(t.Context(), []byte("hello"))
			for _, want := range c.want {
				require.ErrorIs(t, err, want)
			}
		})
	}
}

func TestDeadline(t *testing.T) {
	conn := connect(t, script(t, heard))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err := conn.Echo(ctx, []byte("hello"))
	require.ErrorIs(t, err, echo.ErrNoReply)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, time.Since(begun), 5*time.Second)
	_, err = conn.Echo(t.Context(), []byte("late"))
	require.ErrorIs(t, err, echo.ErrNoServer, "a late reply must not answer it")
}

func TestContextDoneBefore(t *testing.T) {
	conn := connect(t, script(t, func(*net.TCPConn) {}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := conn.Echo(ctx, []byte("hello"))
	require.ErrorIs(t, err, echo.ErrNoServer)
	require.ErrorIs(t, err, context.Canceled)
}

func TestCloseEndsEcho(t *testing.T) {
	asked := make(chan bool)
	conn := connect(t, script(t, func(c *net.TCPConn) { heard(c); close(asked) }))
	echoed := make(chan error, 1)
	go func() {
		_, err := conn.Echo(context.Background(), []byte("hello"))
		echoed <- err
	}()
	<-asked
	require.NoError(t, conn.Close())
	require.ErrorIs(t, <-echoed, echo.ErrClosed)
	require.NoError(t, conn.Close())
	_, err := conn.Echo(t.Context(), frame.Append(nil, nil))
	require.ErrorIs(t, err, echo.ErrClosed)
}
