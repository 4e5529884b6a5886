package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

const attackColumns = "%s %-25s %6s  %13s  %8s  %s\n"

// begin writes the head of the table.
func (r *attacking) begin(target string) error {
	if r.asJSON {
		return nil
	}
	whom := target
	if r.connect == "" {
		whom = r.row.Name
	}
	_, err := fmt.Fprintf(r.env.Stdout, "%s against %s, on %s, and an honest client\n\n"+attackColumns,
		plural(len(r.peers), "kind of peer", "kinds of peers"), whom, r.row.Wire,
		" ", "peer", "times", "honest served", "slowest", "and then")
	return err
}

// tell writes what one kind of peer did.
func (r *attacking) tell(a assault) error {
	if r.asJSON {
		encoder := json.NewEncoder(r.env.Stdout)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(a)
	}
	mark, then := paint(r.env.Colour, green, "✓"), "serves"
	switch {
	case a.Refused != "":
		mark, then = "·", "no attack: "+a.Refused
	case a.ByDesign:
		mark, then = "·", "by design"
	case a.Harm != "":
		mark, then = paint(r.env.Colour, red, "✗"), a.Harm
	}
	_, err := fmt.Fprintf(r.env.Stdout, attackColumns, mark, a.Peer, number(a.Times),
		fmt.Sprintf("%s of %s", number(a.Served), number(a.Asked)), short(time.Duration(a.Slowest)*time.Microsecond), then)
	if err == nil && a.Harm != "" {
		_, err = io.WriteString(r.env.Stdout, "  "+wrap(a.Peer+" "+a.Story, 78))
	}
	return err
}
