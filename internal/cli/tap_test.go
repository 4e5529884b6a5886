package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"echolab/echo"
	"echolab/internal/cli"
	"echolab/internal/stacks"

	"github.com/stretchr/testify/require"
)

// line is any line of lab tap -json.
type line struct {
	Listen, Kind, Bytes, Text, Wire, Demo string
	Seed                                  uint64
	Faults                                []string
	Up                                    json.RawMessage // of an event, or of the tally
	Down                                  *tally
	Fields                                []struct {
		Size        int
		Name, Value string
	}
}

type tally struct {
	Messages, Payload, Framing, Control, Malformed, Pieces, Sent int
	Kernel                                                       bool
}

func (t tally) bytes() int { return t.Payload + t.Framing + t.Control + t.Malformed }

// tapLines runs lab tap -json and returns its lines and the tally of the way up.
func tapLines(t *testing.T, args ...string) ([]line, tally) {
	t.Helper()
	code, stdout, stderr := lab(t, stacks.All(), append([]string{"tap", "-json"}, args...)...)
	require.Equal(t, 0, code, stderr)
	return parseTap(t, stdout)
}

func parseTap(t *testing.T, stdout string) (lines []line, up tally) {
	t.Helper()
	for text := range strings.Lines(stdout) {
		var one line
		require.NoError(t, json.Unmarshal([]byte(text), &one), text)
		lines = append(lines, one)
	}
	require.NoError(t, json.Unmarshal(lines[len(lines)-1].Up, &up))
	return lines, up
}

// One command accounts for every byte of an echo, over every stack, and the
// kernel counted the same.
func TestTapAccountsForEveryByte(t *testing.T) {
	for _, s := range stacks.All() {
		t.Run(s.Name, func(t *testing.T) {
			if s.Usable != nil && s.Usable() != nil {
				t.Skip(s.Usable())
			}
			lines, up := tapLines(t, "-stack", s.Name, "-demo")
			require.Equal(t, string(s.Wire), lines[0].Wire)
			require.Equal(t, "hello came back", lines[len(lines)-1].Demo)
			down := *lines[len(lines)-1].Down
			want := tally{Messages: 1, Payload: 5, Framing: 4}
			if s.Wire == echo.ZMTP {
				want.Control = 104
			}
			for _, way := range []tally{up, down} {
				require.Equal(t, want, tally{Messages: way.Messages, Payload: way.Payload, Framing: way.Framing, Control: way.Control, Malformed: way.Malformed})
				if runtime.GOOS == "linux" {
					require.True(t, way.Kernel)
					require.Equal(t, way.bytes(), way.Sent)
				}
			}
			for _, e := range lines {
				named := 0
				for _, f := range e.Fields {
					named += f.Size
				}
				require.Equal(t, len(e.Bytes)/2, named)
			}
		})
	}
}

// The same bytes in other pieces, and with the same seed the same pieces.
func TestTapRepeatsARun(t *testing.T) {
	pieces := func(args ...string) (sizes []int, seed uint64) {
		lines, _ := tapLines(t, append([]string{"-demo", "-slice", "1-4"}, args...)...)
		for _, e := range lines {
			if string(e.Up) == "true" && e.Kind == "data" {
				sizes = append(sizes, len(e.Bytes)/2)
			}
		}
		require.Contains(t, lines[0].Faults[0], "slice: 1 to 4 bytes at a time")
		return sizes, lines[0].Seed
	}
	first, seed := pieces("-seed", "8")
	again, _ := pieces("-seed", "8")
	require.EqualValues(t, 8, seed)
	require.Equal(t, first, again)
	require.Greater(t, len(first), 2)
}

// What each fault does is seen, and no fault is a failure of the lab.
func TestTapShowsFaults(t *testing.T) {
	for args, says := range map[string]string{
		"-slice 1":              "length, 1 of 4 bytes came",
		"-corrupt 8":            "· corrupt: 6f becomes ",
		"-cut 6":                "hello did not come back: ",
		"-reset 6":              "RST: the connection is gone, both ways",
		"-half 6":               "· half-close: FIN, this way only",
		"-stall 6":              "· stall: silence from here",
		"-blackhole 6":          "· blackhole: nothing arrives from here",
		"-refuse 1":             "· refuse: the target is not asked",
		"-rate 100":             "bandwidth: 100 bytes a second",
		"-latency 1ms":          "latency: everything arrives 1ms later",
		"-jitter 1ms -way both": "jitter: each piece arrives up to 1ms later",
		"-join 9 -slice 2-3":    "join: 9 bytes at once",
		"-way down -corrupt 4":  `hello did not come back: the reply was "`,
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := lab(t, stacks.All(), append(strings.Fields("tap -demo -timeout 100ms"), strings.Fields(args)...)...)
			require.Equal(t, 0, code, stderr)
			require.Contains(t, stdout, says)
			require.Regexp(t, `repeat it with -seed \d+`, stdout)
			fits(t, stdout)
		})
	}
}

// Every line of text fits a terminal, and colour is only where one looks.
func TestTapOnATerminal(t *testing.T) {
	for _, args := range []string{"-stack zmq", "-stack zmq -hex", "-stack epoll -slice 1-2", "-corrupt 0 -wire zmtp -hex"} {
		words := append(strings.Fields("tap -demo -timeout 200ms"), strings.Fields(args)...)
		_, stdout, _ := lab(t, stacks.All(), words...)
		require.NotContains(t, stdout, "\x1b")
		fits(t, stdout)

		var out bytes.Buffer
		cli.Run(t.Context(), "lab", cli.Lab, words, cli.Env{Stdout: &out, Stderr: io.Discard, Stacks: stacks.All(), Colour: true})
		require.Contains(t, out.String(), "\x1b[3")
		fits(t, regexp.MustCompile("\x1b\\[[0-9]*m").ReplaceAllString(out.String(), ""))
	}
}

func fits(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 80, line)
		require.False(t, strings.HasSuffix(line, " \n"), "%q", line)
	}
}

// A target that is down: a proxy cannot refuse for it, and says so.
func TestTapWithoutATarget(t *testing.T) {
	code, stdout, stderr := lab(t, stacks.All(), "tap", "-demo", "-connect", free(t))
	require.Equal(t, cli.Failed, code)
	require.Contains(t, stdout, "no target, and a proxy cannot refuse for it")
	require.Contains(t, stdout, "hello did not come back")
	require.NotEmpty(t, stderr)
}

// lab tap in front of libzmq, with libzmq's client: two hellos, every byte named.
func TestTapOfLibzmq(t *testing.T) {
	hello := libzmq(t)
	addr := free(t)
	server := startFile(t, hello, "server", "tcp://"+addr, "2")
	lines, up := watched(t, func(tap string) {
		code, stdout, stderr := startFile(t, hello, "client", "2", "tcp://"+tap).end()
		require.Equal(t, 0, code, stderr)
		require.Equal(t, strings.Repeat("Received World.\n", 2), stdout)
		server.end()
	}, "-wire", "zmtp", "-connect", addr)
	down := *lines[len(lines)-1].Down
	require.Equal(t, 2, up.Messages)
	require.Equal(t, 2, down.Messages)
	require.Zero(t, up.Malformed+down.Malformed)
	if runtime.GOOS == "linux" {
		require.Equal(t, [2]int{up.bytes(), down.bytes()}, [2]int{up.Sent, down.Sent})
	}
}

// watched runs lab tap -json until talk, which is given its address, has returned.
func watched(t *testing.T, talk func(tap string), args ...string) ([]line, tally) {
	ctx, stop := context.WithCancelCause(t.Context())
	defer stop(nil)
	reader, writer := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- cli.Run(ctx, "lab", cli.Lab, append([]string{"tap", "-json"}, args...), cli.Env{
			Stdout: writer, Stderr: io.Discard, Stacks: stacks.All(),
		})
		writer.Close()
	}()
	out := bufio.NewReader(reader)
	first, err := out.ReadString('\n')
	require.NoError(t, err)
	var where line
	require.NoError(t, json.Unmarshal([]byte(first), &where))
	rest := make(chan []byte, 1)
	go func() {
		b, _ := io.ReadAll(out)
		rest <- b
	}()
	talk(where.Listen)
	stop(errors.New("enough"))
	require.Equal(t, cli.Done, <-code)
	return parseTap(t, first+string(<-rest))
}

// A run becomes a picture, by the name of the file.
func TestTapDraws(t *testing.T) {
	for name, begins := range map[string]string{"run.svg": "<svg ", "run.md": "```mermaid\n"} {
		file := filepath.Join(t.TempDir(), name)
		code, _, stderr := lab(t, stacks.All(), "tap", "-demo", "-diagram", file)
		require.Equal(t, 0, code, stderr)
		drawn, err := os.ReadFile(file)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(drawn), begins))
		require.Contains(t, string(drawn), "9 bytes: length 5 · body ")
	}
	code, _, stderr := lab(t, stacks.All(), "tap", "-demo", "-diagram", "run.png")
	require.Equal(t, cli.Usage, code)
	require.Contains(t, stderr, `-diagram "run.png": write a name that ends in .svg or .md`)
}
