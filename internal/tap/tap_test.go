package tap_test

import (
	"fmt"
	"io"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/internal/hostile"
	"echolab/internal/proxy"
	"echolab/internal/tap"
	"echolab/internal/wire"
)

// hung ends a test that would never end; nothing is measured with it.
const hung = 10 * time.Second

const hello = "\x00\x00\x00\x05hello"

// tapped is a tap with one connection through it.
type tapped struct {
	*tap.Tap
	client, server net.Conn
	seen           []tap.Event // to be read when the tap is closed
}

func connect(t *testing.T, o tap.Options) *tapped {
	leavesNothing(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { ln.Close() })
	p := &tapped{}
	o.Target, o.See = ln.Addr().String(), func(e tap.Event) { p.seen = append(p.seen, e) }
	p.Tap, err = tap.New(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	p.client, err = net.Dial("tcp", p.Addr())
	require.NoError(t, err)
	p.server, err = ln.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { p.client.Close(); p.server.Close() })
	for _, conn := range []net.Conn{p.client, p.server} {
		require.NoError(t, conn.SetDeadline(time.Now().Add(hung)))
	}
	return p
}

// send sends b from one end and waits until the other has it.
func send(t *testing.T, from, to net.Conn, b string) {
	_, err := io.WriteString(from, b)
	require.NoError(t, err)
	got := make([]byte, len(b))
	_, err = io.ReadFull(to, got)
	require.NoError(t, err)
	require.Equal(t, b, string(got))
}

// lines are events as "up 9 length body", "down FIN".
func lines(events []tap.Event) (lines []string) {
	for _, e := range events {
		line := map[bool]string{true: "up", false: "down"}[e.Up]
		if e.Kind == proxy.Data {
			line += fmt.Sprint(" ", len(e.Bytes))
		} else {
			line += " " + e.Kind.String()
		}
		for _, f := range e.Fields {
			line += " " + f.Name
		}
		lines = append(lines, line)
	}
	return lines
}

// An echo, told in order, and added up.
func TestEcho(t *testing.T) {
	p := connect(t, tap.Options{Wire: wire.NewFramed})
	send(t, p.client, p.server, hello)
	send(t, p.server, p.client, hello)
	require.NoError(t, p.client.Close())
	_, err := p.server.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	require.NoError(t, p.server.Close())
	require.NoError(t, p.Close())
	require.Equal(t, []string{"up 9 length body", "down 9 length body", "up FIN"}, lines(p.seen)[:3])

	up, down := p.Tally()
	require.Equal(t, up, down)
	want := tap.Tally{Messages: 1, Payload: 5, Framing: 4, Pieces: 1}
	if runtime.GOOS == "linux" {
		want.Kernel, want.Sent, want.Segments = true, 9, 1
	}
	require.Equal(t, want, up)
	require.Equal(t, 9, up.Bytes())
}

// Whatever way it is cut, each byte has its name, and the kernel counts the same.
func TestSliced(t *testing.T) {
	p := connect(t, tap.Options{Options: proxy.Options{Up: []proxy.Fault{proxy.Slice(1, 1, 100*time.Microsecond)}}})
	said := string(hostile.Greeting()) + string(hostile.Ready("REQ")) + "\x01\x00\x00\x05hello"
	send(t, p.client, p.server, said)
	require.NoError(t, p.Close())
	up, down := p.Tally()
	require.Equal(t, []int{1, 5, 4, 91, 0, 100}, []int{up.Messages, up.Payload, up.Framing, up.Control, up.Wrong, up.Pieces})
	require.Zero(t, down.Bytes())
	if up.Kernel {
		require.EqualValues(t, up.Bytes(), up.Sent)
	}
	for i, e := range p.seen[:100] {
		require.Len(t, e.Fields, 1)
		require.Equal(t, i, e.Fields[0].Offset)
	}
}

// Connections have dissectors of their own, also when their bytes come in turn.
func TestTwoConnections(t *testing.T) {
	p := connect(t, tap.Options{Wire: wire.NewFramed})
	send(t, p.client, p.server, hello[:6])
	other, err := net.Dial("tcp", p.Addr())
	require.NoError(t, err)
	defer other.Close()
	_, err = io.WriteString(other, "\x00\x00\x00\x00")
	require.NoError(t, err)
	for end := time.Now().Add(hung); time.Now().Before(end); runtime.Gosched() {
		if up, _ := p.Tally(); up.Messages == 1 {
			break
		}
	}
	send(t, p.client, p.server, hello[6:])
	require.NoError(t, p.Close())
	require.Equal(t, []string{"up 6 length body", "up 4 length", "up 3 body"}, lines(p.seen)[:3])
	require.Equal(t, `"hello"`, p.seen[2].Fields[0].Value)
}

// What a fault does is told, and what is malformed is counted as that.
func TestFaults(t *testing.T) {
	p := connect(t, tap.Options{Wire: wire.NewZMTP, Options: proxy.Options{Up: []proxy.Fault{proxy.Corrupt(0), proxy.CutAfter(70)}}})
	_, err := p.client.Write(append(hostile.Greeting(), hostile.Ready("REQ")...))
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, p.server)
	require.NoError(t, err)
	require.NoError(t, p.Close())
	require.Equal(t, "up act/up 70 malformed/up act/up FIN/down FIN", strings.Join(lines(p.seen), "/"))
	up, _ := p.Tally()
	require.Equal(t, 70, up.Wrong)
}

// leavesNothing fails the test unless goroutines and descriptors are back where
// they were, once all that the test set up later has been cleaned up.
func leavesNothing(t *testing.T) {
	goroutines, descriptors := runtime.NumGoroutine(), open()
	t.Cleanup(func() {
		for end := time.Now().Add(hung); time.Now().Before(end); <-time.After(time.Millisecond) {
			if runtime.NumGoroutine() <= goroutines && open() <= descriptors {
				return
			}
		}
		require.LessOrEqual(t, runtime.NumGoroutine(), goroutines, "goroutines")
		require.LessOrEqual(t, open(), descriptors, "descriptors")
	})
}

// open counts descriptors, where the system can say.
func open() int {
	names, _ := filepath.Glob("/proc/self/fd/*")
	return len(names)
}
