package stacks_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"echolab/echo"
)

// binaries is where the child program is built: in a row's process, by TestEqual's.
var binaries = os.Getenv("LAB_CHILD")

func TestMain(m *testing.M) {
	flag.Parse()
	flag.Set("test.parallel", "4") // rows mostly wait
	if binaries != "" {
		os.Exit(m.Run())
	}
	var err error
	if binaries, err = os.MkdirTemp("", "echolab-child"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(binaries)
	os.Exit(code)
}

// built is the child program, built once, and never with -race: its memory and
// its speed are looked at.
var built = sync.OnceValues(func() (string, error) {
	// Opened, so that a cached result of this test notices a change.
	if _, err := os.ReadFile("testdata/child/main.go"); err != nil {
		return "", err
	}
	binary := filepath.Join(binaries, "child")
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	out, err := exec.Command("go", "build", "-o", binary, "./testdata/child").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return binary, nil
})

// child is a command that starts a stack's server in a process of its own.
func child(t *testing.T, stack, addr string, o echo.Options) *exec.Cmd {
	t.Helper()
	binary, err := built()
	require.NoError(t, err)
	options, err := json.Marshal(map[string]any{
		"MaxMessage": o.MaxMessage, "MaxClients": o.MaxClients,
		"HandshakeTimeout": o.HandshakeTimeout, "MessageTimeout": o.MessageTimeout,
	})
	require.NoError(t, err)
	cmd := exec.Command(binary, stack, addr, string(options))
	cmd.Stderr = os.Stderr
	return cmd
}
