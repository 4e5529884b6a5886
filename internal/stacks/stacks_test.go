package stacks_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/suite"
	"echolab/internal/stacks"
)

// TestEqual runs the conformance suite over every row of the table, each in a
// process of its own: the checks mostly wait, so the rows may run at the same
// time, but a process's goroutines and descriptors can be counted for one only.
func TestEqual(t *testing.T) {
	_, err := built() // for all of them
	require.NoError(t, err)
	for _, stack := range usable(t, stacks.All()) {
		t.Run(stack.Name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRow$", fmt.Sprintf("-test.v=%t", testing.Verbose()))
			cmd.Env = append(os.Environ(), "LAB_ROW="+stack.Name, "LAB_CHILD="+binaries)
			out, err := cmd.CombinedOutput()
			t.Logf("LAB_ROW=%s go test -run TestRow: %s", stack.Name, out)
			require.NoError(t, err)
		})
	}
}

// TestRow is one row of TestEqual. A client that several rows share is
// questioned once, in its own row.
func TestRow(t *testing.T) {
	name, one := os.LookupEnv("LAB_ROW")
	if !one {
		t.Skip("TestEqual runs every row; LAB_ROW=epoll runs the row epoll here")
	}
	stack, err := stacks.Find(name)
	require.NoError(t, err)
	rig := &suite.Rig{
		Wire: stack.Wire, Listen: stack.Listen, Connect: stack.Connect, Seed: seed(t),
		Command: func(addr string, o echo.Options) *exec.Cmd { return child(t, stack.Name, addr, o) },
	}
	subjects := []suite.Subject{suite.Server, suite.Client, suite.Session}
	if !ownClient(stack) {
		subjects = subjects[:1]
		t.Log("its client is rawsocket's; rawsocket is where it is questioned")
	}
	question(t, rig, stack.Excuse, subjects...)
}

// TestPairs lets every client talk to every server of its wire.
func TestPairs(t *testing.T) {
	servers := usable(t, stacks.All())
	for _, client := range usable(t, stacks.Clients()) {
		for _, server := range servers {
			if client.Wire != server.Wire || client.Secure != server.Secure {
				continue
			}
			t.Run(client.Name+"-to-"+server.Name, func(t *testing.T) {
				rig := &suite.Rig{Wire: server.Wire, Listen: server.Listen, Connect: client.Connect, Seed: seed(t)}
				question(t, rig, server.Excuse, suite.Pair)
			})
		}
	}
}

// TestNamesAreKnown: an excuse for a check that does not exist excuses nothing.
func TestNamesAreKnown(t *testing.T) {
	known := map[string]bool{}
	for _, check := range suite.Checks() {
		require.False(t, known[check.Name], "two checks are called %s", check.Name)
		require.NotEmpty(t, check.Why, check.Name)
		known[check.Name] = true
	}
	for _, stack := range stacks.All() {
		for name, why := range stack.Excuse {
			require.True(t, known[name], "%s is excused from %s, which is no check", stack.Name, name)
			require.NotEmpty(t, why)
		}
		found, err := stacks.Find(stack.Name)
		require.NoError(t, err)
		require.Equal(t, stack.Model, found.Model)
	}
	_, err := stacks.Find("telepathy")
	require.ErrorContains(t, err, `no stack is called "telepathy"; there are iterative, `)
}

// question runs the checks of these subjects, one after the other, and then those
// that the model is excused from.
func question(t *testing.T, rig *suite.Rig, excuse map[string]string, subjects ...suite.Subject) {
	var excused []suite.Check
	for _, check := range suite.Checks() {
		why := check.Left(rig)
		switch {
		case !slices.Contains(subjects, check.Subject):
		case why != "":
			t.Logf("%s: left, it %s", check.Name, why)
		case excuse[check.Name] != "":
			excused = append(excused, check)
		default:
			before := suite.Count()
			t.Run(check.Name, func(t *testing.T) { check.Run(t, rig) })
			if err := before.Same(); err != nil {
				t.Errorf("%s leaves something behind: %v", check.Name, err)
			}
		}
	}
	if len(excused) > 0 {
		before := suite.Count()
		t.Run("excused", func(t *testing.T) { mustFail(t, rig, excused, excuse) })
		if err := before.Same(); err != nil {
			t.Errorf("the excused checks leave something behind: %v", err)
		}
	}
}

// mustFail runs checks that the model fails by design. Most of them end with
// their patience, so they run at the same time, for a few seconds: what would
// pass has passed by then.
func mustFail(t *testing.T, rig *suite.Rig, checks []suite.Check, excuse map[string]string) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	results := make([]suite.Result, len(checks))
	var all sync.WaitGroup
	for i, check := range checks {
		all.Go(func() { results[i] = suite.Run(ctx, check, rig) })
	}
	all.Wait()
	for _, result := range results {
		t.Run(result.Check.Name, func(t *testing.T) {
			require.True(t, result.Failed, "it is excused (%s), and passes: strike the excuse", excuse[result.Check.Name])
			t.Logf("excused: %s\n%s", excuse[result.Check.Name], result.Log)
		})
	}
}

// ownClient reports whether the row's client is no other row's.
func ownClient(stack echo.Stack) bool {
	return slices.ContainsFunc(stacks.Clients(), func(s echo.Stack) bool { return s.Name == stack.Name })
}

// usable are the rows that can run here; the others are named with the reason.
func usable(t *testing.T, table []echo.Stack) []echo.Stack {
	var rows []echo.Stack
	for _, stack := range table {
		if stack.Usable != nil {
			if err := stack.Usable(); err != nil {
				t.Logf("%s cannot run here: %v", stack.Name, err)
				continue
			}
		}
		rows = append(rows, stack)
	}
	return rows
}

// seed is $LAB_SEED, to repeat a run, or new; a failed test prints it.
func seed(t *testing.T) uint64 {
	n := rand.Uint64N(1 << 16)
	if text, ok := os.LookupEnv("LAB_SEED"); ok {
		var err error
		n, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err, "LAB_SEED")
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("repeat with LAB_SEED=%d", n)
		}
	})
	return n
}
