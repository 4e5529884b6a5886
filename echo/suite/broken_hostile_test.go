package suite_test

import (
	"strings"
	"testing"

	"echolab/echo"
	"echolab/echo/suite"
)

// brokenHostile shows each hostile peer a victim, on each of its wires.
func brokenHostile() []broken {
	var all []broken
	for _, check := range checks() {
		name, is := strings.CutPrefix(check.Name, "server/peer-")
		if !is {
			continue
		}
		wires := check.Wires
		if wires == nil {
			wires = []echo.Wire{echo.Framed, echo.ZMTP}
		}
		mistake, rig := victim(name)
		for _, wire := range wires {
			all = append(all, broken{
				check: check.Name, mistake: mistake + ", " + string(wire), wire: wire,
				says: "an honest client was not served", waits: true, rig: rig,
			})
		}
	}
	return all
}

// victim is who falls for that peer.
func victim(name string) (mistake string, rig func(*testing.T, echo.Wire) *suite.Rig) {
	if name == "never-reads" {
		return "one lock for every write", func(t *testing.T, wire echo.Wire) *suite.Rig { return serving(oneLock())(t, wire) }
	}
	return "handshake and first message stand in the accept loop", doorman
}
