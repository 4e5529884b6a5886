package frame_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/frame"
)

// message is n bytes that differ from their neighbours.
func message(n int) []byte {
	msg := make([]byte, n)
	for i := range msg {
		msg[i] = byte(i*7 + i>>8)
	}
	return msg
}

// stream is messages of these sizes, framed, one behind the other.
func stream(sizes ...int) (s []byte) {
	for _, n := range sizes {
		s = frame.Append(s, message(n))
	}
	return s
}

func TestBytesOfAHello(t *testing.T) {
	require.Equal(t, "0000000568656c6c6f", hex.EncodeToString(frame.Append(nil, []byte("hello"))))
	require.Equal(t, "00010000", hex.EncodeToString(frame.AppendHeader(nil, 1<<16)))
	require.Equal(t, "ffffffff", hex.EncodeToString(frame.AppendHeader(nil, 1<<32-1)))
}

func TestEdgeLengths(t *testing.T) {
	const most = 1 << 20
	for _, n := range []int{0, 1, 3, 4, 5, 255, 256, 507, 508, 509, 1<<16 - 1, 1 << 16, 1<<16 + 1, most - 1, most} {
		s := stream(n, 0, n)
		check(t, s, most, s)
		check(t, s, n, s) // the limit itself is allowed
		check(t, s, most, bytes.SplitAfter(s, []byte{7})...)
	}
}

func TestSplitAtEveryByte(t *testing.T) {
	s := stream(5, 0, 0, 1, 4, 700, 3)
	var single [][]byte
	for i := range s {
		check(t, s, 1000, s[:i], s[i:])
		for j := i; j < min(i+12, len(s)); j++ { // in three, the middle one short
			check(t, s, 1000, s[:i], s[i:j], s[j:])
		}
		single = append(single, s[i:i+1])
	}
	check(t, s, 1000, single...)
}

func TestRandomCuts(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	s := stream(70_000, 3, 0, 512, 600, 100_000, 1)
	for range 50 {
		var pieces [][]byte
		for rest := s; len(rest) > 0; {
			n := min(len(rest), 1+random.IntN(1<<random.IntN(17)))
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		check(t, s, 100_000, pieces...)
	}
}

func TestLengthOverTheLimit(t *testing.T) {
	for _, n := range []int{1001, 1 << 31, 1<<32 - 1} {
		s := append(stream(5), frame.AppendHeader(nil, n)...)
		s = append(s, "and more"...)
		for i := range s {
			check(t, s, 1000, s[:i], s[i:])
		}
		_, err := frame.NewReader(bytes.NewReader(s[9:]), 1000).Next()
		require.EqualError(t, err, fmt.Sprintf("malformed: a frame announces %d bytes, the limit is 1000", n))
		require.ErrorIs(t, err, echo.ErrMalformed)
	}
}

// allocated is how many bytes f takes from the heap, with no buffer to borrow.
func allocated(f func()) uint64 {
	runtime.GC() // a sync.Pool forgets what two collections
	runtime.GC() // have found in it
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestMemoryFollowsTheBytesThatCame(t *testing.T) {
	const most = 1 << 20
	for _, c := range []struct{ announced, came, limit int }{
		{most, 0, 2 << 10},
		{most, 10, 2 << 10},
		{most, 5_000, 32 << 10}, // of all buffers on the way, the last is up to 2 × 5,000
		{1 << 31, 1_000, 4 << 10},
		{1<<32 - 1, 1_000, 4 << 10},
	} {
		s := append(frame.AppendHeader(nil, c.announced), message(c.came)...)
		require.Less(t, allocated(func() {
			r := frame.NewReader(bytes.NewReader(s), most)
			r.Next()
			r.Release()
		}), uint64(c.limit), "%+v", c)
	}
}

func TestRoomDoublesAndNeverReachesIntoTheNextFrame(t *testing.T) {
	dec := frame.NewDecoder(1 << 20)
	dec.Feed(frame.AppendHeader(nil, 1<<20))
	rounds := 0
	for have := 0; have < 1<<20; rounds++ {
		_, ok, err := dec.Next()
		require.NoError(t, err)
		require.False(t, ok)
		room := len(dec.Room())
		require.Positive(t, room)
		require.LessOrEqual(t, have+room, 1<<20)
		dec.Filled(room)
		have += room
	}
	require.LessOrEqual(t, rounds, 13) // from 512 to 1 Mi is 11 doublings
	msg, ok, err := dec.Next()
	require.NoError(t, err)
	require.True(t, ok)
	require.Len(t, msg, 1<<20)
	require.Empty(t, dec.Room())
	require.False(t, dec.Partial())
	dec.Release()
}

func TestKeepFreesTheBufferThatWasFed(t *testing.T) {
	desk := append(stream(1, 2, 3), 0, 0)
	dec := frame.NewDecoder(10)
	dec.Feed(desk)
	_, ok, _ := dec.Next()
	require.True(t, ok)
	dec.Keep()
	clear(desk)
	require.Equal(t, 6+7+2, dec.Left())
	for _, n := range []int{2, 3} {
		msg, ok, err := dec.Next()
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, message(n), msg)
	}
	require.False(t, dec.Ready())
	require.True(t, dec.Partial(), "two bytes of a header are left")
	dec.Release()
	require.False(t, dec.Partial())
	require.Zero(t, dec.Left())
}

func TestEndOfStream(t *testing.T) {
	s := stream(5, 600)
	for n := range len(s) + 1 {
		for _, shape := range []func(io.Reader) io.Reader{
			func(r io.Reader) io.Reader { return r },
			iotest.OneByteReader,
			iotest.DataErrReader, // io.EOF comes with the last bytes
		} {
			r := frame.NewReader(shape(bytes.NewReader(s[:n])), 600)
			var err error
			for err == nil {
				_, err = r.Next()
			}
			want := io.ErrUnexpectedEOF
			if n == 0 || n == 9 || n == len(s) {
				want = io.EOF
			}
			require.Equal(t, want, err, "%d bytes", n)
			r.Release()
		}
	}
}

// A deadline ends a Read; the message that had begun is not lost by it.
func TestReaderGoesOnAfterATimeout(t *testing.T) {
	s := stream(600)
	r := frame.NewReader(&flaky{pieces: pieceReader{[][]byte{s[:2], s[2:300], s[300:]}}}, 600)
	for timeouts := 0; ; timeouts++ {
		msg, err := r.Next()
		if err == nil {
			require.Equal(t, message(600), msg)
			require.GreaterOrEqual(t, timeouts, 3) // one a Read, and each piece takes one or two
			return
		}
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	}
}

// A flaky reader times out before each piece.
type flaky struct {
	pieces pieceReader
	ready  bool
}

func (f *flaky) Read(p []byte) (int, error) {
	if f.ready = !f.ready; f.ready {
		return 0, os.ErrDeadlineExceeded
	}
	return f.pieces.Read(p)
}

// FuzzCuts: any bytes, cut anywhere, give the same messages and the same end.
func FuzzCuts(f *testing.F) {
	f.Add(stream(5, 0, 3), []byte{1})
	f.Add(stream(600, 1), []byte{200, 3})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 1}, []byte{2})
	f.Fuzz(func(t *testing.T, s, cuts []byte) {
		var pieces [][]byte
		rest := s
		for i := 0; len(rest) > 0 && len(cuts) > 0 && i < 1000; i++ {
			n := min(len(rest), int(cuts[i%len(cuts)]))
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		check(t, s, 1000, append(pieces, rest)...)
	})
}

func Example() {
	var network bytes.Buffer
	network.Write(frame.Append(nil, []byte("hello")))
	network.Write(frame.Append(nil, []byte("")))
	network.Write(frame.Append(nil, []byte("world")))

	r := frame.NewReader(&network, 1<<20)
	for {
		msg, err := r.Next()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%q\n", msg)
	}
	// Output:
	// "hello"
	// ""
	// "world"
	// EOF
}
