package tap_test

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/internal/proxy"
	"echolab/internal/tap"
	"echolab/internal/wire"
)

// events are one of each kind, with a name that wants to be more than a name.
func events() []tap.Event {
	data := []byte("\x00\x00\x00\x09<\"&;#`-->")
	return []tap.Event{
		{Event: proxy.Event{Conn: 1, Up: true, Kind: proxy.Data, Bytes: data}, Fields: wire.Framed(data)},
		{Event: proxy.Event{Conn: 1, Up: true, Kind: proxy.Act, At: time.Microsecond, Text: "cut: FIN to both ends"}},
		{Event: proxy.Event{Conn: 1, Kind: proxy.FIN, At: time.Second}},
		{Event: proxy.Event{Conn: 1, Up: true, Kind: proxy.RST, At: time.Second}},
	}
}

// A picture is well-formed whatever a peer sends, goes down with time, and says
// in words all that it shows.
func TestSVG(t *testing.T) {
	for _, some := range [][]tap.Event{nil, events()[:1], events()} {
		svg := tap.SVG(some)
		for d := xml.NewDecoder(strings.NewReader(svg)); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else {
				require.NoError(t, err)
			}
		}
		require.Equal(t, len(some), strings.Count(svg, " ms</text>"))
		require.Equal(t, svg, tap.SVG(some))
	}
	svg := tap.SVG(events())
	for _, says := range []string{"prefers-color-scheme: dark", `role="img"`, "13 bytes: length 9", "cut: FIN to both ends", "1000.000 ms, up: RST"} {
		require.Contains(t, svg, says)
	}
}

func TestMermaid(t *testing.T) {
	require.Equal(t, "```mermaid\nsequenceDiagram\n  participant C as client\n  participant P as proxy\n  participant S as server\n"+
		"  C->>S: 0.000 ms · 13 bytes: length 9 · body \"#lt;\\\"&#59;#35;#96;--#gt;\"\n"+
		"  Note over P: 0.001 ms · cut: FIN to both ends\n"+
		"  S->>C: 1000.000 ms · FIN: no more will come this way\n"+
		"  C->>S: 1000.000 ms · RST: the connection is gone, both ways\n```\n", tap.Mermaid(events()))
}
