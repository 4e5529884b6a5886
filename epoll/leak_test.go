//go:build linux

package epoll_test

import (
	"context"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/epoll"
)

// TestMain lets package net open the descriptors that it keeps, before anybody counts.
func TestMain(m *testing.M) {
	if name := os.Getenv("LAB_CHILD"); name != "" {
		child(name)
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	l.Close()
	os.Exit(m.Run())
}

func descriptors(t testing.TB) int {
	fds, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	return len(fds)
}

// leakless checks, after all other cleanups, that goroutines and descriptors are
// back to what they were. A goroutine that has been waited for may need a
// moment more to end.
func leakless(t testing.TB) {
	fds, goroutines := descriptors(t), runtime.NumGoroutine()
	t.Cleanup(func() {
		for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > goroutines && time.Now().Before(end); {
			runtime.Gosched()
		}
		require.LessOrEqual(t, runtime.NumGoroutine(), goroutines, "goroutines")
		require.Equal(t, fds, descriptors(t), "descriptors")
	})
}

// A model is a way to wait. The server must behave the same with each.
type model struct {
	name   string
	listen func(addr string, o echo.Options) (*epoll.Server, error)
}

var models = []model{
	{"select", epoll.ListenSelect},
	{"poll", epoll.ListenPoll},
	{"signal", epoll.ListenSignal},
	{"epoll", epoll.Listen},
	{"epoll-edge", epoll.ListenEdge},
}

func onEach(t *testing.T, test func(t *testing.T, m model)) {
	for _, m := range models {
		t.Run(m.name, func(t *testing.T) { test(t, m) })
	}
}

func serve(t testing.TB, o echo.Options) (addr string, stop func() error) {
	return model{listen: epoll.Listen}.serve(t, o)
}

// serve runs a server until the test ends, or until stop, which returns what
// Serve returned.
func (m model) serve(t testing.TB, o echo.Options) (addr string, stop func() error) {
	leakless(t)
	s, err := m.listen("127.0.0.1:0", o)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	stopped := false
	stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-served
	}
	t.Cleanup(func() { require.NoError(t, stop()) })
	return s.Addr().String(), stop
}

// dial is a connection that a test uses byte by byte.
func dial(t testing.TB, addr string) *net.TCPConn {
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(30 * time.Second)) // ends a hung test
	return conn.(*net.TCPConn)
}
