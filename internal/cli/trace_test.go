package cli_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"echolab/internal/stacks"

	"github.com/stretchr/testify/require"
)

// traced runs lab trace and returns what it printed. Where tracing is forbidden
// the test ends, and says so.
func traced(t *testing.T, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		const install = "install strace, for example with apt-get install strace"
		require.False(t, os.Getenv("LAB_REQUIRE") == "all" && runtime.GOOS == "linux", install)
		t.Skip(install)
	}
	code, stdout, stderr := start(t, "lab", append([]string{"trace"}, args...)...).end()
	if strings.Contains(stderr, "strace may not trace here") {
		t.Skip(stderr)
	}
	require.Equal(t, 0, code, stderr)
	require.Empty(t, stderr)
	return stdout
}

// Each stack waits where its row says that it does.
func TestTrace(t *testing.T) {
	sleeps := map[string]string{ // the call that sleeps until the request is there
		"iterative": "read(client)",
		"rawsocket": "epoll_pwait(Go's epoll)",
		"epoll":     "epoll_pwait(epoll)",
		"zmq":       "epoll_pwait(Go's epoll)",
	}
	for _, s := range stacks.All() {
		t.Run(s.Name, func(t *testing.T) {
			if s.Usable != nil && s.Usable() != nil {
				t.Skip(s.Usable())
			}
			stdout := traced(t, "-stack", s.Name)
			require.Contains(t, stdout, `One "hello" on `+s.Name)
			for line := range strings.Lines(stdout) {
				require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 80, line)
			}
			require.Regexp(t, `(?m)^\S.* \d+ ms  \S`, stdout, "one call sleeps")
			if call, known := sleeps[s.Name]; known {
				require.Regexp(t, `(?m)^`+strings.NewReplacer("(", `\(`, ")", `\)`).Replace(call)+` .* \d+ ms  `, stdout)
			}
			require.NotContains(t, stdout, "\nfutex(")
		})
	}
}

// What a program reads says the same, for as many echoes as were asked for.
func TestTraceAsJSON(t *testing.T) {
	var report struct {
		Stack  string
		Echoes []struct {
			Calls []struct {
				Call   string
				On     []string
				Asleep time.Duration `json:"asleep_ns"`
				Args   string
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(traced(t, "-stack", "rawsocket", "-n", "3", "-json")), &report))
	require.Equal(t, "rawsocket", report.Stack)
	require.Len(t, report.Echoes, 3)
	for _, echo := range report.Echoes {
		slept, wrote := false, false
		for _, c := range echo.Calls {
			slept = slept || c.Asleep > 0
			wrote = wrote || c.Call == "write" && strings.Contains(c.Args, "hello")
		}
		require.True(t, slept && wrote, "%+v", echo.Calls)
	}
}

// Without strace, or where it may not trace, the lab says what would help.
func TestTraceSaysWhatItNeeds(t *testing.T) {
	require.NoError(t, build())
	dir := t.TempDir()
	for _, test := range []struct{ strace, says string }{
		{"", "lab: there is no strace here; on Linux: apt-get install strace; "},
		{"#!/bin/sh\necho 'strace: attach: Operation not permitted' >&2; exit 1\n", "lab: strace may not trace here; "},
	} {
		if test.strace != "" {
			if runtime.GOOS == "windows" {
				continue // it has no /bin/sh
			}
			require.NoError(t, os.WriteFile(filepath.Join(dir, "strace"), []byte(test.strace), 0o755))
		}
		t.Setenv("PATH", dir)
		code, stdout, stderr := start(t, "lab", "trace", "-stack", "zmq").end()
		require.Equal(t, 1, code)
		require.Empty(t, stdout)
		require.True(t, strings.HasPrefix(stderr, test.says), stderr)
	}
}
