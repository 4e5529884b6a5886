package suite

// What broken subjects are made of: the ends that the checks themselves use.
type (
	Peer      = peer
	Script    = script
	Reference = reference
)

var (
	Dial           = dial
	Encode         = encode
	Greet          = greet
	StartReference = startReference
	HasStopped     = refused
)

func (p *peer) Recv() ([]byte, error)     { return p.recv() }
func (p *peer) Send(msgs ...[]byte) error { return p.send(msgs...) }
func (p *peer) Gone() error               { return p.gone() }

// Waiting is how many bytes were read and not taken.
func (p *peer) Waiting() int { return p.in.Buffered() }

// Forget throws them away.
func (p *peer) Forget() { p.in.Discard(p.in.Buffered()) }

func (r *reference) Addr() string { return r.addr }
func (r *reference) Stop()        { r.stop() }
