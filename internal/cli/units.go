package cli

import (
	"fmt"
	"strconv"
	"time"
)

// short writes d with two or three digits and a unit: 38 µs, 1.2 ms.
func short(d time.Duration) string {
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"s", time.Second}, {"ms", time.Millisecond}, {"µs", time.Microsecond}} {
		if d < unit.size {
			continue
		}
		if n := float64(d) / float64(unit.size); n < 9.95 {
			return fmt.Sprintf("%.1f %s", n, unit.name)
		}
		return fmt.Sprintf("%d %s", d.Round(unit.size)/unit.size, unit.name)
	}
	return fmt.Sprintf("%d ns", d)
}

// size writes n bytes with the largest unit that divides it: 1 MiB, 65535 B.
func size(n int) string {
	switch {
	case n > 0 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n > 0 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	default:
		return fmt.Sprintf("%d B", n)
	}
}

// number writes n with commas: 4,212.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// words writes small numbers as words.
func words(n int) string {
	small := []string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}
	if n < len(small) {
		return small[n]
	}
	return number(n)
}

// plural writes n things: 1 reply, 50 replies.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}
