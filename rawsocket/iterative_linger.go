//go:build linux

package rawsocket

import (
	"time"

	"golang.org/x/sys/unix"
)

// grace is when this guest has to go. It begins with the first question.
func (g *guest) grace() time.Time {
	if g.goneBy.IsZero() {
		g.goneBy = time.Now().Add(g.server.o.Grace)
	}
	return g.goneBy
}

// linger lets replies under way arrive. close(2) with unread input sends RST, and
// the peer then loses what it has not received: so throw input away until the
// peer's kernel has acknowledged every byte, or Grace is over. A FIN before that
// would not help: after SHUT_RD, Linux answers data behind it with RST too.
func (g *guest) linger() {
	scrap := make([]byte, 64<<10)
	for time.Now().Before(g.grace()) {
		n, _, err := unix.Recvfrom(g.fd, scrap, unix.MSG_DONTWAIT)
		switch {
		case n > 0 || err == unix.EINTR:
			continue
		case err != nil && err != unix.EAGAIN:
			return // there is nobody left
		}
		unsent, err := unix.IoctlGetInt(g.fd, unix.SIOCOUTQ) // tcp(7)
		if err != nil || unsent == 0 {
			return
		}
		time.Sleep(time.Millisecond) // nothing wakes a thread at this event
	}
}
