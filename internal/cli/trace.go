package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"echolab/echo"
	"echolab/internal/cli/trace"
)

// traceReport is what lab trace -json prints.
type traceReport struct {
	Stack  string       `json:"stack"`
	Model  string       `json:"model"`
	Echoes []trace.Echo `json:"echoes"`
}

func labTrace(ctx context.Context, args []string, env Env) error {
	var (
		row    echo.Stack
		n      = 1
		asJSON bool
	)
	f := newFlags("trace", "lab trace shows the system calls of an echo, as the kernel sees them. It needs\nstrace. The client waits 50 ms before each message, so that sleeping shows.")
	f.stack(&row, env.Stacks)
	f.integer(&n, "n", 1, 1000, "how many echoes to show, `N`")
	f.toggle(&asJSON, "json", "print a JSON object")
	if err := f.parse(args, env.Stdout); err != nil {
		return err
	}
	lab, err := os.Executable()
	if err != nil {
		return err
	}
	echoes, err := trace.Run(ctx, row, []string{lab, "server", "-stack", row.Name, "-listen", "127.0.0.1:0"}, n)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(env.Stdout, traceReport{row.Name, row.Model, echoes})
	}
	_, err = io.WriteString(env.Stdout, traced(row, echoes))
	return err
}

// traced is the echoes as text, at most 80 columns wide.
func traced(row echo.Stack, echoes []trace.Echo) string {
	var b strings.Builder
	const columns = "%-24s %7s  %6s  %s\n"
	fmt.Fprintf(&b, "One \"hello\" on %s (%s), as the kernel saw it:\n", row.Name, row.Model)
	for i, echo := range echoes {
		b.WriteByte('\n')
		if len(echoes) > 1 {
			fmt.Fprintf(&b, "echo %d of %d\n", i+1, len(echoes))
		}
		fmt.Fprintf(&b, columns, "call", "result", "asleep", "in plain words")
		for _, c := range echo.Calls {
			asleep := ""
			if c.Asleep > 0 {
				asleep = short(c.Asleep)
			}
			fmt.Fprintf(&b, columns, cut(c.Name+"("+on(c)+")", 24), cut(c.Result, 7), asleep, c.Plain)
		}
		b.WriteString(hidden(echo.Hidden))
	}
	return b.String()
}

// on is what a call is about, in the place that there is.
func on(c trace.Call) string {
	if len(c.On) > 2 {
		return "all of them"
	}
	return strings.Join(c.On, ", ")
}

// hidden says what was left out, the most frequent first.
func hidden(calls map[string]int) string {
	var parts []string
	sum := 0
	names := slices.Sorted(maps.Keys(calls))
	slices.SortStableFunc(names, func(a, b string) int { return calls[b] - calls[a] })
	for _, name := range names {
		parts = append(parts, fmt.Sprintf("%d %s", calls[name], name))
		sum += calls[name]
	}
	if sum == 0 {
		return ""
	}
	return wrap(fmt.Sprintf("not shown: %s of Go's runtime: %s", plural(sum, "call", "calls"), strings.Join(parts, ", ")), 80)
}

// wrap breaks text at spaces into lines of at most width characters.
func wrap(text string, width int) string {
	var b strings.Builder
	at := 0
	for i, word := range strings.Fields(text) {
		switch {
		case i > 0 && at+1+len(word) > width:
			b.WriteString("\n  ")
			at = 2
		case i > 0:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += len(word)
	}
	b.WriteByte('\n')
	return b.String()
}
