package stacks_test

import (
	"os/exec"
	"testing"

	"echolab/echo"
	"echolab/echo/suite"
	"echolab/internal/stacks"
)

// crowded are the checks in which more than 32 clients may be connected at once.
var crowded = map[string]bool{"server/order": true, "server/memory": true, "server/leaves-early": true}

// TestFewDescriptors asks of every server what can be asked of a process that
// may have 64 descriptors: it is the same, but for the number of its clients.
func TestFewDescriptors(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("needs a shell, for ulimit: run it on Linux or macOS")
	}
	for _, stack := range usable(t, stacks.All()) {
		t.Run(stack.Name, func(t *testing.T) {
			t.Parallel()
			rig := &suite.Rig{Wire: stack.Wire, Seed: seed(t), Command: func(addr string, o echo.Options) *exec.Cmd {
				whole := child(t, stack.Name, addr, o)
				limited := exec.Command("sh", append([]string{"-c", `ulimit -n 64 && exec "$0" "$@"`}, whole.Args...)...)
				limited.Stderr = whole.Stderr
				return limited
			}}
			for _, check := range suite.Checks() {
				if check.Subject != suite.Server || check.Left(rig) != "" || crowded[check.Name] || stack.Excuse[check.Name] != "" {
					continue
				}
				t.Run(check.Name, func(t *testing.T) { check.Run(t, rig) })
			}
		})
	}
}
