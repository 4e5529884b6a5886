package proxy

import (
	"fmt"
	"math/rand/v2"
)

// Corrupt turns over one bit of byte n of the direction, counted from 0; which
// of the eight, the seed says.
func Corrupt(n int) Fault { return corrupt(n) }

type corrupt int

func (c corrupt) String() string {
	return fmt.Sprintf("corrupt: one bit of byte %d is turned over. TCP's checksum is made anew at each hop, so only the ends can notice.", int(c))
}

func (c corrupt) on(d *lane, next stage, choice *rand.Rand) stage {
	return &corrupter{left: int(c), bit: byte(1) << choice.IntN(8), lane: d, next: next}
}

type corrupter struct {
	left int // bytes before the one to spoil; negative once that is done
	bit  byte
	lane *lane
	next stage
}

func (c *corrupter) Write(p []byte) bool {
	if i := c.left; i >= 0 && i < len(p) {
		good := p[i]
		p[i] ^= c.bit
		c.lane.link.act(c.lane.up, "corrupt: %02x becomes %02x", good, p[i])
		defer func() { p[i] = good }() // p is the caller's
	}
	c.left = max(c.left-len(p), -1)
	return c.next.Write(p)
}

func (c *corrupter) End(how Kind, both bool) { c.next.End(how, both) }
