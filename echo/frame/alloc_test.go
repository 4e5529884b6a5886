//go:build !race

package frame_test // the race detector makes sync.Pool lose buffers on purpose

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"echolab/echo/frame"
)

// A loop gives the same bytes for ever, up to piece of them a Read.
type loop struct {
	stream    []byte
	at, piece int
}

func (l *loop) Read(p []byte) (int, error) {
	n := copy(p[:min(len(p), l.piece)], l.stream[l.at:])
	l.at = (l.at + n) % len(l.stream)
	return n, nil
}

func TestSteadyStateTakesNoMemory(t *testing.T) {
	for _, size := range []int{0, 64, 64 << 10} {
		for _, piece := range []int{3, 1500, 1 << 20} {
			t.Run(fmt.Sprint(size, " in ", piece), func(t *testing.T) {
				l := &loop{stream: stream(size), piece: piece}
				r := frame.NewReader(l, size)
				require.Zero(t, testing.AllocsPerRun(100, func() {
					if msg, err := r.Next(); err != nil || len(msg) != size {
						t.Error(len(msg), err)
					}
				}))

				dec, desk := frame.NewDecoder(size), make([]byte, 128<<10)
				require.Zero(t, testing.AllocsPerRun(100, func() {
					for {
						msg, ok, err := dec.Next()
						if err != nil || ok && len(msg) != size {
							t.Error(len(msg), err)
						}
						if ok {
							return
						}
						n, _ := l.Read(desk)
						dec.Feed(desk[:n])
					}
				}))
			})
		}
	}
}
