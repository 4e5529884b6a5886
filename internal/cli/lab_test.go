package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"echolab/echo"
	"echolab/internal/cli"
	"echolab/internal/cli/compare"
	"echolab/internal/stacks"

	"github.com/stretchr/testify/require"
)

// lab runs the lab over a table of its own.
func lab(t *testing.T, table []echo.Stack, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = cli.Run(t.Context(), "lab", cli.Lab, args, cli.Env{Stdout: &out, Stderr: &errs, Stacks: table})
	return code, out.String(), errs.String()
}

// Every stack gives the same replies, in a table that fits a terminal.
func TestLabCompares(t *testing.T) {
	code, stdout, stderr := lab(t, stacks.All())
	require.Equal(t, 0, code, stdout+stderr)
	require.Empty(t, stderr)
	require.Contains(t, stdout, "framed  00 00 00 05 68 65 6c 6c 6f   ")
	require.Contains(t, stdout, " messages, 0 B to 1 MiB: all ")
	for line := range strings.Lines(stdout) {
		require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 80, line)
	}
	for _, s := range stacks.All() {
		require.Contains(t, stdout, "\n"+s.Name+" ")
	}
}

// Colour and progress are for people: each only where Env says that one looks.
func TestLabOnATerminal(t *testing.T) {
	var out, errs bytes.Buffer
	code := cli.Run(t.Context(), "lab", cli.Lab, nil, cli.Env{
		Stdout: &out, Stderr: &errs, Stacks: []echo.Stack{rawsocket(t)}, Colour: true, Progress: true,
	})
	require.Equal(t, 0, code)
	require.Contains(t, out.String(), "\x1b[32m✓\x1b[m ")
	require.Equal(t, "\r\x1b[Krawsocket …\r\x1b[K", errs.String())
}

// What a program reads says the same as what a person reads.
func TestLabAsJSON(t *testing.T) {
	code, stdout, stderr := lab(t, stacks.All(), "compare", "-json")
	require.Equal(t, 0, code, stderr)
	var report compare.Report
	require.NoError(t, json.Unmarshal([]byte(stdout), &report))
	require.Len(t, report.Rows, len(stacks.All()))
	messages := 0
	for _, row := range report.Rows {
		if row.Unusable != "" {
			continue
		}
		require.Empty(t, row.Differences)
		require.Positive(t, row.Median)
		require.Equal(t, row.Next.Up, row.Next.Down, "an echo is as long as its message")
		require.GreaterOrEqual(t, row.First.Up, row.Next.Up)
		messages += row.Messages
	}
	require.Equal(t, report.Messages, messages)
	require.Equal(t, 1<<20, report.Largest)
	for _, sample := range report.Samples {
		named := 0
		for _, part := range sample.Parts {
			named += part.Bytes
		}
		require.Equal(t, len(strings.Fields(sample.Bytes)), named, "every byte has a name")
	}
}

func TestLabLists(t *testing.T) {
	table := append(stacks.All(), unusable)
	code, stdout, _ := lab(t, table, "list")
	require.Equal(t, 0, code)
	require.Contains(t, stdout, "no: it needs a machine that does not exist")
	require.Equal(t, len(table)+1, strings.Count(stdout, "\n"))

	code, stdout, _ = lab(t, table, "list", "-json")
	require.Equal(t, 0, code)
	var rows []map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &rows))
	require.Len(t, rows, len(table))
	require.Equal(t, false, rows[len(rows)-1]["usable"])
}

// A stack that cannot run here is no failure, and is not passed over in silence.
func TestLabNamesWhatItCannotRun(t *testing.T) {
	code, stdout, _ := lab(t, []echo.Stack{rawsocket(t), unusable})
	require.Equal(t, 0, code)
	require.Contains(t, stdout, "imaginary   not here: it needs a machine that does not exist\n")
	require.Contains(t, stdout, "all 1 stack gave the same replies")

	code, _, stderr := run(t, "", "server", "-stack", "imaginary")
	require.Equal(t, cli.Usage, code, stderr)
}

// Stacks that are broken on purpose: the lab fails, and says which and how.
func TestLabTellsWhatDiffers(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(*echo.Stack)
		says  string
	}{
		{"one byte is wrong", answer(func(m []byte) []byte {
			if len(m) == 256 {
				m[255] ^= 1
			}
			return m
		}), "message 5, of 256 bytes: byte 255 of the reply is "},
		{
			"an end is lost", answer(func(m []byte) []byte { return m[:min(len(m), 65535)] }),
			"of 65536 bytes: the reply has 65535 bytes, and 65536 were sent",
		},
		{"an empty message is answered with something", answer(func(m []byte) []byte {
			if len(m) == 0 {
				return []byte("?")
			}
			return m
		}), "message 0, of 0 bytes: the reply has 1 bytes, and 0 were sent"},
		{"a large message ends the connection", func(s *echo.Stack) {
			listen := s.Listen
			s.Listen = func(addr string, o echo.Options) (echo.Server, error) {
				o.MaxMessage = 1 << 16
				return listen(addr, o)
			}
		}, " bytes: no reply: "},
		{"it cannot listen", func(s *echo.Stack) {
			s.Listen = func(string, echo.Options) (echo.Server, error) { return nil, errors.New("no room") }
		}, "it does not listen: no room"},
	} {
		t.Run(test.name, func(t *testing.T) {
			broken := rawsocket(t)
			broken.Name = "broken"
			test.spoil(&broken)
			code, stdout, stderr := lab(t, []echo.Stack{rawsocket(t), broken})
			require.Equal(t, cli.Failed, code)
			require.Equal(t, "lab: 1 of 2 stacks differed\n", stderr)
			require.Contains(t, stdout, "✗ broken differs, after ")
			require.Contains(t, stdout, test.says)
			require.NotContains(t, stdout, "rawsocket differs")
			require.NotContains(t, stdout, "same replies")
		})
	}
}

var unusable = echo.Stack{
	Name: "imaginary", Model: "nobody, nowhere", Wire: echo.Framed,
	Usable: func() error { return errors.New("it needs a machine that does not exist") },
}

func rawsocket(t *testing.T) echo.Stack {
	s, err := stacks.Find("rawsocket")
	require.NoError(t, err)
	return s
}

// answer gives a stack's server another handler than echo.
func answer(handler func([]byte) []byte) func(*echo.Stack) {
	return func(s *echo.Stack) {
		listen := s.Listen
		s.Listen = func(addr string, o echo.Options) (echo.Server, error) {
			o.Handler = handler
			return listen(addr, o)
		}
	}
}
