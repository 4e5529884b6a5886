package hostile_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/internal/hostile"
)

const (
	most     = 1000
	greeting = "\xff\x00\x00\x00\x00\x00\x00\x00\x00\x7f\x03\x00NULL"
	readyREQ = "\x04\x19\x05READY\x0bSocket-Type\x00\x00\x00\x03REQ"
)

var (
	greeted = greeting + strings.Repeat("\x00", 64-len(greeting))
	shaken  = greeted + readyREQ
	begun   = strings.Repeat("\x00", 1024)
)

func TestHandshakeIsCorrect(t *testing.T) {
	require.Equal(t, greeted, string(hostile.Greeting()))
	require.Equal(t, readyREQ, string(hostile.Ready("REQ")))
}

// What a peer's story says is what arrives, to the byte.
func TestBytesOfFramedPeers(t *testing.T) {
	for name, want := range map[string]string{
		"port-scan":       "",
		"http":            "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n",
		"oversize-2^31":   "\x80\x00\x00\x00" + begun,
		"oversize-2^32-1": "\xff\xff\xff\xff" + begun,
		"oversize-by-one": "\x00\x00\x03\xe9" + strings.Repeat("\x00", most+1),
	} {
		t.Run(name, func(t *testing.T) {
			got := suffer(t, find(t, name, echo.Framed), echo.Framed, most)
			require.Equal(t, want, string(got.bytes))
			require.False(t, got.reset)
		})
	}
}

func TestBytesOfZMTPPeers(t *testing.T) {
	for name, want := range map[string]string{
		"stranger":                  greeted + "\x04\x19\x05READY\x0bSocket-Type\x00\x00\x00\x03PUB",
		"no-delimiter":              shaken + "\x00\x05hello",
		"command-more":              shaken + "\x05\x07\x04PING\x00\x00\x04\x07\x04PING\x00\x00",
		"reserved-bit-3":            shaken + "\x01\x00\x08\x05hello",
		"reserved-bit-7":            shaken + "\x01\x00\x80\x05hello",
		"giant-ping":                shaken + "\x06\x00\x00\x00\x00\x00\x00\x03\xef\x04PING\x00\x00" + strings.Repeat("x", most),
		"oversize-2^31":             shaken + "\x01\x00\x02\x00\x00\x00\x00\x80\x00\x00\x00" + begun,
		"oversize-2^62":             shaken + "\x01\x00\x02\x40\x00\x00\x00\x00\x00\x00\x00" + begun,
		"oversize-2^63":             shaken + "\x01\x00\x02\x80\x00\x00\x00\x00\x00\x00\x00" + begun,
		"oversize-early-2^62":       greeted + "\x06\x40\x00\x00\x00\x00\x00\x00\x00" + begun,
		"oversize-by-one":           shaken + "\x01\x00\x02\x00\x00\x00\x00\x00\x00\x03\xe9" + strings.Repeat("\x00", most+1),
		"error-command":             greeted + "\x04\x0e\x05ERROR\x07go away",
		"error-command-late":        shaken + "\x04\x0e\x05ERROR\x07go away",
		"error-command-past-end":    greeted + "\x04\x0e\x05ERROR\xffgo away",
		"ready-empty-command":       greeted + "\x04\x00",
		"ready-no-name":             greeted + "\x04\x01\x00",
		"ready-name-past-end":       greeted + "\x04\x06\xffREADY",
		"ready-no-socket-type":      greeted + "\x04\x06\x05READY",
		"ready-property-no-name":    greeted + "\x04\x21\x05READY\x00\x00\x00\x00\x03REQ\x0bSocket-Type\x00\x00\x00\x03REQ",
		"ready-property-cut-name":   greeted + "\x04\x0d\x05READY\x0bSocket",
		"ready-property-no-length":  greeted + "\x04\x12\x05READY\x0bSocket-Type",
		"ready-property-cut-length": greeted + "\x04\x14\x05READY\x0bSocket-Type\x00\x00",
		"ready-property-past-end":   greeted + "\x04\x19\x05READY\x0bSocket-Type\x00\x00\x00\xffREQ",
		"ready-property-2^31":       greeted + "\x04\x19\x05READY\x0bSocket-Type\x80\x00\x00\x00REQ",
		"ready-property-2^32-1":     greeted + "\x04\x19\x05READY\x0bSocket-Type\xff\xff\xff\xffREQ",
		"ready-giant":               greeted + "\x06\x00\x00\x00\x00\x01\x00\x00\x00\x05READY\x0bSocket-Type\x00\x00\x00\x03REQ\x07X-Story\x00\xff\xff\xdb" + strings.Repeat("\x00", 16<<20-37),
		"ready-trailing":            greeted + "\x04\x1a\x05READY\x0bSocket-Type\x00\x00\x00\x03REQ\x0b",
		"endless-more":              shaken + strings.Repeat("\x01\x00", 3_000_000),
	} {
		t.Run(name, func(t *testing.T) {
			got := suffer(t, find(t, name, echo.ZMTP), echo.ZMTP, most)
			require.Equal(t, len(want), len(got.bytes))
			require.True(t, want == string(got.bytes), "other bytes")
			require.False(t, got.reset)
		})
	}
}

func TestResetInTheMiddle(t *testing.T) {
	for w, want := range map[echo.Wire]string{
		echo.Framed: "\x00\x00\x00\x0ahello",
		echo.ZMTP:   shaken + "\x01\x00\x00\x0ahello",
	} {
		got := suffer(t, find(t, "reset-mid-message", w), w, most)
		require.Equal(t, want, string(got.bytes))
		require.True(t, got.reset)
	}
}

func TestTLSHello(t *testing.T) {
	got := suffer(t, find(t, "tls-hello", echo.Framed), echo.Framed, most)
	require.Equal(t, "\x16\x03\x01", string(got.bytes[:3]), "a handshake record")
	require.Equal(t, byte(1), got.bytes[5], "a ClientHello")
}

// Silence lasts: these are still there, having said this, when ctx ends.
func TestThoseThatStay(t *testing.T) {
	for _, c := range []struct {
		name string
		wire echo.Wire
		said string
	}{
		{"silent", echo.Framed, ""},
		{"silent", echo.ZMTP, ""},
		{"half-message", echo.Framed, "\x00\x00\x00\x0ahello"},
		{"half-message", echo.ZMTP, shaken + "\x01\x00\x00\x0ahello"},
		{"unfinished-handshake", echo.ZMTP, greeted},
		{"slow-header", echo.Framed, "\x00"},
		{"slow-greeting", echo.ZMTP, "\xff"},
	} {
		t.Run(fmt.Sprint(c.name, " ", c.wire), func(t *testing.T) {
			leavesNothing(t)
			p := find(t, c.name, c.wire)
			require.True(t, p.Waits)
			leave, server, ended := stays(t, p, c.wire)
			said := make([]byte, len(c.said))
			_, err := io.ReadFull(server, said)
			require.NoError(t, err)
			require.Equal(t, c.said, string(said))

			require.NoError(t, server.SetReadDeadline(time.Now().Add(30*time.Millisecond)))
			_, err = server.Read(make([]byte, 1))
			require.ErrorIs(t, err, os.ErrDeadlineExceeded, "it says more, or has left")

			leave()
			require.NoError(t, <-ended)
		})
	}
}

// stays lets p attack one connection, and returns how to end it, the server's
// side, and its outcome.
func stays(t *testing.T, p hostile.Peer, w echo.Wire) (context.CancelFunc, net.Conn, <-chan error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { ln.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	ended := make(chan error, 1)
	go func() { ended <- p.Attack(ctx, ln.Addr().String(), most) }()
	conn, err := ln.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(hung)))
	if w == echo.ZMTP {
		_, err = conn.Write(append(hostile.Greeting(), hostile.Ready("REP")...))
		require.NoError(t, err)
	}
	return cancel, conn, ended
}
