//go:build linux

package epoll_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"echolab/echo"
	"echolab/echo/frame"
	"echolab/epoll"
)

// exchange sends a message as bytes and checks the reply.
func exchange(t testing.TB, conn net.Conn, msg string) {
	want := frame.Append(nil, []byte(msg))
	_, err := conn.Write(want)
	require.NoError(t, err)
	got := make([]byte, len(want))
	_, err = io.ReadFull(conn, got)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// closed expects the server's FIN, and nothing before it.
func closed(t testing.TB, conn net.Conn) {
	n, err := conn.Read(make([]byte, 1))
	require.Zero(t, n)
	require.ErrorIs(t, err, io.EOF)
}

func TestServeWithContextDone(t *testing.T) {
	onEach(t, func(t *testing.T, m model) {
		leakless(t)
		s, err := m.listen("127.0.0.1:0", echo.Options{})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		require.NoError(t, s.Serve(ctx))
		again, err := m.listen(s.Addr().String(), echo.Options{})
		require.NoError(t, err, "the port is free")
		require.NoError(t, again.Serve(ctx))
	})
}

func TestListenErrorsReleaseEverything(t *testing.T) {
	addr, _ := serve(t, echo.Options{})
	for _, bad := range []string{addr, "127.0.0.1", "127.0.0.1:none", "192.0.2.1:0"} {
		_, err := epoll.Listen(bad, echo.Options{})
		require.Error(t, err, bad)
	}
}

func TestIPv6AndEveryInterface(t *testing.T) {
	for _, addr := range []string{"[::1]:0", "localhost:0", ":0"} {
		leakless(t)
		s, err := epoll.Listen(addr, echo.Options{})
		if errors.Is(err, unix.EADDRNOTAVAIL) || errors.Is(err, unix.EAFNOSUPPORT) {
			t.Logf("%s: this machine has no IPv6 on its loopback interface", addr)
			continue
		}
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(context.Background())
		served := make(chan error, 1)
		go func() { served <- s.Serve(ctx) }()
		host, _, _ := net.SplitHostPort(addr)
		_, port, _ := net.SplitHostPort(s.Addr().String())
		c, err := epoll.Connect(ctx, net.JoinHostPort(host, port), echo.Options{})
		require.NoError(t, err)
		reply, err := c.Echo(ctx, []byte("hello"))
		require.NoError(t, err)
		require.Equal(t, "hello", string(reply))
		require.NoError(t, c.Close())
		cancel()
		require.NoError(t, <-served)
	}
}

// A client that has shut down its side still gets every reply.
func TestHalfClose(t *testing.T) {
	onEach(t, func(t *testing.T, m model) {
		addr, _ := m.serve(t, echo.Options{})
		conn := dial(t, addr)
		stream := bytes.Repeat(frame.Append(nil, bytes.Repeat([]byte("half"), 250)), 8<<20/1004)
		var writing sync.WaitGroup
		defer writing.Wait()
		writing.Go(func() {
			conn.Write(stream)
			conn.CloseWrite()
		})
		got, err := io.ReadAll(conn)
		require.NoError(t, err)
		require.True(t, bytes.Equal(stream, got), "%d bytes of %d", len(got), len(stream))
	})
}

func TestClientThatNeverReadsHarmsNobody(t *testing.T) {
	onEach(t, func(t *testing.T, m model) {
		addr, _ := m.serve(t, echo.Options{MessageTimeout: 300 * time.Millisecond})
		deaf := dial(t, addr)
		msg := frame.Append(nil, make([]byte, 1<<20))
		for range 1000 { // until the server, which no longer reads, has given it up
			if _, err := deaf.Write(msg); err != nil {
				exchange(t, dial(t, addr), "still here")
				return
			}
		}
		require.Fail(t, "1 GB was taken and none of it read back")
	})
}

func TestMessageTimeout(t *testing.T) {
	onEach(t, func(t *testing.T, m model) {
		const timeout = 200 * time.Millisecond
		addr, _ := m.serve(t, echo.Options{MessageTimeout: timeout})
		idle, slow := dial(t, addr), dial(t, addr)
		exchange(t, idle, "then silence")
		exchange(t, slow, "then half a message")
		begun := time.Now()
		_, err := slow.Write([]byte{0, 0})
		require.NoError(t, err)
		closed(t, slow)
		require.GreaterOrEqual(t, time.Since(begun), timeout*9/10)
		require.Less(t, time.Since(begun), timeout+time.Second)
		exchange(t, idle, "between messages there is no timeout")
	})
}

// Whoever spoke while a handler kept the loop busy is heard before being judged.
func TestSlowHandlerIsNotThePeersFault(t *testing.T) {
	onEach(t, func(t *testing.T, m model) {
		const timeout = 300 * time.Millisecond
		began, goOn := make(chan bool), make(chan bool)
		addr, _ := m.serve(t, echo.Options{MessageTimeout: timeout, Handler: func(p []byte) []byte {
			if string(p) == "slow" {
				began <- true
				<-goOn
			}
			return p
		}})
		halved, slow := dial(t, addr), dial(t, addr)
		whole := append(frame.Append(nil, []byte("first")), frame.Append(nil, []byte("second"))...)
		_, err := halved.Write(whole[:len(whole)-3])
		require.NoError(t, err)
		first := make([]byte, 9)
		_, err = io.ReadFull(halved, first) // so the rest has begun, and its time
		require.NoError(t, err)
		_, err = slow.Write(frame.Append(nil, []byte("slow")))
		require.NoError(t, err)
		<-began
		_, err = halved.Write(whole[len(whole)-3:])
		require.NoError(t, err)
		<-time.After(2 * timeout)
		goOn <- true
		_, err = io.ReadFull(halved, make([]byte, 10))
		require.NoError(t, err)
	})
}

func TestMaxClients(t *testing.T) {
	onEach(t, func(t *testing.T, m model) {
		addr, _ := m.serve(t, echo.Options{MaxClients: 2})
		first, second := dial(t, addr), dial(t, addr)
		exchange(t, first, "one")
		exchange(t, second, "two")
		closed(t, dial(t, addr))
		require.NoError(t, first.CloseWrite())
		closed(t, first)
		exchange(t, dial(t, addr), "one again")
	})
}

func TestResetHarmsNobody(t *testing.T) {
	onEach(t, func(t *testing.T, m model) {
		addr, _ := m.serve(t, echo.Options{})
		neighbour := dial(t, addr)
		for _, said := range [][]byte{nil, {0}, {0, 0, 0, 9, 1}, frame.Append(nil, []byte("whole"))} {
			conn := dial(t, addr)
			_, err := conn.Write(said)
			require.NoError(t, err)
			require.NoError(t, conn.SetLinger(0)) // close(2) sends RST
			require.NoError(t, conn.Close())
			exchange(t, neighbour, "still here")
		}
	})
}

// owing returns a connection whose server owes it replies: it has asked for
// much, the server does not take more, and nothing was read.
func owing(t testing.TB, addr string) (conn *net.TCPConn, asked int) {
	conn = dial(t, addr)
	msg := frame.Append(nil, make([]byte, 1<<20))
	for {
		conn.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
		n, err := conn.Write(msg)
		asked += n
		if err != nil {
			return conn, asked
		}
	}
}

func TestGraceForUnsentReplies(t *testing.T) {
	onEach(t, func(t *testing.T, m model) {
		addr, stop := m.serve(t, echo.Options{Grace: 20 * time.Second})
		conn, asked := owing(t, addr)
		ended := make(chan error, 1)
		go func() { ended <- stop() }()
		got, err := io.ReadAll(conn)
		require.NoError(t, err)
		require.NoError(t, conn.Close())
		require.NoError(t, <-ended)
		require.Less(t, len(got), asked)
		require.Zero(t, len(got)%(1<<20+frame.HeaderLen), "whole replies only")
	})
}

func TestGraceEnds(t *testing.T) {
	onEach(t, func(t *testing.T, m model) {
		addr, stop := m.serve(t, echo.Options{Grace: 100 * time.Millisecond})
		owing(t, addr)
		begun := time.Now()
		require.NoError(t, stop())
		require.Less(t, time.Since(begun), 5*time.Second)
	})
}

// An idle connection costs the server's memory little: no goroutine, no buffer.
func TestIdleConnectionIsSmall(t *testing.T) {
	onEach(t, func(t *testing.T, m model) {
		addr, _ := m.serve(t, echo.Options{})
		at := netip.MustParseAddrPort(addr)
		heap := func() uint64 {
			var m runtime.MemStats
			for range 2 { // sync.Pool keeps what it holds through one collection
				runtime.GC()
			}
			runtime.ReadMemStats(&m)
			return m.HeapAlloc + m.StackInuse
		}
		hello, reply := frame.Append(nil, []byte("hello")), make([]byte, 9)
		var before uint64
		const warm, clients = 10, 400
		for i := range warm + clients {
			if i == warm {
				before = heap()
			}
			fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
			require.NoError(t, err)
			defer unix.Close(fd) // a client without memory of its own
			require.NoError(t, unix.Connect(fd, &unix.SockaddrInet4{Addr: at.Addr().As4(), Port: int(at.Port())}))
			put(t, fd, hello[:6]) // in two pieces, so that a buffer was needed
			put(t, fd, hello[6:])
			n, err := unix.Read(fd, reply)
			require.NoError(t, err)
			require.Equal(t, hello, reply[:n])
		}
		require.Less(t, (heap()-before)/clients, uint64(600))
		t.Logf("%d bytes a connection", (heap()-before)/clients)
	})
}
