package proxy_test

import (
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/internal/proxy"
)

// A blackhole: no byte and no FIN passes, either way, and nothing is lost by it.
func TestStallAndResume(t *testing.T) {
	var e events
	p := connect(t, proxy.Options{Tap: e.tap})
	p.Stall()
	p.Stall() // once is enough
	send(t, p.client, "up")
	send(t, p.server, "down")
	require.NoError(t, p.client.CloseWrite())
	silent(t, p.client)
	silent(t, p.server)
	require.Empty(t, e.words(), "the tap is told of nothing that waits")

	p.Resume()
	p.Resume()
	got, err := io.ReadAll(p.server)
	require.NoError(t, err)
	require.Equal(t, "up", string(got))
	require.Equal(t, "down", take(t, p.client, 4))
}

// A stall in the middle of much: writes that slept are taken out, and go on
// where they stopped.
func TestStallLosesNothingOfMuch(t *testing.T) {
	p := connect(t, proxy.Options{})
	const size = 16 << 20
	var left sync.WaitGroup
	left.Go(func() { p.client.Write(make([]byte, size)) })
	buf := make([]byte, 64<<10)
	for got, stalls := 0, 0; got < size; {
		if got > stalls*size/16 {
			stalls++
			p.Stall()
			p.Resume()
		}
		n, err := p.server.Read(buf)
		require.NoError(t, err)
		got += n
	}
	left.Wait()
	silent(t, p.server)
}

// While stalled, a connection is accepted, by the kernel; no server hears of it.
func TestStalledBeforeConnect(t *testing.T) {
	p := connect(t, proxy.Options{})
	p.Stall()
	client, err := net.Dial("tcp", p.Addr())
	require.NoError(t, err)
	defer client.Close()
	send(t, client, "hello")
	silent(t, client)
	p.Cut() // it has no target yet
	_, err = client.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	p.Resume()
}

func TestCut(t *testing.T) {
	p := connect(t, proxy.Options{})
	send(t, p.client, "hello")
	require.Equal(t, "hello", take(t, p.server, 5))
	p.Cut()
	p.Cut()
	for _, conn := range []io.ReadWriter{p.client, p.server} {
		conn.Write([]byte("too late, and dropped"))
		_, err := conn.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.EOF)
	}
}

// Cut wakes a lane that sleeps in Write, and sends what the kernel had taken.
func TestCutOfABlockedWrite(t *testing.T) {
	p := connect(t, proxy.Options{})
	var left sync.WaitGroup
	left.Go(func() { p.client.Write(make([]byte, 64<<20)) }) // ends, read and dropped
	take(t, p.server, 1<<20)
	p.Cut()
	_, err := io.Copy(io.Discard, p.server)
	require.NoError(t, err)
	left.Wait()
}

func TestReset(t *testing.T) {
	p := connect(t, proxy.Options{})
	p.Cut()
	p.Reset()
	p = connect(t, proxy.Options{})
	p.Reset()
	for _, conn := range []io.Reader{p.client, p.server} {
		_, err := conn.Read(make([]byte, 1))
		require.ErrorIs(t, err, syscall.ECONNRESET)
	}
}

// The tap may stall; what it was told of then waits too.
func TestTapStalls(t *testing.T) {
	var stall atomic.Value // what to do, once there is a proxy to do it to
	stall.Store(func() {})
	p := connect(t, proxy.Options{Tap: func(proxy.Event) { stall.Load().(func())() }})
	stall.Store(p.Stall)
	send(t, p.client, "hello")
	silent(t, p.server)
	p.Resume()
	require.Equal(t, "hello", take(t, p.server, 5))
}

// Events come one at a time, in order, and a request before its reply.
func TestTapIsInOrder(t *testing.T) {
	var inside atomic.Int32
	var at []time.Duration
	var ways []bool
	p := connect(t, proxy.Options{Tap: func(e proxy.Event) {
		if inside.Add(1) != 1 {
			t.Error("two events at once")
		}
		at, ways = append(at, e.At), append(ways, e.Up)
		inside.Add(-1)
	}})
	for range 100 {
		send(t, p.client, "?")
		send(t, p.server, take(t, p.server, 1))
		take(t, p.client, 1)
	}
	require.NoError(t, p.Close())
	require.True(t, slices.IsSorted(at))
	for i, up := range ways {
		require.Equal(t, i%2 == 0, up)
	}
}
