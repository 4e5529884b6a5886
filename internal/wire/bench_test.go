package wire_test

import (
	"testing"

	"echolab/internal/wire"
)

// What it costs to name the bytes of one echo's way, whole and in single bytes.
func BenchmarkNext(b *testing.B) {
	for _, c := range []struct {
		name  string
		begin func() *wire.Dissector
		first string
		echo  string
	}{
		{"framed", wire.NewFramed, "", "\x00\x00\x00\x05hello"},
		{"zmtp", wire.NewZMTP, greeting + ready, hello},
	} {
		b.Run(c.name, func(b *testing.B) {
			d, echo := c.begin(), []byte(c.echo)
			d.Next([]byte(c.first))
			b.ReportAllocs()
			for b.Loop() {
				d.Next(echo)
			}
		})
		b.Run(c.name+"-sliced", func(b *testing.B) {
			d, echo := c.begin(), []byte(c.echo)
			d.Next([]byte(c.first))
			for b.Loop() {
				for i := range echo {
					d.Next(echo[i : i+1])
				}
			}
		})
	}
}
