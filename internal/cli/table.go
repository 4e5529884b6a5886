package cli

import (
	"fmt"
	"strings"

	"echolab/echo"
	"echolab/internal/cli/compare"
)

// The columns fit in 80; fmt pads by characters, so µ counts as one.
const (
	columns   = "%-10s  %-34s  %-6s  %6s  %9s  %5s\n"
	modelWide = 34
)

// comparison is a report as text.
func comparison(r *compare.Report, colour bool) string {
	var b strings.Builder
	ran, _ := r.Ran()
	fmt.Fprintf(&b, "One %q, %s, %s. %s:\n\n", r.Hello,
		inWords(ran, "stack"), inWords(len(r.Samples), "wire"), sameSize(r.Rows))
	for _, s := range r.Samples {
		writeSample(&b, s)
	}
	fmt.Fprintf(&b, "\n%80s\n", "bytes up / down")
	fmt.Fprintf(&b, columns, "stack", "who waits, and where", "wire", "echo", "first", "next")
	for _, row := range r.Rows {
		writeRow(&b, row)
	}
	b.WriteByte('\n')
	writeVerdict(&b, r, colour)
	b.WriteString("\nNext, talk to one of them:  go run ./cmd/server -v\n")
	return b.String()
}

// sameSize says what one more hello costs, when it costs the same everywhere.
func sameSize(rows []compare.Row) string {
	var sizes []int
	for _, row := range rows {
		if n := row.Next.Up; n > 0 && (len(sizes) == 0 || sizes[0] != n) {
			sizes = append(sizes, n)
		}
	}
	if len(sizes) != 1 {
		return "As bytes"
	}
	return "Each uses " + inWords(sizes[0], "byte")
}

func writeSample(b *strings.Builder, s compare.Sample) {
	var parts []string
	for _, p := range s.Parts {
		parts = append(parts, fmt.Sprintf("%s %d", p.Name, p.Bytes))
	}
	fmt.Fprintf(b, "%-6s  %s   %s\n", s.Wire, s.Bytes, strings.Join(parts, " + "))
	if s.Handshake.Up+s.Handshake.Down > 0 {
		fmt.Fprintf(b, "        %s shook hands first: %s up, %d down\n", s.Wire, plural(s.Handshake.Up, "byte", "bytes"), s.Handshake.Down)
	}
}

func writeRow(b *strings.Builder, row compare.Row) {
	if row.Unusable != "" {
		fmt.Fprintf(b, "%-10s  not here: %s\n", row.Name, row.Unusable)
		return
	}
	echo := "–"
	if row.Median > 0 {
		echo = short(row.Median)
	}
	fmt.Fprintf(b, columns, row.Name, cut(row.Model, modelWide), row.Wire, echo, traffic(row.First), traffic(row.Next))
}

func traffic(t compare.Traffic) string { return fmt.Sprintf("%d / %d", t.Up, t.Down) }

// writeVerdict says whether all gave the same replies, or who did not and how.
func writeVerdict(b *strings.Builder, r *compare.Report, colour bool) {
	ran, differed := r.Ran()
	if differed == 0 {
		fmt.Fprintf(b, "%s %s messages, 0 B to %s: all %s gave the same replies\n",
			paint(colour, green, "✓"), number(r.Messages), size(r.Largest), plural(ran, "stack", "stacks"))
		return
	}
	for _, row := range r.Rows {
		if len(row.Differences) == 0 {
			continue
		}
		fmt.Fprintf(b, "%s %s differs, after %s as it should be\n", paint(colour, red, "✗"), row.Name, plural(row.Messages, "reply", "replies"))
		for _, sentence := range row.Differences {
			fmt.Fprintf(b, "  %s\n", sentence)
		}
	}
}

// listing is the table of lab list.
func listing(rows []listed) string {
	var b strings.Builder
	const columns = "%-10s  %-34s  %-6s  %s\n"
	fmt.Fprintf(&b, columns, "stack", "who waits, and where", "wire", "usable here")
	for _, row := range rows {
		state := "yes"
		if !row.Usable {
			state = "no: " + row.Unusable
		}
		fmt.Fprintf(&b, columns, row.Name, cut(row.Model, modelWide), onWire(row.Wire, row.Secure), state)
	}
	return b.String()
}

func onWire(w echo.Wire, s echo.Secure) string {
	if s == echo.Plain {
		return string(w)
	}
	return string(w) + "+" + string(s)
}

// cut shortens text to n characters.
func cut(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return text
}

// inWords writes n things: no stacks, one stack, three stacks.
func inWords(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return words(n) + " " + thing
}

const (
	green = "\x1b[32m"
	red   = "\x1b[31m"
)

func paint(colour bool, with, text string) string {
	if !colour {
		return text
	}
	return with + text + "\x1b[m"
}
