//go:build linux

package load_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/internal/load"
	"echolab/internal/stacks"
)

func TestLoadOnEveryStack(t *testing.T) {
	for _, s := range stacks.All() {
		if s.Usable != nil && s.Usable() != nil {
			t.Logf("%s: not here: %v", s.Name, s.Usable())
			continue
		}
		if why := s.Excuse["server/silent-first"]; why != "" {
			t.Logf("%s: left out, it cannot hold several connections: %s", s.Name, why)
			continue
		}
		for _, size := range []int{0, 64, 64 << 10} {
			server, err := s.Listen("127.0.0.1:0", echo.Options{})
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			served := make(chan error, 1)
			go func() { served <- server.Serve(ctx) }()
			l, err := load.Open(server.Addr().String(), s.Wire, 8, size)
			require.NoError(t, err, s.Name)
			for range 2 { // the second begins where the first has ended
				replies, took, err := l.Run(10 * time.Millisecond)
				require.NoError(t, err, s.Name)
				require.GreaterOrEqual(t, replies, 8)
				require.GreaterOrEqual(t, took, 10*time.Millisecond)
			}
			l.Close()
			cancel()
			require.NoError(t, <-served)
		}
	}
}
