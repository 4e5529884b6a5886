//go:build !unix

package transport

// direct has no system call here that would not wait; package net does all.
type direct struct{}

func (c *conn) openDirect() {}

// receive reads once, and waits until there is something.
func (c *conn) receive(p []byte) (int, error) { return c.Conn.Read(p) }

// writeNow writes nothing: all is left to drain.
func (c *conn) writeNow() error { return nil }
