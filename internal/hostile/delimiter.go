package hostile

func delimiter() []Peer {
	return []Peer{{
		Name:  "no-delimiter",
		Story: "sends a request without the empty frame that ends its envelope. REP is to drop it, and go on.",
		Wires: zmtp, Times: 1,
		Attack: attack(shaken(frame(0, "hello"))),
	}}
}
