package tap

import (
	"fmt"
	"strings"

	"echolab/internal/proxy"
	"echolab/internal/wire"
)

// Words is a field's name, and what it says or, if nothing, is for.
func Words(f wire.Field) string {
	switch {
	case f.Value != "":
		return f.Name + " " + f.Value
	case f.Name == wire.Malformed:
		return f.Name + ": " + f.Note
	case f.Name == "delimiter" && f.Whole:
		return f.Name // the word says it
	default:
		return f.Name + ", " + f.Note
	}
}

// Words is the event in a line.
func (e Event) Words() string {
	switch e.Kind {
	case proxy.Act:
		return e.Text
	case proxy.FIN:
		return "FIN: no more will come this way"
	case proxy.RST:
		return "RST: the connection is gone, both ways"
	}
	var words []string
	for _, f := range e.Fields {
		if len(e.Fields) <= 4 || f.Value != "" { // of many, those that say something
			words = append(words, Words(f))
		}
	}
	return fmt.Sprintf("%d bytes: %s", len(e.Bytes), strings.Join(words, " · "))
}
