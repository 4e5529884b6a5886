package proxy

import "fmt"

// HalfAfter lets n bytes of the direction pass and then sends FIN to its receiver
// only: the other direction goes on.
func HalfAfter(n int) Fault {
	return after{
		n, "half-close: FIN, this way only",
		fmt.Sprintf("half-close: after %d bytes this way ends with FIN, and the other stays. EOF says \"I send no more\", not \"I am gone\".", n),
		func(_ *lane, next stage) { next.End(FIN, false) },
	}
}
