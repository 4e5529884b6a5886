package transport_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/zmqversion/transport"
)

func TestHeaders(t *testing.T) {
	for _, c := range []struct {
		name         string
		bytes        []byte
		ok, bad      bool
		header, size int
	}{
		{"nothing yet", nil, false, false, 0, 0},
		{"flags alone", []byte{0}, false, false, 2, 0},
		{"empty", []byte{0, 0}, true, false, 2, 0},
		{"255", []byte{1, 255}, true, false, 2, 255},
		{"long, cut", []byte{2, 0, 0, 0, 0, 0, 0, 1}, false, false, 9, 0},
		{"long", []byte{2, 0, 0, 0, 0, 0, 0, 1, 0}, true, false, 9, 256},
		{"at the limit", []byte{2, 0, 0, 0, 0, 0, 1, 0, 0}, true, false, 9, 1 << 16},
		{"over the limit", []byte{2, 0, 0, 0, 0, 0, 1, 0, 1}, false, true, 9, 0},
		{"2^31", []byte{2, 0, 0, 0, 0, 0x80, 0, 0, 0}, false, true, 9, 0},
		{"2^62", []byte{2, 0x40, 0, 0, 0, 0, 0, 0, 0}, false, true, 9, 0},
		{"2^63", []byte{2, 0x80, 0, 0, 0, 0, 0, 0, 0}, false, true, 9, 0},
		{"a reserved flag", []byte{8}, false, true, 0, 0},
		{"a command with MORE", []byte{5}, false, true, 0, 0},
		{"a large command", []byte{6, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, false, true, 9, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, header, size, ok, err := transport.Parse(c.bytes, 1<<16)
			require.Equal(t, c.ok, ok)
			if c.bad {
				require.ErrorIs(t, err, echo.ErrMalformed)
				return
			}
			require.NoError(t, err)
			require.Equal(t, []int{c.header, c.size}, []int{header, size})
		})
	}
}

func TestGreetings(t *testing.T) {
	change := func(at int, to byte) []byte {
		b := transport.Greeting("NULL")
		b[at] = to
		return b
	}
	for name, b := range map[string][]byte{
		"ours": transport.Greeting("NULL"), "version 3.0": change(11, 0), "version 4": change(10, 4),
		"padding": change(5, 9), "as-server": change(32, 1), "filler": change(60, 7),
	} {
		for n := range len(b) + 1 {
			require.NoError(t, transport.CheckGreeting(b[:n], "NULL"), "%s, %d bytes", name, n)
		}
	}
	for _, c := range []struct {
		name  string
		bytes []byte
		known int // bytes by which it is known to be wrong
	}{
		{"HTTP", []byte("GET / HTTP/1.1\r\n\r\n"), 1},
		{"TLS", []byte{0x16, 3, 1, 2, 0}, 1},
		{"signature", change(9, 0x7e), 10},
		{"version 2", change(10, 2), 11},
		{"PLAIN", transport.Greeting("PLAIN"), 32},
	} {
		for n := range len(c.bytes) + 1 {
			err := transport.CheckGreeting(c.bytes[:n], "NULL")
			require.Equal(t, n >= c.known, err != nil, "%s, %d bytes: %v", c.name, n, err)
		}
	}
}

func TestProperties(t *testing.T) {
	_, data, err := transport.SplitCommand(transport.ReadyCommand(zmq4.Req)[2:])
	require.NoError(t, err)
	peer, err := transport.PeerType(data)
	require.NoError(t, err)
	require.Equal(t, zmq4.Req, peer)

	for n := 1; n < len(data); n++ {
		if n == len("\x0bSocket-Type\x00\x00\x00\x03REQ") {
			continue // the first property is whole here
		}
		_, err := transport.PeerType(data[:n])
		require.ErrorContains(t, err, transport.HandshakeErr, "cut at %d", n)
	}
	lower := bytes.Replace(data, []byte("Socket-Type"), []byte("socket-type"), 1)
	peer, err = transport.PeerType(lower)
	require.NoError(t, err)
	require.Equal(t, zmq4.Req, peer)
}

// receive is what zmq4 makes of a stream that comes in pieces: each message, its
// frames joined, and why the stream ended.
func receive(t require.TestingT, wire []byte, most, piece int) (messages []string, err error) {
	inner := transport.Inner(&stream{in: wire, piece: piece}, most)
	conn, err := zmq4.Open(inner, nullSecurity(), zmq4.Req, nil, false, nil)
	require.NoError(t, err)
	for {
		msg, err := conn.RecvMsg()
		if err != nil {
			var gone *transport.Gone
			require.ErrorAs(t, err, &gone)
			return messages, gone.Cause
		}
		messages = append(messages, string(msg.Bytes()))
	}
}

// stream gives its bytes in pieces, and takes what is written.
type stream struct {
	net.Conn
	in, out []byte
	piece   int
}

func (s *stream) Read(p []byte) (int, error) {
	if len(s.in) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.in[:min(len(s.in), s.piece)])
	s.in = s.in[n:]
	return n, nil
}

func (s *stream) Write(p []byte) (int, error)      { s.out = append(s.out, p...); return len(p), nil }
func (s *stream) Close() error                     { return nil }
func (s *stream) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (s *stream) SetReadDeadline(time.Time) error  { return nil }
func (s *stream) SetWriteDeadline(time.Time) error { return nil }

func frames(bodies ...string) []byte {
	var b []byte
	for i, body := range bodies {
		var flags byte = transport.More
		if i == len(bodies)-1 {
			flags = 0
		}
		b = append(transport.AppendHeader(b, flags, len(body)), body...)
	}
	return b
}

func TestMessagesAtEverySplit(t *testing.T) {
	large := string(bytes.Repeat([]byte("0123456789abcdef"), 1<<8))
	ping := string(transport.AppendCommand(nil, "PING", []byte("\x00\x0ahello")))
	for _, c := range []struct {
		name string
		wire string
		want []string
		bad  bool
	}{
		{"one", string(frames("", "hello")), []string{"hello"}, false},
		{"two", string(frames("", "a")) + string(frames("", "b")), []string{"a", "b"}, false},
		{"empty", string(frames("", "")) + string(frames("", "b")), []string{"", "b"}, false},
		{"large", string(frames("", large)) + string(frames("", "b")), []string{large, "b"}, false},
		{"many frames are joined", string(frames("", "a", "", large, "b", "")), []string{"a" + large + "b"}, false},
		{"an envelope", string(frames("address", "", "a")), []string{"addressa"}, false},
		{"a PING before", ping + string(frames("", "a")), []string{"a"}, false},
		{"a PING between frames", "\x01\x00" + ping + "\x00\x01a", []string{"a"}, false},
		{"no delimiter", string(frames("a")), nil, true},
		{"only the delimiter", string(frames("")), nil, true},
		{"no delimiter at the end", string(frames("a", "b")), nil, true},
		{"a reserved flag later", "\x01\x00\x81\x01a", nil, true},
		{"a command without a name", "\x04\x00", nil, true},
		{"a name over its command", "\x04\x02\x05P", nil, true},
		{"a PING without TTL", string(transport.AppendCommand(nil, "PING", nil)), nil, true},
		{"too many frames", string(bytes.Repeat([]byte{1, 0}, transport.MaxFrames+1)), nil, true},
		{"too large together", string(frames("", large, large, large)), nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for piece := 1; piece <= len(c.wire) && piece <= 600; piece++ {
				got, err := receive(t, []byte(c.wire), 8<<10, piece)
				require.Equal(t, c.want, got, "pieces of %d", piece)
				require.Equal(t, c.bad, errors.Is(err, echo.ErrMalformed), "pieces of %d: %v", piece, err)
			}
			for cut := range len(c.wire) { // an end anywhere is an end, and no message
				got, err := receive(t, []byte(c.wire[:cut]), 8<<10, 1<<20)
				require.LessOrEqual(t, len(got), len(c.want))
				require.Error(t, err)
			}
		})
	}
}

func TestPong(t *testing.T) {
	s := &stream{in: transport.AppendCommand(nil, "PING", []byte("\x00\x0ahello")), piece: 1}
	inner := transport.Inner(s, 1024)
	_, err := io.Copy(io.Discard, inner)
	require.ErrorIs(t, err, io.EOF)
	require.Equal(t, "\x04\x0a\x04PONGhello", string(s.out), "the context comes back, the TTL does not")
}

// FuzzMessages: whatever the peer sends, in whatever pieces, zmq4 lives, gets
// the same messages, and none over the limit.
func FuzzMessages(f *testing.F) {
	f.Add(frames("", "hello"), 3)
	f.Add(frames("", "a", "", "b"), 1)
	f.Add(frames("address", "", ""), 2)
	f.Add(append(transport.AppendCommand(nil, "PING", []byte("\x00\x0ahello")), frames("", "x")...), 5)
	f.Add([]byte{1, 0, 2, 0x40, 0, 0, 0, 0, 0, 0, 0}, 4)
	f.Fuzz(func(t *testing.T, wire []byte, piece int) {
		const most = 4096
		whole, _ := receive(t, wire, most, 1<<20)
		pieces, _ := receive(t, wire, most, 1+int(uint(piece)%64))
		require.Equal(t, whole, pieces)
		for _, message := range whole {
			require.LessOrEqual(t, len(message), most)
		}
	})
}
