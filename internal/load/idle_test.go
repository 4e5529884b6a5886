//go:build linux

package load_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"echolab/internal/load"
)

// idle is how many clients say nothing; select(2) cannot watch more than 900 and
// what a process has besides, and an iterative server none at all.
func idle(row string) int {
	switch row {
	case "iterative":
		return 0
	case "select":
		return 900
	default:
		return 5000
	}
}

// BenchmarkIdle measures one client that asks, alone and beside thousands that
// are only connected: two servers of a kind, in turns.
func BenchmarkIdle(b *testing.B) {
	var all []*row // alone, then crowded, of each kind
	for _, alone := range rows(b, 2) {
		crowd := idle(alone.name)
		if crowd == 0 {
			continue
		}
		crowded := *alone
		b.Run(alone.name, func(b *testing.B) {
			alone.start(b)
			alone.open(b, 1, 64)
			crowded.start(b)
			crowded.open(b, crowd, 64)
			crowded.open(b, 1, 64)
			unpin, err := load.Pin(1)
			require.NoError(b, err)
			defer unpin()
			for b.Loop() {
				for range rounds {
					alone.measure(b)
					crowded.measure(b)
				}
			}
			b.ReportMetric(0, "ns/op")
		})
		all = append(all, alone, &crowded)
	}
	var kinds []*row
	crowded := map[*row]*row{}
	for i := 0; i < len(all); i += 2 {
		kinds = append(kinds, all[i])
		crowded[all[i]] = all[i+1]
	}
	table("1 client that asks, 64 B\tidle\techoes/s\tand alone\tCPU µs\tand alone", kinds, func(r *row) string {
		c := crowded[r]
		return fmt.Sprintf("%d\t%.0f\t%.0f\t%.1f\t%.1f", idle(r.name), median(c.rate), median(r.rate), median(c.cpu), median(r.cpu))
	})
}
