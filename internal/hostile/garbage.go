package hostile

import "math/rand/v2"

func garbage() []Peer {
	b := make([]byte, 64<<10)
	random := rand.New(rand.NewPCG(1, 1)) // the same garbage each time
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return []Peer{{
		Name:  "garbage",
		Story: "sends 64 KiB of random bytes. Whatever they seem to announce, believe none of it.",
		Wires: either, Times: 1,
		Attack: attack(say(b)),
	}}
}
