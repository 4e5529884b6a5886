package suite

// What broken subjects are made of: the ends that the checks themselves use.
type (
	Peer      = peer
	Script    = script
	Reference = reference
)

var (
	Dial           = dial
	Answer         = answer
	Encode         = encode
	Greet          = greet
	StartReference = startReference
)

func (p *peer) Recv() ([]byte, error)     { return p.recv() }
func (p *peer) Send(msgs ...[]byte) error { return p.send(msgs...) }
func (p *peer) Gone() error               { return p.gone() }

func (p *peer) Peek(n int) ([]byte, error) { return p.in.Peek(n) }

// Waiting is how many bytes were read and not taken.
func (p *peer) Waiting() int { return p.in.Buffered() }

// Forget throws them away.
func (p *peer) Forget() { p.in.Discard(p.in.Buffered()) }

func (r *reference) Addr() string { return r.addr }
func (r *reference) Stop()        { r.stop() }
