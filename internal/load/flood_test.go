//go:build linux

package load_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"echolab/echo"
	"echolab/echo/frame"
	"echolab/internal/load"
)

// BenchmarkFlood measures what one client that sends without end does to another
// that makes one echo after the other: its p99, quiet and under flood, in turns.
// Framed servers only, since a REQ asks once and waits; and not the bare C loop,
// which dies of SIGPIPE when a client leaves replies unread.
func BenchmarkFlood(b *testing.B) {
	all := slices.DeleteFunc(rows(b, 2), func(r *row) bool { return r.wire != echo.Framed || len(r.program) > 0 })
	quiet, flooded, times := map[*row][]float64{}, map[*row][]float64{}, map[*row][]float64{}
	for _, r := range all {
		r.start(b)
	}
	for b.Loop() {
		for range 5 {
			for _, r := range all {
				q := ping(b, r.p.Addr)
				stop := flood(b, r.p.Addr)
				f := ping(b, r.p.Addr)
				stop()
				quiet[r], flooded[r], times[r] = append(quiet[r], q), append(flooded[r], f), append(times[r], f/q)
			}
		}
	}
	b.ReportMetric(0, "ns/op")
	table("p99 of a ping\tquiet µs\tflooded µs\ttimes", all, func(r *row) string {
		return fmt.Sprintf("%.0f\t%.0f\t%.1f", median(quiet[r]), median(flooded[r]), median(times[r]))
	})
}

// ping returns the p99 of an echo, in microseconds.
func ping(b *testing.B, addr string) float64 {
	const warm, pings = 50, 300
	fd := dial(b, addr)
	defer unix.Close(fd)
	unpin, err := load.Pin(1)
	require.NoError(b, err)
	defer unpin()
	request, reply := frame.Append(nil, []byte("ping")), make([]byte, 100)
	var took []time.Duration
	for range warm + pings {
		began := time.Now()
		_, err := unix.Write(fd, request)
		require.NoError(b, err)
		n, err := unix.Read(fd, reply)
		require.NoError(b, err)
		require.Equal(b, request, reply[:n])
		took = append(took, time.Since(began))
	}
	took = took[warm:]
	slices.Sort(took)
	return float64(took[pings*99/100]) / 1e3
}

// flood sends small messages as fast as they are taken, and reads the replies,
// until stop, which waits for both.
func flood(b *testing.B, addr string) (stop func()) {
	fd := dial(b, addr)
	var under sync.WaitGroup
	for _, call := range []func(int, []byte) (int, error){unix.Write, unix.Read} {
		buf := bytes.Repeat(frame.Append(nil, make([]byte, 64)), 200)
		under.Go(func() {
			if _, err := load.Pin(1); err != nil {
				b.Error(err)
				return
			}
			// The ping must not queue here, on the processor that they share. On Linux
			// this is the thread's, which ends with its goroutine: it stays locked.
			if err := unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), 19); err != nil {
				b.Error(err)
			}
			for n := 1; n > 0; {
				n, _ = call(fd, buf)
			}
		})
	}
	return func() {
		unix.Shutdown(fd, unix.SHUT_RDWR)
		under.Wait()
		unix.Close(fd)
	}
}

// dial is a socket that blocks, and a thread with it: Go's scheduler is not
// measured.
func dial(b *testing.B, addr string) int {
	at, err := netip.ParseAddrPort(addr)
	require.NoError(b, err)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(b, err)
	require.NoError(b, unix.Connect(fd, &unix.SockaddrInet4{Addr: at.Addr().As4(), Port: int(at.Port())}))
	require.NoError(b, unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1))
	return fd
}
