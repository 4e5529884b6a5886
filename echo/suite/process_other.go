//go:build !linux

package suite

// processChecks look at /proc, which this system does not have.
func processChecks() []Check { return nil }

// selfChecks know how Linux hands out ephemeral ports.
func selfChecks() []Check { return nil }
