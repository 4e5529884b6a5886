package hostile

import "fmt"

func reserved() (peers []Peer) {
	for bit := 3; bit < 8; bit++ {
		peers = append(peers, Peer{
			Name:  fmt.Sprintf("reserved-bit-%d", bit),
			Story: fmt.Sprintf("sets bit %d of a frame's flags, which RFC 23 reserves: what it may mean tomorrow, nobody knows.", bit),
			Wires: zmtp, Times: 1,
			Attack: attack(shaken(append([]byte{more, 0}, frame(1<<bit, "hello")...))),
		})
	}
	return peers
}
