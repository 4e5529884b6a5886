//go:build !linux

package suite_test

// The checks of these subjects run on Linux alone.
func brokenProcesses() []broken { return nil }
func brokenSelf() []broken      { return nil }

const childEnv = "ECHOLAB_BROKEN_SERVER"

func child(string) {}
