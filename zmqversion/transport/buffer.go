package transport

const (
	// small is what a connection holds while nothing is under way.
	small = 512
	// growth bounds memory by what has come: at most so many times as much.
	growth = 16
)

// A buffer holds bytes that were read and not passed on yet, b.store[b.r:b.w].
type buffer struct {
	idle  [small]byte
	store []byte // idle, or something larger for the start of a large message
	r, w  int
}

func (b *buffer) bytes() []byte { return b.store[b.r:b.w] }

// skip drops the first n bytes, and what was taken for a large message with the
// last of it.
func (b *buffer) skip(n int) {
	b.r += n
	if b.r == b.w {
		b.r, b.w = 0, 0
		b.store = b.idle[:]
	}
}

// room returns where to read, so that in the end want bytes stand in b. It grows
// step by step, a full buffer each time, since want is only what the peer says.
func (b *buffer) room(want int) []byte {
	if b.store == nil {
		b.store = b.idle[:]
	}
	if b.r+want > len(b.store) {
		b.w = copy(b.store, b.bytes())
		b.r = 0
	}
	if b.w == len(b.store) {
		larger := make([]byte, min(want, growth*len(b.store)))
		copy(larger, b.store)
		b.store = larger
	}
	return b.store[b.w:]
}
