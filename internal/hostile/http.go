package hostile

func http() []Peer {
	return []Peer{{
		Name:  "http",
		Story: "a browser at the wrong port. As a length, its \"GET \" is 1,195,725,856 bytes.",
		Wires: either, Times: 1,
		Attack: attack(say([]byte("GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n"))),
	}}
}
