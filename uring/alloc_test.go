//go:build linux && !race

package uring_test // the race detector makes sync.Pool lose buffers on purpose

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/frame"
)

func TestNoAllocationAMessage(t *testing.T) {
	for _, size := range []int{0, 64, 64 << 10} {
		addr, _ := serve(t, echo.Options{})
		conn := dial(t, addr)
		msg := frame.Append(nil, make([]byte, size))
		got := make([]byte, len(msg))
		round := func() {
			_, err := conn.Write(msg)
			if err == nil {
				_, err = io.ReadFull(conn, got)
			}
			if err != nil {
				t.Error(err)
			}
		}
		round()
		require.Less(t, testing.AllocsPerRun(200, round), 1.0, "%d bytes", size)
	}
}
