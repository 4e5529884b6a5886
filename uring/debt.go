//go:build linux

package uring

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"echolab/echo/frame"
)

// debts lends the buffers behind owed.
var debts = sync.Pool{New: func() any { return new([]byte) }}

// owe adds a reply to what is sent next. A large one that is its request is not
// copied, since its place in the decoder is this connection's until the decoder
// is asked again. (It is never in a lent buffer, which is smaller.) Any other may
// be the handler's own, to use again as soon as it is called for somebody else.
func (c *conn) owe(request, reply []byte) {
	if c.owed == nil {
		c.owed, c.sent = debts.Get().(*[]byte), 0
		*c.owed = (*c.owed)[:0]
	}
	if len(reply) >= inPlace && alias(request, reply) {
		*c.owed, c.body = frame.AppendHeader(*c.owed, len(reply)), reply
		return
	}
	*c.owed = frame.Append(*c.owed, reply)
}

// alias reports whether x and y end their room at the same byte, as parts of one
// array do.
func alias(x, y []byte) bool {
	return cap(x) > 0 && cap(y) > 0 && &x[:cap(x)][cap(x)-1] == &y[:cap(y)][cap(y)-1]
}

// enough reports whether what is owed shall be sent before anything is added.
func (c *conn) enough() bool { return c.body != nil || c.owed != nil && len(*c.owed) >= highWater }

// pay sends what is owed, or a part of it.
func (c *conn) pay() entry {
	head := *c.owed
	if c.sent >= len(head) {
		return send(c.fd, c.body[c.sent-len(head):])
	}
	e := send(c.fd, head[c.sent:])
	if c.body != nil {
		e.opFlags = unix.MSG_MORE // no segment for a header alone
	}
	return e
}

// paid takes the news that n bytes of it were sent.
func (c *conn) paid(n int, err error) error {
	switch {
	case err == unix.EINTR:
		return nil // a signal came first; nothing was sent
	case err != nil:
		return os.NewSyscallError("send", err)
	}
	c.moved = c.moved || n > 0
	if c.sent += n; c.sent == len(*c.owed)+len(c.body) {
		c.forgive()
	}
	return nil
}

func (c *conn) forgive() {
	if c.owed != nil {
		debts.Put(c.owed)
		c.owed, c.body = nil, nil
	}
}
