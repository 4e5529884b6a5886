package proxy

import "fmt"

// CutAfter lets n bytes of the direction pass and then sends FIN to both ends.
// What follows is read and dropped.
func CutAfter(n int) Fault {
	return after{
		n, "cut: FIN to both ends",
		fmt.Sprintf("cut: after %d bytes both ends read EOF. A stream can end in the middle of a message.", n),
		func(_ *lane, next stage) { next.End(FIN, true) },
	}
}
