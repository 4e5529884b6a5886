package transport

// incoming is what stands between the network and zmq4's reader.
type incoming struct {
	in     buffer
	script []byte // for zmq4, made by us: a handshake, an empty or a joined message
	pass   int    // bytes of the message under way that zmq4 gets as they come
	timed  bool   // a read deadline is set
}

// Read gives zmq4 checked bytes: headers that are within bounds, and of a large
// body nothing until a sixteenth of it has come. So what zmq4 takes for it is never
// more than sixteen times what the peer has paid for, and the rest of the body goes
// from the kernel to its place in zmq4's message, with no copy between.
func (c *conn) Read(p []byte) (int, error) {
	if len(c.script) == 0 && c.pass == 0 {
		if err := c.next(); err != nil {
			return 0, c.gone(err)
		}
	}
	if len(c.script) > 0 {
		n := copy(p, c.script)
		if c.script = c.script[n:]; len(c.script) == 0 {
			c.script = nil // and its memory
		}
		return n, nil
	}
	n, err := c.forward(p[:min(len(p), c.pass)])
	if c.pass -= n; err == nil && c.pass == 0 {
		err = c.complete()
	}
	if err != nil {
		return 0, c.gone(err)
	}
	return n, nil
}

// forward reads bytes of the message under way, those in the buffer first.
func (c *conn) forward(p []byte) (int, error) {
	if n := copy(p, c.in.bytes()); n > 0 {
		c.in.skip(n)
		return n, nil
	}
	c.arm()
	n, err := c.receive(p)
	return n, unexpected(err)
}

// next waits for a message that zmq4 may have, and answers the commands before it.
func (c *conn) next() error {
	for {
		f, err := c.frame(0)
		if err != nil {
			return err
		}
		if !f.is(command) {
			if err := c.awaitTurn(); err != nil {
				return err
			}
			return c.message(f)
		}
		if err := c.command(f); err != nil {
			return err
		}
		c.disarm()
	}
}

// message passes on a delimiter and one frame as they are; all else is gathered.
func (c *conn) message(delimiter frame) error {
	if delimiter.size > 0 || !delimiter.is(more) {
		return c.gather()
	}
	f, err := c.frame(delimiter.header)
	switch {
	case err != nil:
		return err
	case f.is(more) || f.is(command) || f.size == 0:
		return c.gather()
	}
	header := delimiter.header + f.header
	if err := c.need(header + (f.size+growth-1)/growth); err != nil {
		return err
	}
	c.pass = header + f.size
	return nil
}

// awaitTurn waits until the peer has had the reply to its request before.
func (c *conn) awaitTurn() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.turn != idle && c.ended == nil {
		c.disarm() // the peer cannot help this wait
		c.changed.Wait()
	}
	return c.ended
}

// complete notes that zmq4 gets the last of a request with this Read.
func (c *conn) complete() error {
	c.disarm()
	if !c.server {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended == nil {
		c.turn = asked
	}
	return c.ended
}
