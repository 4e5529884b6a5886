package cli_test

import (
	"bytes"
	"strings"
	"testing"

	"echolab/internal/cli"
	"echolab/internal/stacks"

	"github.com/stretchr/testify/require"
)

var programs = map[string]cli.Program{
	"lab": cli.Lab, "server": cli.Server, "client": cli.Client, "request": cli.Request, "responder": cli.Responder,
}

// run runs a program in this process.
func run(t *testing.T, stdin, name string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = cli.Run(t.Context(), name, programs[name], args, cli.Env{
		Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs, Stacks: stacks.All(),
	})
	return code, out.String(), errs.String()
}

// What was typed is wrong, so the sentence names it and says what is right.
func TestWrongUsageIsOneSentence(t *testing.T) {
	names := []string{}
	for _, s := range stacks.All() {
		names = append(names, s.Name)
	}
	for _, test := range []struct{ command, says string }{
		{"client -connect localhost", `-connect "localhost": no port; write host:port, for example 127.0.0.1:9000`},
		{"client -connect :9000", `-connect ":9000": no host; write host:port, for example 127.0.0.1:9000`},
		{"client -connect ::1:9000", `-connect "::1:9000": too many colons; write [host]:port, for example [::1]:9000`},
		{"client -connect localhost:0", `-connect "localhost:0": port "0" is no number from 1 to 65535`},
		{"client -connect localhost:http", `-connect "localhost:http": port "http" is no number from 1 to 65535`},
		{"client -connect a:1,b", `-connect "a:1,b": "b": no port; write host:port, for example 127.0.0.1:9000`},
		{"client -connect a:1,", `-connect "a:1,": "": no port; write host:port, for example 127.0.0.1:9000`},
		{"client -n 0", `-n "0": write a whole number from 1 to 1000000000`},
		{"client -n", `-n: no value; write -n N: how many messages, N (default 1, or every line)`},
		{"client -timeout 5", `-timeout "5": write a time with its unit, for example 500ms or 2s`},
		{"client -timeout -5s", `-timeout "-5s": write a time with its unit, for example 500ms or 2s`},
		{"client -seed x", `-seed "x": write the number that an earlier run printed`},
		{"client -size 5 -text a", `-text and -size: random bytes have no text; choose one`},
		{"client -size 5 -max 4", `-size 5: -max allows 4`},
		{"client -once -connect a:1,b:2", `-once with 2 addresses: it connects to one`},
		{"client hello", `"hello": not a flag; the flags are -connect, -max, -n, -once, -seed, -size, -stack, -text and -timeout`},
		{"client -stack nothing", `-stack "nothing": no such stack; there are ` + strings.Join(names[:len(names)-1], ", ")},
		{"server -listen 9000", `-listen "9000": no port; write host:port, for example 127.0.0.1:9000`},
		{"server -listen 127.0.0.1:65536", `-listen "127.0.0.1:65536": port "65536" is no number from 0 to 65535`},
		{"server -fast", `-fast: no such flag; the flags are -clients, -delay, -listen, -max, -reply, -stack and -v`},
		{"server -v=maybe", `invalid boolean value "maybe" for -v: parse error; the flags are -clients`},
		{"server -max 2 -reply abc", `-reply: 3 bytes, and -max allows 2`},
		{"server extra", `"extra": not a flag; the flags are -clients`},
		{"request -connect 127.0.0.1:9000", `-connect "127.0.0.1:9000": no transport; write tcp://host:port, for example tcp://127.0.0.1:9000`},
		{"request -connect tcp://*:9000", `-connect "tcp://*:9000": no host; write host:port`},
		{"responder -listen tcp://*", `-listen "tcp://*": no port; write host:port, for example 127.0.0.1:9000`},
		{"lab dance", `"dance": no such command; there are attack, compare, list, tap and trace`},
		{"lab trace -stack nothing", `-stack "nothing": no such stack; there are `},
		{"lab tap -wire http", `-wire "http": write framed, zmtp, tls or auto`},
		{"lab tap -slice 7-1", `-slice "7-1": write a size in bytes, or two, for example 1 or 1-7`},
		{"lab tap -way out", `-way "out": write up, down or both`},
		{"lab tap -cut -1", `-cut "-1": write a whole number from 0`},
		{"lab tap -jitter 5", `-jitter "5": write a time with its unit, for example 500ms or 2s`},
		{"lab attack -wire tls", `-wire "tls": write framed or zmtp`},
		{"lab attack -wire zmtp -stack rawsocket", `-wire zmtp with -stack rawsocket, which speaks framed`},
		{"lab attack -only love", `-only "love": no such peer on framed; there are silent, slow-header, `},
		{"lab list now", `"now": not a flag; the flags are -json`},
		{"lab -n 5", `-n: no such flag; the flags are -json`},
	} {
		t.Run(test.command, func(t *testing.T) {
			words := strings.Fields(test.command)
			code, stdout, stderr := run(t, "", words[0], words[1:]...)
			require.Equal(t, cli.Usage, code)
			require.Empty(t, stdout)
			require.True(t, strings.HasPrefix(stderr, words[0]+": "+test.says), stderr)
			require.Equal(t, 1, strings.Count(stderr, "\n"), "one line")
		})
	}
}

// Help was asked for, so it is an answer: on standard output, exit code 0.
func TestHelpIsAnAnswer(t *testing.T) {
	for _, command := range []string{"lab", "lab compare", "lab list", "lab trace", "lab tap", "lab attack", "server", "client", "request", "responder"} {
		for _, help := range []string{"-h", "-help", "--help"} {
			t.Run(command+" "+help, func(t *testing.T) {
				words := strings.Fields(command + " " + help)
				code, stdout, stderr := run(t, "", words[0], words[1:]...)
				require.Equal(t, cli.Done, code)
				require.True(t, strings.HasPrefix(stdout, command), stdout)
				require.Empty(t, stderr)
			})
		}
	}
}
