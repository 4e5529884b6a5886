package zmqversion_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
)

func TestDeadlines(t *testing.T) {
	addr := serve(t, echo.Options{HandshakeTimeout: 100 * time.Millisecond, MessageTimeout: 100 * time.Millisecond})
	for name, c := range map[string]struct{ sends, gets string }{
		"silence":            {"", greeting},
		"half a greeting":    {greeting[:10], greeting},
		"half a READY":       {shaken[:80], shaken},
		"half a header":      {shaken + "\x01", shaken},
		"half a message":     {shaken + "\x01\x00\x00\x05he", shaken},
		"a large one, begun": {shaken + "\x01\x00" + long(2, 1<<20) + string(make([]byte, 1<<19)), shaken},
		"frames":             {shaken + "\x01\x00\x01\x01a", shaken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			peer := dial(t, addr)
			begun := time.Now()
			_, err := io.WriteString(peer, c.sends)
			require.NoError(t, err)
			got, _ := io.ReadAll(peer)
			require.Len(t, got, len(c.gets))
			require.Less(t, time.Since(begun), 2*time.Second)
		})
	}
}

// Silence between messages has no deadline, whatever came before it.
func TestPatience(t *testing.T) {
	const short = 50 * time.Millisecond
	addr := serve(t, echo.Options{HandshakeTimeout: short, MessageTimeout: short})
	peer := ask(t, addr, "\x01\x00\x00\x0a12345")
	_, err := io.WriteString(peer, "67890")
	require.NoError(t, err)
	expect(t, peer, "\x01\x00\x00\x0a1234567890")
	_, err = io.WriteString(peer, "\x04\x07\x04PING\x00")
	require.NoError(t, err)
	_, err = io.WriteString(peer, "\x00")
	require.NoError(t, err)
	expect(t, peer, "\x04\x05\x04PONG")
	peer.SetReadDeadline(time.Now().Add(4 * short))
	_, err = peer.Read(make([]byte, 1))
	require.ErrorContains(t, err, "timeout", "ours, not the server's end")
	peer.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, err = io.WriteString(peer, "\x01\x00\x00\x01a")
	require.NoError(t, err)
	expect(t, peer, "\x01\x00\x00\x01a")
}

// A PING is answered while the handler is busy, and while its own reply is owed.
func TestPingDuringHandler(t *testing.T) {
	enter, leave := make(chan struct{}), make(chan struct{})
	addr := serve(t, echo.Options{Handler: func(b []byte) []byte {
		close(enter)
		<-leave
		return b
	}})
	peer := ask(t, addr, "\x01\x00\x00\x01a")
	<-enter
	_, err := io.WriteString(peer, "\x04\x0b\x04PING\x00\x0aping")
	require.NoError(t, err)
	expect(t, peer, "\x04\x09\x04PONGping")
	close(leave)
	expect(t, peer, "\x01\x00\x00\x01a")
}

// A client that does not read is dropped after MessageTimeout; until then the
// others do not notice it.
func TestUnreadReplies(t *testing.T) {
	said := new(log)
	addr := serve(t, echo.Options{
		MaxMessage: 16 << 20, MessageTimeout: 300 * time.Millisecond,
		Log:     logger(said),
		Handler: func(b []byte) []byte { return append(b, make([]byte, 16<<20-len(b))...) },
	})
	peer := ask(t, addr, "\x01\x00\x00\x01a\x01\x00\x00\x01b\x01\x00\x00\x01c")
	honest := connect(t, addr, echo.Options{MaxMessage: 16 << 20})
	for range 3 {
		_, err := honest.Echo(t.Context(), []byte("a"))
		require.NoError(t, err)
	}
	begun := time.Now()
	for !bytes.Contains([]byte(said.String()), []byte("does not read")) {
		require.Less(t, time.Since(begun), 5*time.Second)
		time.Sleep(time.Millisecond)
	}
	got, _ := io.ReadAll(peer)
	require.Less(t, len(got), 16<<20)
}
