package hostile

func errorCommand() []Peer {
	goodbye := frame(command, "\x05ERROR\x07go away")
	return []Peer{{
		Name:  "error-command",
		Story: "answers the handshake with ERROR. It ends this connection, and nothing else.",
		Wires: zmtp, Times: 1,
		Attack: attack(greeted(goodbye)),
	}, {
		Name:  "error-command-late",
		Story: "sends ERROR where a request should be. It ends this connection, and nothing else.",
		Wires: zmtp, Times: 1,
		Attack: attack(shaken(goodbye)),
	}, {
		Name:  "error-command-past-end",
		Story: "sends an ERROR whose reason is announced longer than it is.",
		Wires: zmtp, Times: 1,
		Attack: attack(greeted(frame(command, "\x05ERROR\xffgo away"))),
	}}
}
