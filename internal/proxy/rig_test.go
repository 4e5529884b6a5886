package proxy_test

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/internal/proxy"
)

// hung ends a test that would never end; nothing is measured with it.
const hung = 10 * time.Second

// leavesNothing fails the test unless goroutines and descriptors are back where
// they were, once all that the test set up later has been cleaned up.
func leavesNothing(t testing.TB) {
	goroutines, descriptors := runtime.NumGoroutine(), open()
	t.Cleanup(func() {
		for end := time.Now().Add(hung); time.Now().Before(end); <-time.After(time.Millisecond) {
			if runtime.NumGoroutine() <= goroutines && len(open()) <= len(descriptors) {
				return
			}
		}
		require.LessOrEqual(t, runtime.NumGoroutine(), goroutines, "goroutines")
		require.LessOrEqual(t, len(open()), len(descriptors), "descriptors %v", open())
	})
}

// open is what each descriptor refers to, where the system can say.
func open() (descriptors []string) {
	names, _ := filepath.Glob("/proc/self/fd/*")
	for _, name := range names {
		what, _ := os.Readlink(name)
		descriptors = append(descriptors, what)
	}
	return descriptors
}

// pair is the two ends of one connection through a proxy.
type pair struct {
	*proxy.Proxy
	client, server *net.TCPConn
}

// connect puts a proxy with options o before a listener of its own and opens
// one connection.
func connect(t testing.TB, o proxy.Options) pair {
	leavesNothing(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { ln.Close() })
	o.Target = ln.Addr().String()
	p, err := proxy.New(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	client, server := dial(t, p, ln)
	return pair{p, client, server}
}

func dial(t testing.TB, p *proxy.Proxy, ln net.Listener) (client, server *net.TCPConn) {
	c, err := net.Dial("tcp", p.Addr())
	require.NoError(t, err)
	s, err := ln.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { c.Close(); s.Close() })
	for _, conn := range []net.Conn{c, s} {
		require.NoError(t, conn.SetDeadline(time.Now().Add(hung)))
	}
	return c.(*net.TCPConn), s.(*net.TCPConn)
}

// send writes s, and take reads n bytes.
func send(t testing.TB, conn net.Conn, s string) {
	_, err := io.WriteString(conn, s)
	require.NoError(t, err)
}

func take(t testing.TB, conn net.Conn, n int) string {
	b := make([]byte, n)
	_, err := io.ReadFull(conn, b)
	require.NoError(t, err)
	return string(b)
}

// silent asserts that nothing comes for a while. It can only ever pass too often.
func silent(t testing.TB, conn net.Conn) {
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(30*time.Millisecond)))
	n, err := conn.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.Zero(t, n)
	require.NoError(t, conn.SetDeadline(time.Now().Add(hung)))
}

// events is a tap that keeps what it is told.
type events struct {
	mu  sync.Mutex
	all []proxy.Event
}

func (e *events) tap(ev proxy.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, ev)
}

// sizes are the lengths of the data events of one direction.
func (e *events) sizes(up bool) (sizes []int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, ev := range e.all {
		if ev.Up == up && ev.Kind == proxy.Data {
			sizes = append(sizes, len(ev.Bytes))
		}
	}
	return sizes
}

// words are the events as "up data", "down FIN" ….
func (e *events) words() (words []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, ev := range e.all {
		way := "down "
		if ev.Up {
			way = "up "
		}
		words = append(words, way+ev.Kind.String())
	}
	return words
}
