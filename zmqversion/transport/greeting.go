package transport

import (
	"bytes"
	"errors"
	"fmt"
)

// greetingLen is what each side sends first, whatever follows.
const greetingLen = 64

// errHandshake: the peer speaks something else, or not to us.
var errHandshake = errors.New("no ZMTP handshake")

// greeting is signature (10 bytes), version (2), mechanism (20), as-server (1)
// and filler (31). NULL has no server, and its as-server is 0.
func greeting(mechanism string) []byte {
	b := make([]byte, greetingLen)
	b[0], b[9] = 0xff, 0x7f
	b[10], b[11] = 3, 1
	copy(b[12:32], mechanism)
	return b
}

// checkGreeting looks at as much of a greeting as has come, so that garbage is
// known by its first byte. Padding, minor version, as-server and filler are not
// looked at: libzmq serves peers that differ there.
func checkGreeting(b []byte, mechanism string) error {
	wanted := greeting(mechanism)[12:32]
	switch {
	case len(b) > 0 && b[0] != 0xff:
		return fmt.Errorf("%w: the first byte is %#02x, not 0xff", errHandshake, b[0])
	case len(b) > 9 && b[9] != 0x7f:
		return fmt.Errorf("%w: the signature ends in %#02x, not 0x7f", errHandshake, b[9])
	case len(b) > 10 && b[10] < 3:
		return fmt.Errorf("%w: version %d, and only 3 is spoken here", errHandshake, b[10])
	case len(b) >= 32 && !bytes.Equal(b[12:32], wanted):
		return fmt.Errorf("%w: mechanism %q, not %q", errHandshake, bytes.TrimRight(b[12:32], "\x00"), mechanism)
	}
	return nil
}
