package cli

import (
	"fmt"
	"strings"

	"echolab/internal/tap"
)

// end writes the tally, and how the hello of -demo fared.
func (v *tapView) end(r *tapping, up, down tap.Tally, outcome error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	fared := ""
	if r.demo {
		fared = "hello came back"
		if outcome != nil {
			fared = "hello did not come back: " + outcome.Error()
		}
	}
	if v.asJSON {
		v.object(tapEnd{up, down, fared})
		return
	}
	v.write(tallied(up, down))
	if fared != "" {
		v.write("\n" + wrap(fared, 80))
	}
}

// tallied is both ways as a table, and whether the kernel agrees.
func tallied(up, down tap.Tally) string {
	var b strings.Builder
	const columns = "%-11s %8s %9s %9s %9s %9s %7s %8s\n"
	fmt.Fprintf(&b, "\n"+columns, "", "messages", "payload", "framing", "control", "malformed", "pieces", "segments")
	for _, way := range []struct {
		name string
		tap.Tally
	}{{"↑ up", up}, {"↓ down", down}} {
		segments := "?"
		if way.Kernel {
			segments = number(int(way.Segments))
		}
		fmt.Fprintf(&b, columns, way.name, number(way.Messages), number(way.Payload), number(way.Framing),
			number(way.Control), number(way.Wrong), number(way.Pieces), segments)
	}
	switch {
	case !up.Kernel:
		fmt.Fprintf(&b, "%d bytes up, %d down; on Linux the kernel's own count would stand here\n", up.Bytes(), down.Bytes())
	case up.Sent == uint64(up.Bytes()) && down.Sent == uint64(down.Bytes()):
		fmt.Fprintf(&b, "%d bytes up, %d down; the kernel counted the same (tcpi_bytes_sent)\n", up.Bytes(), down.Bytes())
	default:
		fmt.Fprintf(&b, "%d bytes up, %d down; the kernel sent %d and %d: what a closed buffer held\nnever left, and what was lost was sent twice\n",
			up.Bytes(), down.Bytes(), up.Sent, down.Sent)
	}
	return b.String()
}
