// Package epoll is the echo exchange by readiness: one goroutine owns every
// socket, no socket ever blocks, and the goroutine sleeps in one place only.
//
// What waits: the loop in [Server.Serve]. Where: in epoll_wait(2), behind
// [Poller]. What wakes it: a socket that can be read or written, a byte in a
// pipe (ctx is done), or the end of the next timeout. The client has one socket
// and sleeps in poll(2); to wake it, shutdown(2) ends the connection under it.
//
// Every file but this one needs Linux; elsewhere Listen and Connect say so.
package epoll
