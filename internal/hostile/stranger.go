package hostile

func stranger() []Peer {
	return []Peer{{
		Name:  "stranger",
		Story: "introduces itself as a PUB, which a REP cannot talk to. RFC 23: the connection is to be closed.",
		Wires: zmtp, Times: 1,
		Attack: attack(greeted(Ready("PUB"))),
	}}
}
