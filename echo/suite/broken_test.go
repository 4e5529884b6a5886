package suite_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/suite"
)

// patience is what a subject that hangs gets here, in place of the suite's own.
const patience = 5 * time.Second

// A broken subject makes one mistake, and shows that a check can fail.
type broken struct {
	check   string    // that must find it
	mistake string    // what is really done, by students or by libraries
	says    string    // a regexp, found in the log: it failed for this reason and no other
	wire    echo.Wire // empty is framed
	// waits, hangs: it takes long, or for ever, and costs little, so it runs beside
	// others. The rest run alone: they may count goroutines and descriptors, and a
	// child holds every listener of ours for a moment, between fork and exec.
	waits, hangs bool
	rig          func(t *testing.T, wire echo.Wire) *suite.Rig
}

func subjects() []broken {
	return slices.Concat(
		brokenReplies(), brokenHarm(), brokenLimits(), brokenEnds(), brokenProcesses(),
		brokenClients(), brokenClientErrors(), brokenSelf(), brokenSessions(), brokenEndpoints(), brokenPairs(),
	)
}

// checks are made once: the frames of hostile peers are large.
var checks = sync.OnceValue(suite.Checks)

func find(name string) (suite.Check, bool) {
	i := slices.IndexFunc(checks(), func(c suite.Check) bool { return c.Name == name })
	if i < 0 {
		return suite.Check{}, false
	}
	return checks()[i], true
}

// A check that nothing fails proves nothing.
func TestEveryCheckCanFail(t *testing.T) {
	unproven := map[string]bool{}
	for _, check := range checks() {
		unproven[check.Name] = true
	}
	for _, some := range [][]broken{subjects(), brokenHostile()} {
		t.Run("together", func(t *testing.T) {
			for _, b := range some {
				check, known := find(b.check)
				require.True(t, known, "%s: no check is called %q", b.mistake, b.check)
				delete(unproven, b.check)
				t.Run(b.check+"/"+b.mistake, func(t *testing.T) { b.mustFail(t, check) })
			}
		})
	}
	require.Empty(t, slices.Sorted(maps.Keys(unproven)), "checks that no broken subject fails: write one for each")
}

func (b broken) mustFail(t *testing.T, check suite.Check) {
	if b.waits || b.hangs {
		t.Parallel()
	}
	if b.wire == "" {
		b.wire = echo.Framed
	}
	rig := b.rig(t, b.wire)
	if left := check.Left(rig); left != "" {
		require.NotNil(t, check.Here, left)
		t.Skip(left)
	}
	ctx := t.Context()
	if b.hangs {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	result := suite.Run(ctx, check, rig)
	require.True(t, result.Failed, "the check did not see it: %s", result.Log)
	require.True(t, regexp.MustCompile(b.says).MatchString(result.Log), "it failed, but not because of %q:\n%s", b.says, result.Log)
}

func TestMain(m *testing.M) {
	if name := os.Getenv(childEnv); name != "" {
		child(name) // process checks start this binary as the broken server
		return
	}
	// Subjects that wait hardly compute: two at a time, the default on two cores,
	// would take minutes.
	flag.Parse()
	flag.Set("test.parallel", "64")
	before := suite.Count()
	code := m.Run()
	if err := before.Same(); err != nil && code == 0 {
		fmt.Println("left behind by the tests:", err)
		code = 1
	}
	os.Exit(code)
}
