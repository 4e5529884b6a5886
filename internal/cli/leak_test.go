package cli_test

import (
	"bufio"
	"context"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"echolab/internal/cli"
	"echolab/internal/stacks"

	"github.com/stretchr/testify/require"
)

// A program that has returned has left nothing running in its process.
func TestProgramsLeaveNoGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	ctx, stop := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	code := make(chan int)
	go func() {
		code <- cli.Run(ctx, "server", cli.Server, []string{"-listen", "127.0.0.1:0", "-delay", "1h"}, cli.Env{
			Stdout: writer, Stderr: io.Discard, Stacks: stacks.All(),
		})
	}()
	ready, err := bufio.NewReader(reader).ReadString('\n')
	require.NoError(t, err)
	addr := strings.TrimSpace(strings.TrimPrefix(ready, "READY "))

	failed, _, _ := run(t, "line\n", "client", "-connect", addr, "-timeout", "20ms")
	require.Equal(t, cli.Failed, failed)
	stop()
	require.Equal(t, cli.Done, <-code)

	// Those that were stopped take a moment to be gone. require.Eventually would
	// start one to look.
	for limit := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(limit); {
		runtime.Gosched()
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
}
