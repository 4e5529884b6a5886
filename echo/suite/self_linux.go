package suite

import (
	"fmt"
	"os"

	"github.com/stretchr/testify/require"

	"echolab/echo"
)

// selfChecks dial a closed port of the ephemeral range until the kernel picks
// that very port as the source: TCP's simultaneous open then connects the socket
// to itself, and an echo on it would come back "right" from no server.
func selfChecks() []Check {
	return []Check{{
		Name: "client/itself", Subject: Client, Needs: Inside,
		Why: "a connection to oneself is no server: it counts as refused",
		Run: func(t T, r *Rig) {
			low, high := ephemeral(t)
			addr := fmt.Sprintf("127.0.0.1:%d", (low+(high-low)/2)&^1) // connect(2) takes even ports first
			ctx := within(t, 3*hung)
			for range high - low { // two rounds, as the picks are partly random
				_, err := r.Connect(ctx, addr, echo.Options{})
				require.ErrorIs(t, err, connRefused)
			}
		},
	}}
}

// ephemeral is the range of ports from which connect(2) picks, see ip(7).
func ephemeral(t T) (low, high int) {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	require.NoError(t, err)
	_, err = fmt.Sscan(string(text), &low, &high)
	require.NoError(t, err)
	return low, high
}
