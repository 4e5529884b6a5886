package transport_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"
	"github.com/stretchr/testify/require"

	"echolab/zmqversion/transport"
)

func nullSecurity() zmq4.Security { return null.Security() }

// Of a large message zmq4 hears nothing until enough of it has come to be worth
// the memory that zmq4 takes at its header.
func TestMemoryFollowsBytes(t *testing.T) {
	const size = 1 << 20
	header := transport.AppendHeader([]byte{transport.More, 0}, 0, size)
	for _, c := range []struct {
		name string
		body int
		told bool
	}{
		{"the header", 0, false},
		{"less than a sixteenth", size/transport.Growth - 1, false},
		{"a sixteenth", size / transport.Growth, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			wire := append(bytes.Clone(header), make([]byte, c.body)...)
			inner := transport.Inner(&stream{in: wire, piece: 1 << 20}, size)
			_, err := io.ReadFull(inner, make([]byte, len(transport.Greeting("NULL"))+len(transport.ReadyCommand(zmq4.Rep))))
			require.NoError(t, err)
			got, err := io.ReadAll(inner)
			require.ErrorIs(t, err, io.EOF)
			if c.told {
				require.Equal(t, wire, got)
			} else {
				require.Empty(t, got)
			}
		})
	}
}
