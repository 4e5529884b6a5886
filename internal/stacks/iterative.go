package stacks

// excuseIterative names the checks that a server of one client at a time cannot
// pass, each with the reason.
func excuseIterative() map[string]string {
	const (
		held = "whoever is connected holds the server, in read(2); all others queue until it leaves"
		many = "several clients stay connected here; all but one of them queue"
	)
	excuse := map[string]string{
		"server/half-message": held, "server/silent-first": held, "server/reader-stops": held, "server/memory": held,
		"server/order": many, "server/sliced": many, "server/oversize": many, "server/message-timeout": many,
		"server/many-clients": many, "server/max-clients": many, "server/descriptors": many,
	}
	for _, peer := range []string{
		"silent", "slow-header", "half-message", "garbage", "http", "tls-hello", "never-reads",
		"oversize-by-one", "oversize-2^31", "oversize-2^32-1", "reset-mid-message", "port-scan",
	} {
		excuse["server/peer-"+peer] = held
	}
	return excuse
}
