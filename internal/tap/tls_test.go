package tap_test

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"echolab/internal/proxy"
	"echolab/internal/tap"
	"echolab/internal/wire"
)

// A real handshake of TLS: every record is one, and hellos are read by name.
func TestTLS(t *testing.T) {
	leavesNothing(t)
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	var seen []tap.Event
	p, err := tap.New(tap.Options{
		Options: proxy.Options{Target: strings.TrimPrefix(server.URL, "https://")},
		See:     func(e tap.Event) { seen = append(seen, e) },
	})
	require.NoError(t, err)
	client := server.Client()
	reply, err := client.Get("https://" + p.Addr())
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, reply.Body)
	require.NoError(t, err)
	require.NoError(t, reply.Body.Close())
	client.CloseIdleConnections()
	require.NoError(t, p.Close())

	hellos := map[bool]string{}
	for _, e := range seen {
		for _, f := range e.Fields {
			require.NotEqual(t, wire.Wrong, f.Class, "%+v", f)
			if f.Name == "handshake" && f.Whole && hellos[e.Up] == "" {
				hellos[e.Up] = f.Value
			}
		}
	}
	require.Equal(t, map[bool]string{true: "ClientHello", false: "ServerHello"}, hellos)
	up, down := p.Tally()
	require.Positive(t, up.Payload)
	require.Positive(t, down.Payload)
}
