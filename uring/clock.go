//go:build linux

package uring

import "time"

// clocks are the connections whose peer owes something, the end of a message or
// room for a reply, by the time at which it is too late. All get the same time,
// so whoever starts last ends last: a queue is in order by itself, and a
// connection between messages is not in it and costs nothing.
type clocks struct {
	allow       time.Duration
	began       time.Time
	first, last *conn
}

// alarm is a connection's place in the queue.
type alarm struct {
	at         time.Duration // since began; zero when not in the queue
	prev, next *conn
}

func (q *clocks) now() time.Duration { return time.Since(q.began) }

// start gives c the full time, also where it had some left.
func (q *clocks) start(c *conn) {
	q.stop(c)
	c.at = q.now() + q.allow
	c.prev = q.last
	if q.last != nil {
		q.last.next = c
	} else {
		q.first = c
	}
	q.last = c
}

func (q *clocks) stop(c *conn) {
	if c.at == 0 {
		return
	}
	if c.prev != nil {
		c.prev.next = c.next
	} else {
		q.first = c.next
	}
	if c.next != nil {
		c.next.prev = c.prev
	} else {
		q.last = c.prev
	}
	c.alarm = alarm{}
}

// left is the time until the first alarm, or most when that is less. A negative
// most has no end.
func (q *clocks) left(most time.Duration) time.Duration {
	if q.first == nil {
		return most
	}
	return sooner(most, max(q.first.at-q.now(), 0))
}

// sooner is the shorter of two times of which a may have no end.
func sooner(a, b time.Duration) time.Duration {
	if a < 0 {
		return b
	}
	return min(a, b)
}

// late returns a connection whose time was over at now, or nil.
func (q *clocks) late(now time.Duration) *conn {
	if q.first != nil && q.first.at <= now {
		return q.first
	}
	return nil
}
