package cli_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"echolab/internal/stacks"

	"github.com/stretchr/testify/require"
)

// serve starts a server program on a free port and returns its address.
func serve(t *testing.T, args ...string) (*process, string) {
	t.Helper()
	p := start(t, "server", append([]string{"-listen", "127.0.0.1:0"}, args...)...)
	return p, p.address(p.stdout, "READY ")
}

func needsSignals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGINT to send to another process; run this on Linux or macOS")
	}
}

// Any stack's client reaches that stack's server, with the same flags.
func TestServerAndClientTalk(t *testing.T) {
	for _, s := range stacks.All() {
		t.Run(s.Name, func(t *testing.T) {
			if s.Usable != nil && s.Usable() != nil {
				t.Skip(s.Usable())
			}
			_, addr := serve(t, "-stack", s.Name)
			for _, test := range []struct {
				flags, stdin, stdout, stderr string
				code                         int
			}{
				{flags: "-text hello_%d -n 3", stdout: "hello_0\nhello_1\nhello_2\n", stderr: "3 messages, 3 replies; fastest "},
				{flags: "-text same -once", stdout: "same\n", stderr: "1 message, 1 reply; fastest "},
				{stdin: "one\r\n\ntwo", stdout: "one\r\n\ntwo\n", stderr: "3 messages, 3 replies"},
				{flags: "-n 1", stdin: "one\ntwo\n", stdout: "one\n", stderr: "1 message"},
				{stdin: "", stderr: "0 messages, 0 replies\n"},
				{flags: "-size 65536 -n 20 -seed 7", stderr: "20 messages, 20 replies; fastest "},
				{flags: "-size 0", stderr: "1 message, 1 reply"},
				{flags: "-max 4", stdin: "four\nfives\n", stdout: "four\n", code: 1, stderr: "2 messages, 1 reply"},
				{flags: "-max 4", stdin: "four\nand a long line\n", stdout: "four\n", code: 1, stderr: "1 message, 1 reply"},
				{flags: "-max 4 -text fives", code: 1, stderr: "1 message, 0 replies\nclient: message 1: message too large: 5 bytes, the limit is 4\n"},
			} {
				words := append(strings.Fields(test.flags), "-stack", s.Name, "-connect", addr)
				code, stdout, stderr := run(t, test.stdin, "client", words...)
				require.Equal(t, test.code, code, stderr)
				require.Equal(t, test.stdout, stdout)
				require.True(t, strings.HasPrefix(stderr, test.stderr), stderr)
				require.Equal(t, strings.Contains(test.flags, "-size"), strings.Contains(stderr, "; seed "), stderr)
			}
		})
	}
}

// A reply of the server's own is printed, and is wrong where bytes are checked.
func TestServerWithAReplyOfItsOwn(t *testing.T) {
	_, addr := serve(t, "-reply", "World", "-delay", "1ms")
	code, stdout, _ := run(t, "", "client", "-connect", addr, "-text", "hello", "-n", "2")
	require.Equal(t, 0, code)
	require.Equal(t, "World\nWorld\n", stdout)

	code, _, stderr := run(t, "", "client", "-connect", addr, "-size", "6", "-seed", "1")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "client: message 1: the reply is not the message: byte 0 of the reply is 57, and ")
}

func TestFailureIsOne(t *testing.T) {
	_, addr := serve(t)
	code, _, stderr := run(t, "", "server", "-listen", addr)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "address already in use")

	_, slow := serve(t, "-delay", "1h")
	code, stdout, stderr := run(t, "", "client", "-connect", slow, "-text", "hello", "-timeout", "50ms")
	require.Equal(t, 1, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, "1 message, 0 replies\nclient: message 1: no reply: ")
}

// -v tells of connections on standard error, where READY is not.
func TestServerLogs(t *testing.T) {
	p, addr := serve(t, "-v", "-clients", "1")
	_, _, stderr := run(t, "", "client", "-connect", addr, "-text", "hello")
	require.Contains(t, stderr, "1 reply")
	require.Contains(t, p.line(p.stderr), "level=")
}

// The first Ctrl-C is what ends a server: it has done its work.
func TestInterruptedServerIsDone(t *testing.T) {
	needsSignals(t)
	p, _ := serve(t)
	p.interrupt()
	code, _, stderr := p.end()
	require.Equal(t, 0, code)
	require.Empty(t, stderr)
}

// A client that was stopped has not done what it was told to. Its standard input
// stays open: it is not the end of that which ends the client.
func TestInterruptedClientHasFailed(t *testing.T) {
	needsSignals(t)
	_, addr := serve(t)
	p := start(t, "client", "-connect", addr)
	fmt.Fprintln(p.stdin, "hello")
	require.Equal(t, "hello", p.line(p.stdout))
	p.interrupt()
	require.Contains(t, p.line(p.stderr), "1 message, 1 reply")
	require.Equal(t, "client: interrupted", p.line(p.stderr))
	code, _, _ := p.end()
	require.Equal(t, 1, code)
}

// The second Ctrl-C ends a program that is still saying goodbye.
func TestSecondInterruptEndsAtOnce(t *testing.T) {
	needsSignals(t)
	self, err := os.Executable()
	require.NoError(t, err)
	p := startFile(t, self, "stubborn")
	require.Equal(t, "running", p.line(p.stdout))
	p.interrupt()
	require.Equal(t, "stopping", p.line(p.stdout))
	p.interrupt()
	code, _, _ := p.end()
	require.Equal(t, 130, code)
}

// Whoever read the output has left: lab | head -1. Nobody is left to be told.
func TestReaderLeaves(t *testing.T) {
	_, addr := serve(t)
	p := start(t, "client", "-connect", addr, "-text", "hello", "-n", "1000000000")
	p.line(p.stdout)
	require.NoError(t, p.reader.Close())
	require.Contains(t, p.line(p.stderr), "messages")
	code, _, stderr := p.end()
	require.Equal(t, 1, code)
	require.Empty(t, stderr)
}
