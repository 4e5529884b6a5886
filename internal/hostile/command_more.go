package hostile

func commandMore() []Peer {
	return []Peer{{
		Name:  "command-more",
		Story: "sends commands that claim to go on in another frame, which none may.",
		Wires: zmtp, Times: 1,
		Attack: attack(shaken(append(frame(command|more, "\x04PING\x00\x00"), frame(command, "\x04PING\x00\x00")...))),
	}}
}
