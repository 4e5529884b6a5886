package trace

import (
	"regexp"
	"slices"
	"strings"
)

// descriptor is a number with what strace -yy says of it. The > in an address
// like TCP:[127.0.0.1:9000->127.0.0.1:50000] is not its end.
var descriptor = regexp.MustCompile(`\b(\d+)<(\w+:\[[^\]]*\]|[^>]*)>`)

// kinds are tried in this order.
var kinds = []struct{ sign, name string }{
	{"->", "client"}, // a TCP connection; the server has no others
	{"TCP", "listener"},
	{"socket:", "socket"}, // strace could not look it up
	{"eventpoll", "epoll"},
	{"io_uring", "io_uring"},
	{"signalfd", "signalfd"},
	{"eventfd", "eventfd"},
	{"pipe:", "pipe"},
}

const goEpoll = "Go's epoll"

// descriptors names those in args, each kind once. runtime is the number of the
// epoll descriptor that is Go's own.
func descriptors(args, runtime string) []string {
	names := []string{}
	for _, m := range descriptor.FindAllStringSubmatch(args, -1) {
		name := kind(m[2])
		if name == "epoll" && m[1] == runtime {
			name = goEpoll
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func kind(said string) string {
	for _, k := range kinds {
		if strings.Contains(said, k.sign) {
			return k.name
		}
	}
	return "file"
}

// goLoop finds the epoll descriptor of Go's runtime, which waits in it for every
// net.Conn: it is the one that watches an eventfd, by which the runtime wakes
// itself. "" when there is none.
func goLoop(records []record) string {
	for _, r := range records {
		if r.name == "epoll_ctl" && slices.Contains(descriptors(r.args, ""), "eventfd") {
			return descriptor.FindStringSubmatch(r.args)[1]
		}
	}
	return ""
}
