package cli_test

import (
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"echolab/internal/stacks"
)

// In each console block of README.md a line that begins with $ is a command, and
// what follows is what it prints; … stands for anything in a line, and a time
// for any time.
func TestReadmeTellsTheTruth(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("README.md shows what Linux can do; run this there")
	}
	for _, row := range stacks.All() {
		if row.Usable != nil && row.Usable() != nil {
			t.Skipf("README.md shows every stack, and %s cannot run here: %v", row.Name, row.Usable())
		}
	}
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	require.NoError(t, build())
	commands := 0
	for _, block := range regexp.MustCompile("(?ms)^```console\n(.*?)^```").FindAllStringSubmatch(string(readme), -1) {
		for _, part := range regexp.MustCompile(`(?m)^\$ `).Split(block[1], -1)[1:] {
			command, want, _ := strings.Cut(part, "\n")
			shell := exec.Command("sh", "-c", strings.ReplaceAll(command, "go run ./cmd/", binaries+"/"))
			got, err := shell.CombinedOutput()
			require.NoError(t, err, string(got))
			require.Regexp(t, pattern(want), timeless(string(got)), "$ %s\n%s", command, got)
			commands++
		}
	}
	require.Positive(t, commands)
}

var aTime = regexp.MustCompile(` *[0-9.]+ (µs|ms|s)\b`)

func timeless(text string) string { return aTime.ReplaceAllString(text, " TIME") }

// pattern is what text stands for, as a regular expression.
func pattern(text string) string {
	return "^" + strings.ReplaceAll(regexp.QuoteMeta(timeless(text)), "…", ".*") + "$"
}

// The README's second line answers the first question that its title raises.
func TestReadmeBegins(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	lines := strings.Split(string(readme), "\n")
	require.Contains(t, lines[1], "bare TCP socket, not SOCK_RAW")
}
