//go:build linux && race

package uring

import "syscall"

// The race detector learns of what a connection orders, the client's write before
// the server's read, from package syscall's Read and Write, and it sees nothing of
// a ring. So it is told, by calls that move no bytes; else a test that orders its
// memory by an echo would look like a race.

// published: what was done so far happened before what a peer does with a reply.
// The detector notes it even of a Write that fails.
func published() { syscall.Write(-1, nil) }

// observed: what the peer did before it sent has happened. The detector notes it
// of a Read that succeeds, as one of zero bytes from a socket does.
func observed(fd int) { syscall.Read(fd, nil) }
