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
// that asks now and then: the slowest answer but one in a hundred, quiet and under flood, in
// turns. Framed servers only: a REQ asks once and waits.
func BenchmarkFlood(b *testing.B) {
	all := slices.DeleteFunc(rows(b), func(r *row) bool { return r.wire != echo.Framed || r.name == "iterative" })
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
		buf := bytes.Repeat(frame.Append(nil, make([]byte, 64)), 1000)
		under.Go(func() {
			unpin, err := load.Pin(1)
			if err != nil {
				b.Error(err)
				return
			}
			defer unpin()
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
