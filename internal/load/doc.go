// Package load makes a server work, and reads what it cost. One goroutine keeps
// one request under way on each of its connections and counts the replies; it
// waits in epoll_wait(2), pinned to a processor of its own so that it does not
// run on the server's.
//
// The number to compare is the server's processor time a message. Rates mostly
// say how long an idle processor takes to wake.
package load
