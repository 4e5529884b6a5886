package proxy

import "fmt"

// StallAfter lets n bytes of the direction pass and then nothing, not even FIN,
// until the connection ends; Resume does not end it. It reads no more either.
func StallAfter(n int) Fault {
	return after{
		n, "stall: silence from here",
		fmt.Sprintf("stall: after %d bytes silence, and the connection stays open. Only a deadline can tell this from a slow peer.", n),
		func(d *lane, _ stage) { <-d.link.over },
	}
}
