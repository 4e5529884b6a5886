package proxy

import "fmt"

// ResetAfter lets n bytes of the direction pass and then sends RST to both ends.
// A receiver whose buffer was full may not get the last of them.
func ResetAfter(n int) Fault {
	return after{
		n, "reset: RST to both ends",
		fmt.Sprintf("reset: after %d bytes both ends get \"connection reset by peer\", as from a host that has lost its memory.", n),
		func(_ *lane, next stage) { next.End(RST, true) },
	}
}
