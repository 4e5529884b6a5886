package stacks_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/suite"
	"echolab/internal/hostile"
	"echolab/internal/stacks"
)

const (
	small    = 64 << 10 // MaxMessage under attack, so that memory shows
	memory   = 64 << 20 // VmHWM of the server, at most
	patience = 20 * time.Second
)

// TestHostile runs every hostile peer, in its full number, against every server
// in a process of its own. Meanwhile and afterwards a new, honest client is
// served within a second; the process lives on, stays small, and gives back
// every goroutine and descriptor. A model that is excused from such a peer serves
// nobody meanwhile; afterwards all must be well there too.
func TestHostile(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("needs /proc: run it on Linux")
	}
	for _, stack := range usable(t, stacks.All()) {
		t.Run(stack.Name, func(t *testing.T) {
			t.Parallel()
			for _, limit := range []int{small, 1 << 20} {
				victim := attacked(t, stack, limit)
				for _, enemy := range hostile.Peers(stack.Wire) {
					if (enemy.Name == "never-reads") == (limit > small) { // of it size is the point
						t.Run(enemy.Name, func(t *testing.T) { victim.withstand(t, enemy) })
					}
				}
				victim.leave(t)
			}
		})
	}
}

// A victim is a server under attack.
type victim struct {
	stack   echo.Stack
	limit   int
	addr    string
	pid     int
	counts  func() (goroutines int, err error)
	stop    func() error
	rest    [2]int // goroutines and descriptors before any attack
	largest int
}

func attacked(t *testing.T, stack echo.Stack, limit int) *victim {
	cmd := child(t, stack.Name, "127.0.0.1:0", echo.Options{MaxMessage: limit})
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { kill(cmd) })
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	v := &victim{
		stack: stack, limit: limit, pid: cmd.Process.Pid,
		addr: strings.TrimSpace(strings.TrimPrefix(line, "READY ")),
	}
	v.counts = func() (int, error) {
		if _, err := io.WriteString(in, "\n"); err != nil {
			return 0, err
		}
		line, err := lines.ReadString('\n')
		if err != nil {
			return 0, err
		}
		return strconv.Atoi(strings.TrimSpace(line))
	}
	v.stop = func() error {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return err
		}
		return cmd.Wait()
	}
	require.NoError(t, v.served(t.Context()))
	v.rest, err = v.holds()
	require.NoError(t, err)
	return v
}

// withstand asks all through the attack, and after it.
func (v *victim) withstand(t *testing.T, enemy hostile.Peer) {
	excuse := v.stack.Excuse["server/peer-"+enemy.Name]
	if excuse != "" {
		t.Logf("nobody asks during the attack: %s", excuse)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	over := make(chan error, 1)
	go func() { over <- enemy.Run(ctx, v.addr, v.limit) }()
	asked, began := 0, time.Now()
	for attacking := true; attacking; {
		if excuse == "" {
			require.NoError(t, v.served(t.Context()), "during %s: %s", enemy.Name, enemy.Story)
			asked++
		}
		select {
		case err := <-over:
			require.NoError(t, err, "the attack itself")
			attacking = false
		case <-time.After(10 * time.Millisecond):
		}
		if time.Since(began) > 500*time.Millisecond && enemy.Waits {
			cancel() // silence says no more by lasting longer
		}
	}
	require.NoError(t, v.served(t.Context()), "after %s: %s", enemy.Name, enemy.Story)
	require.NoError(t, v.rested(), "after %s", enemy.Name)
	require.Less(t, v.peak(t), memory, "VmHWM in bytes after %s", enemy.Name)
	t.Logf("%d × %s in %v, %d honest clients served meanwhile", enemy.Times, enemy.Name,
		time.Since(began).Round(time.Millisecond), asked)
}

// served is a new client's echo, within a second.
func (v *victim) served(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	began := time.Now()
	conn, err := v.stack.Connect(ctx, v.addr, echo.Options{})
	if err == nil {
		defer conn.Close()
		_, err = conn.Echo(ctx, []byte("still here"))
	}
	if err != nil {
		return fmt.Errorf("an honest client was not served within a second (%v): %w", time.Since(began), err)
	}
	return nil
}

// holds counts the server's goroutines and descriptors.
func (v *victim) holds() ([2]int, error) {
	goroutines, err := v.counts()
	if err != nil {
		return [2]int{}, fmt.Errorf("the server is gone: %w", err)
	}
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", v.pid))
	return [2]int{goroutines, len(open)}, err
}

// rested returns nil once the server holds what it held before.
func (v *victim) rested() error {
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		now, err := v.holds()
		if err != nil || now[0] <= v.rest[0] && now[1] <= v.rest[1] {
			return err
		}
		if time.Since(began) > patience {
			return fmt.Errorf("goroutines and descriptors are %v, were %v", now, v.rest)
		}
	}
}

func (v *victim) peak(t *testing.T) int {
	peak, err := suite.Resident(v.pid)
	require.NoError(t, err)
	v.largest = max(v.largest, peak)
	return peak
}

func (v *victim) leave(t *testing.T) {
	t.Logf("%s: VmHWM %.1f MiB with messages to %d KiB", v.stack.Name, float64(v.largest)/(1<<20), v.limit>>10)
	require.NoError(t, v.stop(), "after all that, Ctrl-C still ends it with exit code 0")
}
