package cli

import (
	"encoding/hex"
	"encoding/json"
	"strings"

	"echolab/internal/proxy"
	"echolab/internal/tap"
)

// The lines of lab tap -json: tapBegin, then events, then tapEnd.
type tapBegin struct {
	Listen  string   `json:"listen"`
	Connect string   `json:"connect"`
	Wire    string   `json:"wire"`
	Seed    uint64   `json:"seed"`
	Faults  []string `json:"faults"`
}

type tapEvent struct {
	Conn   int        `json:"conn"`
	Up     bool       `json:"up"`
	Micros int64      `json:"us"` // since the start
	Kind   string     `json:"kind"`
	Bytes  string     `json:"bytes,omitempty"` // in hexadecimal
	Text   string     `json:"text,omitempty"`
	Fields []tapField `json:"fields,omitempty"`
}

type tapField struct {
	Offset int    `json:"offset"`
	Size   int    `json:"size"`
	Before int    `json:"before,omitempty"` // bytes of the same field in earlier events
	Whole  bool   `json:"whole"`
	Name   string `json:"name"`
	Value  string `json:"value,omitempty"`
	Note   string `json:"note,omitempty"`
	Class  string `json:"class"`
}

type tapEnd struct {
	Up   tap.Tally `json:"up"`
	Down tap.Tally `json:"down"`
	Demo string    `json:"demo,omitempty"`
}

func newTapEvent(e tap.Event) tapEvent {
	line := tapEvent{Conn: e.Conn, Up: e.Up, Micros: e.At.Microseconds(), Kind: e.Kind.String(), Text: e.Text}
	if e.Kind == proxy.Data {
		line.Bytes = hex.EncodeToString(e.Bytes)
	}
	for _, f := range e.Fields {
		line.Fields = append(line.Fields, tapField{f.Offset, len(f.Bytes), f.Before, f.Whole, f.Name, f.Value, f.Note, f.Class.String()})
	}
	return line
}

// object writes v as one line.
func (v *tapView) object(line any) {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(line); err != nil && v.err == nil {
		v.err = err
		return
	}
	v.write(b.String())
}
