//go:build linux

package epoll

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// debts lends the buffers behind owed.
var debts = sync.Pool{New: func() any { return new([]byte) }}

// send writes as much of head and body as the kernel has room for, and returns
// the rest of each.
func send(fd int, head, body []byte) (_, _ []byte, err error) {
	for len(head)+len(body) > 0 {
		n, err := writev(fd, head, body)
		switch err {
		case nil: // n may be fewer bytes than asked
			cut := min(n, len(head))
			head, body = head[cut:], body[n-cut:]
		case unix.EINTR:
			// a signal came first; nothing was written
		case unix.EAGAIN:
			return head, body, nil
		default:
			return head, body, os.NewSyscallError("writev", err)
		}
	}
	return nil, nil, nil
}

// owe keeps unsent replies: at most highWater and one reply.
func (c *conn) owe(head, body []byte) {
	c.owed, c.sent = debts.Get().(*[]byte), 0
	*c.owed = append(append((*c.owed)[:0], head...), body...)
}

// pay sends what is owed, or a part of it.
func (c *conn) pay() error {
	unsent, _, err := send(c.fd, (*c.owed)[c.sent:], nil)
	sent := len(*c.owed) - len(unsent)
	c.moved = c.moved || sent > c.sent
	c.sent = sent
	if len(unsent) == 0 {
		c.forgive()
	}
	return err
}

func (c *conn) forgive() {
	if c.owed != nil {
		debts.Put(c.owed)
		c.owed = nil
	}
}
