package proxy

import "fmt"

// BlackholeAfter lets n bytes of the direction pass; what follows is read, and
// never arrives, nor does its end. To the sender it looks sent, and acknowledged.
func BlackholeAfter(n int) Fault {
	return after{
		n, "blackhole: nothing arrives from here",
		fmt.Sprintf("blackhole: after %d bytes everything is taken and nothing arrives. That a write succeeded says that the kernel has the bytes, and no more.", n),
		func(*lane, stage) {},
	}
}
