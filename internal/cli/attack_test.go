package cli_test

import (
	"encoding/json"
	"net"
	"strings"
	"testing"

	"echolab/internal/cli"
	"echolab/internal/stacks"

	"github.com/stretchr/testify/require"
)

// Servers that hold out, on both wires, as a table and as JSON.
func TestAttackOnServersThatHoldOut(t *testing.T) {
	for _, command := range []string{"-stack rawsocket -only http", "-stack zmq -only unfinished-handshake", "-wire zmtp -only silent"} {
		code, stdout, stderr := lab(t, stacks.All(), strings.Fields("attack "+command)...)
		require.Equal(t, 0, code, stderr)
		require.Contains(t, stdout, "✓ ")
		require.Contains(t, stdout, "  serves\n")
		fits(t, stdout)
	}
	code, stdout, _ := lab(t, stacks.All(), strings.Fields("attack -json -only garbage")...)
	require.Equal(t, 0, code)
	var a struct{ Times, Asked, Served int }
	require.NoError(t, json.Unmarshal([]byte(stdout), &a))
	require.Positive(t, a.Asked)
	require.Equal(t, a.Asked, a.Served)
}

// What a model fails by design is told, and is no failure.
func TestAttackOnIterative(t *testing.T) {
	s, err := stacks.Find("iterative")
	require.NoError(t, err)
	if s.Usable != nil && s.Usable() != nil {
		t.Skip(s.Usable())
	}
	code, stdout, stderr := lab(t, stacks.All(), strings.Fields("attack -stack iterative -only silent -timeout 200ms")...)
	require.Equal(t, 0, code, stderr)
	require.Contains(t, stdout, "by design")
	require.Contains(t, stdout, "Whoever serves one connection at a time")
}

// A server that trusts everybody: it answers one framed hello a connection, and
// leaves for good when it is told of a message that is no hello.
func TestAttackOnAServerThatTrusts(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	left := make(chan struct{})
	defer func() { ln.Close(); <-left }()
	go func() {
		defer close(left)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			b := make([]byte, 64)
			n, _ := conn.Read(b)
			if n > 0 && b[0] != 0 {
				ln.Close() // first, so that whoever comes when the attack is over finds nobody
			}
			conn.Write(b[:n])
			conn.Close()
		}
	}()
	code, stdout, stderr := lab(t, stacks.All(), "attack", "-only", "http", "-connect", ln.Addr().String())
	require.Equal(t, cli.Failed, code)
	require.Contains(t, stdout, "✗ http")
	require.Contains(t, stdout, "gone: nobody listens")
	require.Contains(t, stderr, "http left no server to go on with")
}

func TestAttackOnNobody(t *testing.T) {
	addr := free(t)
	code, stdout, stderr := lab(t, stacks.All(), "attack", "-connect", addr)
	require.Equal(t, cli.Failed, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, "serves nobody, before any attack")
}
