package suite_test

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/suite"
)

// run is Run of a check that does f, on a rig that has nothing.
func run(t *testing.T, f func(t suite.T)) suite.Result {
	return suite.Run(t.Context(), suite.Check{Name: "a check", Run: func(t suite.T, _ *suite.Rig) { f(t) }}, &suite.Rig{})
}

func TestRun(t *testing.T) {
	for name, c := range map[string]struct {
		check  func(t suite.T)
		failed bool
		log    string
	}{
		"nothing to say":                {func(suite.T) {}, false, ""},
		"Logf is no failure":            {func(t suite.T) { t.Logf("seed %d", 7) }, false, "seed 7"},
		"Errorf goes on":                {func(t suite.T) { t.Errorf("one"); t.Errorf("two") }, true, "one\ntwo"},
		"FailNow ends it":               {func(t suite.T) { t.FailNow(); t.Logf("not reached") }, true, ""},
		"a panic is one check's":        {func(suite.T) { panic("index out of range") }, true, "panic: index out of range"},
		"an Errorf in a cleanup counts": {func(t suite.T) { t.Cleanup(func() { t.Errorf("late") }) }, true, "late"},
	} {
		t.Run(name, func(t *testing.T) {
			result := run(t, c.check)
			require.Equal(t, "a check", result.Check.Name)
			require.Equal(t, c.failed, result.Failed)
			require.Equal(t, c.log, result.Log)
		})
	}
}

func TestRunFailsByRequire(t *testing.T) {
	result := run(t, func(t suite.T) {
		require.Equal(t, 4, 5, "feet")
		t.Logf("not reached")
	})
	require.True(t, result.Failed)
	require.Contains(t, result.Log, "feet")
	require.NotContains(t, result.Log, "not reached")
}

// Cleanups see a context that has ended, run last first, and all of them, also
// behind a failure in the check or in another cleanup.
func TestRunCleansUp(t *testing.T) {
	result := run(t, func(t suite.T) {
		t.Cleanup(func() { t.Logf("first, context: %v", t.Context().Err()) })
		t.Cleanup(func() { t.Logf("second"); t.FailNow() })
		t.Cleanup(func() {
			t.Cleanup(func() { t.Logf("from the third") })
			t.Logf("third, context: %v", t.Context().Err())
		})
		require.NoError(t, t.Context().Err())
		t.FailNow()
	})
	require.Equal(t, "third, context: context canceled\nfrom the third\nsecond\nfirst, context: context canceled", result.Log)
}

// A panic in a cleanup is the check's failure, and not the program's end.
func TestRunPanicInCleanup(t *testing.T) {
	result := run(t, func(t suite.T) {
		t.Cleanup(func() { t.Logf("the other") })
		t.Cleanup(func() { panic("in a cleanup") })
	})
	require.True(t, result.Failed)
	require.Equal(t, "panic: in a cleanup\nthe other", result.Log)
}

// What does not apply is listed with its reason.
func TestLeft(t *testing.T) {
	const noClient, noServer, noCommand = "needs a client with our Go API", "needs a server with our Go API", "needs a command that starts the server"
	address := &suite.Rig{Wire: echo.Framed, Address: "127.0.0.1:9000"}
	command := &suite.Rig{Wire: echo.Framed, Command: func(string, echo.Options) *exec.Cmd { return nil }}
	client := &suite.Rig{Wire: echo.ZMTP, Connect: connect(echo.ZMTP)}
	for _, c := range []struct {
		check string
		rig   *suite.Rig
		want  string
	}{
		{"server/fidelity", address, ""},
		{"server/fidelity", command, ""},
		{"server/fidelity", client, "needs a server"},
		{"server/handler", address, noServer},
		{"server/handler", command, noServer},
		{"server/memory", address, noCommand},
		{"server/memory", command, ""},
		{"server/ping", command, "is about the wire zmtp"},
		{"server/pipelined", client, "is about the wire framed"},
		{"client/fidelity", address, noClient},
		{"client/fidelity", client, ""},
		{"session/close", command, noClient},
		{"session/close", client, ""},
		{"pair/order", command, noClient},
		{"pair/order", client, noServer},
	} {
		check, known := find(c.check)
		require.True(t, known, c.check)
		require.Equal(t, c.want, check.Left(c.rig), c.check)
	}
}

// Names are keys, of an Excuse and of a student's -only, and reasons are printed.
func TestChecksAreNamed(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range checks() {
		require.False(t, seen[c.Name], "two checks are called %s", c.Name)
		seen[c.Name] = true
		require.Regexp(t, `^`+string(c.Subject)+`/[a-z0-9^-]+$`, c.Name)
		require.NotEmpty(t, c.Why, c.Name)
		require.NotEmpty(t, c.Needs, c.Name)
	}
}

// A server at an address is questioned over the network alone.
func TestRunOnAnAddress(t *testing.T) {
	ref, err := suite.StartReference("127.0.0.1:0", echo.Framed, suite.Answer)
	require.NoError(t, err)
	defer ref.Stop()
	check, known := find("server/fidelity")
	require.True(t, known)
	result := suite.Run(t.Context(), check, &suite.Rig{Wire: echo.Framed, Address: ref.Addr()})
	require.False(t, result.Failed, result.Log)
}
