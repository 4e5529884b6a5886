package stacks_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/session"
	"echolab/echo/suite"
	"echolab/internal/stacks"
)

const (
	chaosClients = 8
	chaosKills   = 50
	chaosShare   = 50 // echoes with all servers up, and again with one down
)

// TestChaos kills one of three servers (SIGKILL), at random, fifty times through
// 5,000 echoes of eight clients, and starts it again: no reply may be lost,
// swapped or wrong. Clients take a turn for each echo, so that half of them
// begin while a server is down, however fast the stack is. A session keeps its
// connections, so a stack that serves one at a time is given one client.
func TestChaos(t *testing.T) {
	for _, stack := range usable(t, stacks.All()) {
		t.Run(stack.Name, func(t *testing.T) {
			before := suite.Count()
			clients := chaosClients
			if why := stack.Excuse["server/silent-first"]; why != "" {
				clients = 1
				t.Logf("one client, not %d: %s", chaosClients, why)
			}
			survive(t, stack, clients)
			require.NoError(t, before.Same())
		})
	}
}

func survive(t *testing.T, stack echo.Stack, clients int) {
	random := rand.New(rand.NewPCG(seed(t), 0))
	var servers []*exec.Cmd
	var addrs []string
	for range 3 {
		addrs = append(addrs, suite.Vacant(t))
		servers = append(servers, started(t, stack.Name, addrs[len(addrs)-1]))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	turns := make(chan int) // the number of the next echo
	finished := make(chan error, clients)
	for range clients {
		go func() {
			err := chat(ctx, stack, addrs, turns)
			if err != nil {
				cancel()
			}
			finished <- err
		}()
	}
	next := 0
	deal := func() {
		for range chaosShare {
			select {
			case turns <- next:
				next++
			case <-ctx.Done():
			}
		}
	}
	for range chaosKills {
		i := random.IntN(len(servers))
		deal()
		kill(servers[i])
		deal()
		servers[i] = started(t, stack.Name, addrs[i])
	}
	close(turns)
	for range clients {
		require.NoError(t, <-finished)
	}
	require.Equal(t, 2*chaosKills*chaosShare, next)
	for _, s := range servers {
		kill(s)
	}
}

// chat makes an echo a turn, and compares it.
func chat(ctx context.Context, stack echo.Stack, addrs []string, turns <-chan int) error {
	s, err := session.Dial(stack.Connect, addrs, session.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	for i := range turns {
		msg := fmt.Appendf(nil, "message %d", i)
		got, err := s.Echo(ctx, msg)
		if err != nil {
			return fmt.Errorf("%s: %w", msg, err)
		}
		if string(got) != string(msg) {
			return fmt.Errorf("sent %q, got %q", msg, got)
		}
	}
	return nil
}

// started runs a server until the test ends, or kill.
func started(t *testing.T, stack, addr string) *exec.Cmd {
	t.Helper()
	cmd := child(t, stack, addr, echo.Options{})
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { kill(cmd) })
	_, err = bufio.NewReader(out).ReadString('\n') // READY
	require.NoError(t, err, "%s never said READY", cmd)
	return cmd
}

func kill(cmd *exec.Cmd) {
	cmd.Process.Kill()
	cmd.Wait()
}
