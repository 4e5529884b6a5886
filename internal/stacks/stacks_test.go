package stacks_test

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/suite"
	"echolab/internal/stacks"
)

// TestEqual runs the conformance suite over every row of the table.
func TestEqual(t *testing.T) {
	for _, stack := range usable(t) {
		t.Run(stack.Name, func(t *testing.T) {
			rig := &suite.Rig{Wire: stack.Wire, Listen: stack.Listen, Connect: stack.Connect, Seed: seed(t),
				Command: func(addr string, o echo.Options) *exec.Cmd { return child(t, stack.Name, addr, o) }}
			for _, check := range suite.Checks() {
				if check.Subject != suite.Pair {
					run(t, check, rig, stack.Excuse[check.Name])
				}
			}
		})
	}
}

// TestPairs lets every client talk to every server of its wire.
func TestPairs(t *testing.T) {
	rows := usable(t)
	for _, client := range rows {
		for _, server := range rows {
			if client.Wire != server.Wire || client.Secure != server.Secure {
				continue
			}
			t.Run(client.Name+"-to-"+server.Name, func(t *testing.T) {
				rig := &suite.Rig{Wire: server.Wire, Listen: server.Listen, Connect: client.Connect, Seed: seed(t)}
				for _, check := range suite.Checks() {
					if check.Subject == suite.Pair {
						run(t, check, rig, server.Excuse[check.Name])
					}
				}
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
	require.ErrorContains(t, err, `no stack is called "telepathy"; there are rawsocket, `)
}

// run runs one check. A check that the model fails by design must fail.
func run(t *testing.T, check suite.Check, rig *suite.Rig, excuse string) {
	if why := check.Left(rig); why != "" {
		t.Logf("%s: left, it %s", check.Name, why)
		return
	}
	before := suite.Count()
	t.Run(check.Name, func(t *testing.T) {
		if excuse == "" {
			check.Run(t, rig)
			return
		}
		result := suite.Run(t.Context(), check, rig)
		require.True(t, result.Failed, "it is excused (%s), and passes: strike the excuse", excuse)
		t.Logf("excused: %s\n%s", excuse, result.Log)
	})
	if err := before.Same(); err != nil {
		t.Errorf("%s leaves something behind: %v", check.Name, err)
	}
}

// usable are the rows that can run here; the others are named with the reason.
func usable(t *testing.T) []echo.Stack {
	var rows []echo.Stack
	for _, stack := range stacks.All() {
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
