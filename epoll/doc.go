// Package epoll is the echo exchange by readiness: one goroutine owns every
// socket, no socket ever blocks, and the goroutine sleeps in one place only.
//
// What waits: the loop behind [Server.Serve]. Where: in epoll_wait(2), or in one
// of the other calls that a [Poller] may be, each in a file of its own, with the
// same functions in the same order: compare two of them. What wakes it: a socket
// that can be read or written, a byte in a pipe (ctx is done), or the end of the
// next timeout. The client has one socket and sleeps in poll(2); to wake it,
// shutdown(2) ends the connection under it.
//
//	select   watches up to 1,024 descriptors; shows the kernel all, each time
//	poll     watches any number; shows the kernel all, each time
//	signal   the kernel queues a signal for what begins; the queue may overflow
//	epoll    the kernel keeps the set; tells of what is ready, while it is
//	edge     the same; tells once, when it begins
//
// Every file but this one needs Linux; elsewhere Listen and Connect say so.
package epoll
