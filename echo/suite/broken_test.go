package suite_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/suite"
)

// patience is what a subject that hangs gets here, in place of the suite's own.
const patience = 3 * time.Second

// A broken subject makes one mistake, and shows that a check can fail.
type broken struct {
	check   string    // that must find it
	mistake string    // what is really done, by students or by libraries
	says    string    // part of the log: it failed for this reason and no other
	wire    echo.Wire // empty is framed
	waits   bool      // takes long and costs little: beside others. The rest run
	// alone, since checks may count goroutines and descriptors
	rig func(t *testing.T, wire echo.Wire) *suite.Rig
}

func subjects() []broken {
	return slices.Concat(
		brokenReplies(), brokenHarm(), brokenHostile(), brokenLimits(), brokenEnds(), brokenProcesses(),
		brokenClients(), brokenClientErrors(), brokenSelf(), brokenSessions(), brokenEndpoints(), brokenPairs(),
	)
}

// A check that nothing fails proves nothing.
func TestEveryCheckCanFail(t *testing.T) {
	checks := map[string]suite.Check{}
	for _, check := range suite.Checks() {
		checks[check.Name] = check
	}
	unproven := maps.Clone(checks)
	for _, b := range subjects() {
		check, known := checks[b.check]
		require.True(t, known, "%s: no check is called %q", b.mistake, b.check)
		delete(unproven, b.check)
		t.Run(b.check+"/"+b.mistake, func(t *testing.T) { b.mustFail(t, check) })
	}
	require.Empty(t, slices.Sorted(maps.Keys(unproven)), "checks that no broken subject fails: write one for each")
}

func (b broken) mustFail(t *testing.T, check suite.Check) {
	if b.waits {
		t.Parallel()
	}
	if b.wire == "" {
		b.wire = echo.Framed
	}
	rig := b.rig(t, b.wire)
	if left := check.Left(rig); left != "" {
		t.Skip(left)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	result := suite.Run(ctx, check, rig)
	require.True(t, result.Failed, "the check did not see it")
	require.True(t, strings.Contains(result.Log, b.says), "it failed, but not because of %q:\n%s", b.says, result.Log)
}

func TestMain(m *testing.M) {
	if name := os.Getenv(childEnv); name != "" {
		child(name) // process checks start this binary as the broken server
		return
	}
	// Subjects that wait hardly compute: two at a time, the default on two cores,
	// would take minutes.
	flag.Parse()
	flag.Set("test.parallel", "24")
	before := suite.Count()
	code := m.Run()
	if err := before.Same(); err != nil && code == 0 {
		fmt.Println("left behind by the tests:", err)
		code = 1
	}
	os.Exit(code)
}
