package cli

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"echolab/internal/tap"
	"echolab/internal/wire"
)

// Of 80 columns the bytes have 26, which is nine of them, and the words 36.
const (
	bytesWide = 26
	wordsWide = 36
	indent    = 14 // under a time
)

// inBrief is a line where that is enough, or else a line a field.
func (v *tapView) inBrief(e tap.Event) {
	var hex, words []string
	wide := 0
	for _, f := range e.Fields {
		said := tap.Words(f)
		wide += utf8.RuneCountInString(said) + len(" · ")
		hex = append(hex, paint(v.colour, classColour[f.Class], fmt.Sprintf("% x", f.Bytes)))
		words = append(words, paint(v.colour, classColour[f.Class], said))
	}
	if room := bytesWide - (3*len(e.Bytes) - 1); room >= 0 && wide-len(" · ") <= wordsWide {
		v.write(fmt.Sprintf("  %s%*s  %s\n", strings.Join(hex, " "), room, "", strings.Join(words, " · ")))
		return
	}
	for i, f := range e.Fields {
		if i > 0 {
			v.write(strings.Repeat(" ", indent-1))
		}
		v.row(f, brief(f.Bytes), cut(tap.Words(f), wordsWide))
	}
}

// inFull is all bytes of all fields, nine a line, and what each is for.
func (v *tapView) inFull(e tap.Event) {
	for i, f := range e.Fields {
		words := strings.Split(strings.TrimSuffix(wrap(tap.Words(f), wordsWide), "\n"), "\n")
		if f.Value != "" && f.Note != "" {
			words = append(words, strings.Split(strings.TrimSuffix(wrap(f.Note, wordsWide), "\n"), "\n")...)
		}
		for row, rest := 0, f.Bytes; len(rest) > 0 || row < len(words); row++ {
			if i+row > 0 {
				v.write(strings.Repeat(" ", indent-1))
			}
			n := min(9, len(rest))
			said := ""
			if row < len(words) {
				said = cut(words[row], wordsWide)
			}
			v.row(f, fmt.Sprintf("% x", rest[:n]), said)
			rest = rest[n:]
		}
	}
}

// row is one line of a field, behind the time or its place.
func (v *tapView) row(f wire.Field, hex, words string) {
	colour := classColour[f.Class]
	if words != "" {
		hex = fmt.Sprintf("%-*s  %s", bytesWide, hex, words)
	}
	v.write("  " + paint(v.colour, colour, hex) + "\n")
}

// brief is as many bytes as fit, and how many there are.
func brief(b []byte) string {
	if len(b) <= 9 {
		return fmt.Sprintf("% x", b)
	}
	return fmt.Sprintf("% x … %d", b[:6], len(b))
}

const (
	yellow  = "\x1b[33m"
	magenta = "\x1b[35m"
	cyan    = "\x1b[36m"
)

var classColour = map[wire.Class]string{wire.Framing: cyan, wire.Payload: green, wire.Control: yellow, wire.Wrong: red}
