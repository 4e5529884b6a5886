// Package uring is the echo exchange by completion: nobody asks whether a socket
// is ready. The loop says what it wants done, a receive here, a send there, and
// the kernel tells it when each is done.
//
// What waits: the loop in [Server.Serve], on one thread. Where: in
// io_uring_enter(2), which also hands over everything that the last turn asked
// for, so that a busy loop makes one system call for many messages. What wakes
// it: a completion, of a receive, a send, an accept, or the read of an eventfd
// (ctx is done); or the end of the next timeout.
//
// Beside epoll: readiness comes before the call, is a hint, and leaves the
// buffer to the last moment. Completion comes after it, is a fact, and needs the
// buffer from the start: what the kernel may still read or write must stay where
// it is. Each connection has exactly one operation in flight, from accept to
// close, and its memory and its descriptor are given up when that has ended, and
// not before.
//
// Every file but this one needs Linux 6.1; elsewhere Listen and Usable say so.
package uring
