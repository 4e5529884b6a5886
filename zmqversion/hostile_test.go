package zmqversion_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
)

// A greeting and a READY, written out: the tests share no code with what they test.
var (
	greeting = "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x00NULL" + string(make([]byte, 48))
	ready    = "\x04\x26\x05READY\x0bSocket-Type\x00\x00\x00\x03REQ\x08Identity\x00\x00\x00\x00"
	shaken   = greeting + ready
)

func command(body string) string { return "\x04" + string(rune(len(body))) + body }

func long(flags byte, size uint64) string {
	return string(binary.BigEndian.AppendUint64([]byte{flags}, size))
}

// A malformed peer is dropped alone, at once, and the log says why.
func TestMalformedPeersAreDropped(t *testing.T) {
	for _, c := range []struct{ name, sends, why string }{
		{"HTTP", "GET / HTTP/1.1\r\n\r\n", "first byte"},
		{"TLS", "\x16\x03\x01\x02\x00\x01\x00", "first byte"},
		{"ZMTP 1.0", "\x01\x00", "first byte"},
		{"ZMTP 2.0", "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x01\x03", "version 1"},
		{"another mechanism", "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x00PLAIN" + string(make([]byte, 47)), "PLAIN"},
		{"a message for a READY", greeting + "\x00\x01a", "command was due"},
		{"a reserved flag for a READY", greeting + "\x0c\x01a", "flags"},
		{"another command", greeting + command("\x05HELLO"), "HELLO"},
		{"refusal", greeting + command("\x05ERROR\x03no!"), "no!"},
		{"a property without its length", greeting + command("\x05READY\x0bSocket-Type"), "cut short"},
		{"a name over the end", greeting + command("\x05READY\xffSocket-Type"), "cut short"},
		{"a value over the end", greeting + command("\x05READY\x0bSocket-Type\x7f\xff\xff\xffREQ"), "cut short"},
		{"no socket type", greeting + command("\x05READY"), "cannot talk"},
		{"another socket type", greeting + command("\x05READY\x0bSocket-Type\x00\x00\x00\x03PUB"), "cannot talk"},
		{"a READY of 2^62", greeting + long(6, 1<<62), "announces"},
		{"2^31", shaken + "\x01\x00" + long(2, 1<<31), "announces"},
		{"2^62", shaken + "\x01\x00" + long(2, 1<<62), "announces"},
		{"2^63", shaken + "\x01\x00" + long(2, 1<<63), "announces"},
		{"2^62 for a delimiter", shaken + long(3, 1<<62), "announces"},
		{"a reserved flag", shaken + "\x01\x00\x40\x01a", "flags"},
		{"a command with MORE", shaken + "\x05\x05\x04PING", "flags"},
		{"a PING without TTL", shaken + "\x04\x05\x04PING", "PING"},
		{"no delimiter", shaken + "\x00\x01a", "delimiter"},
		{"nothing but the delimiter", shaken + "\x00\x00", "delimiter"},
		{"3 million frames", shaken + string(bytes.Repeat([]byte{1, 0}, 3_000_000)), "frames"},
		{"frames too large together", shaken + "\x01\x00" + string(bytes.Repeat([]byte("\x01\xff"+string(make([]byte, 255))), 300)), "bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			said := new(log)
			addr := serve(t, echo.Options{MaxMessage: 64 << 10, Log: logger(said)})
			honest := connect(t, addr, echo.Options{})
			peer := dial(t, addr)
			go io.WriteString(peer, c.sends) // it may be cut off in the middle
			io.Copy(io.Discard, peer)        // until we are hung up on
			require.Contains(t, said.String(), c.why)
			reply, err := honest.Echo(t.Context(), []byte("still here"))
			require.NoError(t, err)
			require.Equal(t, "still here", string(reply))
		})
	}
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	peer, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { peer.Close() })
	peer.SetDeadline(time.Now().Add(10 * time.Second)) // ends a hung test
	return peer
}

// ask sends what follows a handshake, and skips the server's own.
func ask(t *testing.T, addr, sends string) net.Conn {
	t.Helper()
	peer := dial(t, addr)
	_, err := io.WriteString(peer, shaken)
	require.NoError(t, err)
	_, err = io.ReadFull(peer, make([]byte, len(shaken)))
	require.NoError(t, err)
	_, err = io.WriteString(peer, sends)
	require.NoError(t, err)
	return peer
}

func expect(t *testing.T, peer net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	_, err := io.ReadFull(peer, got)
	require.NoError(t, err)
	require.Equal(t, want, string(got))
}

// What differs between honest peers is let pass.
func TestTolerance(t *testing.T) {
	addr := serve(t, echo.Options{})
	change := func(at int, to byte) string {
		b := []byte(greeting)
		b[at] = to
		return string(b) + ready
	}
	identity := string(bytes.Repeat([]byte("i"), 255))
	large := "\x05READY\x0bsocket-type\x00\x00\x00\x06DEALER\x08Identity\x00\x00\x00\xff" + identity
	for name, hands := range map[string]string{
		"version 3.1": change(11, 1), "padding": change(4, 8), "as-server": change(32, 1), "filler": change(63, 3),
		"a DEALER with an identity of 255": greeting + long(6, uint64(len(large))) + large,
	} {
		t.Run(name, func(t *testing.T) {
			peer := dial(t, addr)
			_, err := io.WriteString(peer, hands+"\x01\x00\x00\x05hello") // in one segment
			require.NoError(t, err)
			_, err = io.ReadFull(peer, make([]byte, len(shaken)))
			require.NoError(t, err)
			expect(t, peer, "\x01\x00\x00\x05hello")
		})
	}
}

func TestManyFramesAreOneMessage(t *testing.T) {
	addr := serve(t, echo.Options{})
	for sends, want := range map[string]string{
		"\x01\x00\x01\x01a\x01\x00\x00\x01b":            "\x01\x00\x00\x02ab",
		"\x01\x00\x01\x00\x00\x00":                      "\x01\x00\x00\x00",
		"\x01\x07address\x01\x00\x00\x01a":              "\x01\x07address\x01\x00\x00\x01a",
		"\x01\x00" + command("\x05OTHER") + "\x00\x01a": "\x01\x00\x00\x01a",
	} {
		expect(t, ask(t, addr, sends), want)
	}
}

// Requests that come before the reply to the first wait for it, and are answered in order.
func TestPipeline(t *testing.T) {
	addr := serve(t, echo.Options{MessageTimeout: 200 * time.Millisecond})
	var sends string
	for i := range 500 {
		sends += fmt.Sprintf("\x01\x00\x00\x03%03d", i)
	}
	expect(t, ask(t, addr, sends), sends)
}
