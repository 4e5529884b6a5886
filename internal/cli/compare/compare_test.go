package compare_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"echolab/echo"
	"echolab/internal/cli/compare"
	"echolab/internal/stacks"

	"github.com/stretchr/testify/require"
)

// A stack that hangs costs a stage's time, and is reported like any difference.
func TestAStackThatHangsIsADifference(t *testing.T) {
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	silent, err := stacks.Find("rawsocket")
	require.NoError(t, err)
	listen := silent.Listen
	silent.Listen = func(addr string, o echo.Options) (echo.Server, error) {
		o.Handler = func([]byte) []byte { <-release; return nil }
		return listen(addr, o)
	}
	report, err := compare.Run(t.Context(), []echo.Stack{silent}, compare.Options{StageTime: 50 * time.Millisecond})
	require.NoError(t, err)
	ran, differed := report.Ran()
	require.Equal(t, 1, ran)
	require.Equal(t, 1, differed)
	require.Len(t, report.Rows[0].Differences, 2)
	require.Contains(t, report.Rows[0].Differences[0], "hello: no reply")
	require.Equal(t, "its server does not stop", report.Rows[0].Differences[1])
}

// Stopped, it says so, and not that every stack is broken.
func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := compare.Run(ctx, stacks.All(), compare.Options{})
	require.ErrorIs(t, err, context.Canceled)
}

func ExampleDifference() {
	fmt.Println(compare.Difference([]byte("hello"), []byte("hallo")))
	fmt.Println(compare.Difference([]byte("hello"), []byte("hell")))
	fmt.Println(compare.Difference([]byte("hello"), []byte("hello")) == "")
	// Output:
	// byte 1 of the reply is 61, and 65 was sent
	// the reply has 4 bytes, and 5 were sent
	// true
}
