package frame_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/frame"
)

// A way takes messages, of up to most bytes, from a stream that comes in pieces.
// It returns copies of them, and the error that ended the stream, or nil.
type way struct {
	name string
	take func(t *testing.T, pieces [][]byte, most int) ([][]byte, error)
}

var ways = []way{
	{"Feed", func(t *testing.T, pieces [][]byte, most int) ([][]byte, error) {
		return push(t, pieces, most, false)
	}},
	{"Room", func(t *testing.T, pieces [][]byte, most int) ([][]byte, error) {
		return push(t, pieces, most, true)
	}},
	{"Reader", pull},
}

// push gives the pieces to a Decoder, by way of Room where there is one if inPlace.
// Like the buffer of an event loop, the one that it feeds from is overwritten
// as soon as Next allows.
func push(t *testing.T, pieces [][]byte, most int, inPlace bool) (taken [][]byte, err error) {
	dec := frame.NewDecoder(most)
	defer dec.Release()
	var desk []byte
	for _, piece := range pieces {
		for {
			if room := dec.Room(); inPlace && len(room) > 0 {
				n := copy(room, piece)
				dec.Filled(n)
				piece = piece[n:]
			} else {
				desk = append(desk[:0], piece...)
				dec.Feed(desk)
				piece = nil
			}
			if taken, err = drain(t, &dec, taken); err != nil {
				return taken, err
			}
			clear(desk)
			if len(piece) == 0 {
				break
			}
		}
	}
	return taken, nil
}

// drain takes what there is, and holds Ready and Partial against what comes.
func drain(t *testing.T, dec *frame.Decoder, taken [][]byte) ([][]byte, error) {
	for first := true; ; first = false {
		ready, partial := dec.Ready(), dec.Partial()
		msg, ok, err := dec.Next()
		if !first {
			require.Equal(t, ready, ok || err != nil, "Ready")
			if !ok {
				require.Equal(t, partial, dec.Partial() && err == nil, "Partial")
			}
		}
		if !ok {
			_, _, again := dec.Next()
			require.Equal(t, err, again, "an error is final")
			return taken, err
		}
		taken = append(taken, bytes.Clone(msg))
		_ = append(msg, "scribble"...) // a handler may; the next message must not see it
	}
}

func pull(_ *testing.T, pieces [][]byte, most int) (taken [][]byte, err error) {
	r := frame.NewReader(&pieceReader{pieces}, most)
	defer r.Release()
	for {
		msg, err := r.Next()
		switch err {
		case nil:
			taken = append(taken, bytes.Clone(msg))
		case io.EOF, io.ErrUnexpectedEOF:
			return taken, nil
		default:
			return taken, err
		}
	}
}

// A pieceReader gives no more than one piece a Read, as a socket may.
type pieceReader struct{ pieces [][]byte }

func (r *pieceReader) Read(p []byte) (int, error) {
	for len(r.pieces) > 0 && len(r.pieces[0]) == 0 {
		r.pieces = r.pieces[1:]
	}
	if len(r.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.pieces[0])
	r.pieces[0] = r.pieces[0][n:]
	return n, nil
}

// expect is what a stream holds, worked out with the whole of it at hand.
func expect(stream []byte, most int) (want [][]byte, err error) {
	for len(stream) >= 4 {
		n := int(stream[0])<<24 | int(stream[1])<<16 | int(stream[2])<<8 | int(stream[3])
		if n > most {
			return want, echo.ErrMalformed
		}
		if len(stream) < 4+n {
			break
		}
		want = append(want, append([]byte{}, stream[4:4+n]...))
		stream = stream[4+n:]
	}
	return want, nil
}

// check takes the stream, so cut, every way, and wants the same each time.
func check(t *testing.T, stream []byte, most int, pieces ...[]byte) {
	t.Helper()
	want, wantErr := expect(stream, most)
	for _, w := range ways {
		own := append([][]byte{}, pieces...) // a pieceReader eats its list
		got, err := w.take(t, own, most)
		require.ErrorIs(t, err, wantErr, w.name)
		require.Equal(t, len(want), len(got), w.name)
		for i := range want {
			require.True(t, bytes.Equal(want[i], got[i]), "%s: message %d", w.name, i)
		}
	}
}
