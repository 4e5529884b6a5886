//go:build linux

package zmqversion_test

import (
	"errors"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
)

// With no descriptor left, accepting rests and does not spin; once one is free,
// the client that waited is served.
func TestDescriptorsRunOut(t *testing.T) {
	addr := serve(t, echo.Options{})
	honest := connect(t, addr, echo.Options{})
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	lower := limit
	lower.Cur = uint64(taken().descriptors + 8)
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &lower))
	defer syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	var fill []*os.File
	for {
		f, err := os.Open("/dev/null")
		if err != nil {
			break
		}
		fill = append(fill, f)
	}
	defer func() {
		for _, f := range fill {
			f.Close()
		}
	}()
	var peer net.Conn
	var begin, end syscall.Rusage
	for waits := false; !waits; { // some may be accepted: what earlier tests closed is freed bit by bit
		fill[0].Close() // for our end
		fill = fill[1:]
		var err error
		peer, err = net.Dial("tcp", addr)
		require.NoError(t, err)
		defer peer.Close()
		require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &begin))
		peer.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
		_, err = peer.Read(make([]byte, 1))
		waits = errors.Is(err, os.ErrDeadlineExceeded)
	}
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &end))
	require.Less(t, end.Utime.Nano()+end.Stime.Nano()-begin.Utime.Nano()-begin.Stime.Nano(), int64(150*time.Millisecond))
	_, err := honest.Echo(t.Context(), []byte("meanwhile"))
	require.NoError(t, err)

	fill[0].Close()
	fill = fill[1:]
	peer.SetReadDeadline(time.Now().Add(5 * time.Second))
	_, err = peer.Read(make([]byte, 1))
	require.NoError(t, err, "its greeting")
}
