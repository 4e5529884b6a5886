//go:build !unix

package echo

// descriptorsLeft has no RLIMIT_NOFILE to ask on this system.
func descriptorsLeft() int { return 20_000 }
