package frame

import (
	"bytes"
	"sync"
)

// A Decoder takes a stream in whatever pieces it comes and gives whole messages.
// One that lies whole in a piece is returned in place, without a copy; one that
// does not is gathered in a buffer, which is lent only until it is complete, so
// that a connection between two messages holds none.
type Decoder struct {
	most  int     // limit of a message
	in    []byte  // fed, not taken yet
	part  *[]byte // the start of a frame, header first; nil between frames
	taken bool    // part was complete and has been returned
}

// lent holds the buffers of frames in progress.
var lent = sync.Pool{New: func() any { return new([]byte) }}

// NewDecoder returns a Decoder for messages of up to most bytes.
func NewDecoder(most int) Decoder { return Decoder{most: most} }

// Feed gives the Decoder the next bytes of the stream. It may be called when
// Next has reported false; p must stay as it is until Next does so again.
func (d *Decoder) Feed(p []byte) { d.in = p }

// Keep copies what was fed and not taken, so that the buffer fed is free again:
// for a loop that has to stop between two messages.
func (d *Decoder) Keep() { d.in = bytes.Clone(d.in) }

// Left is how many bytes were fed and not taken.
func (d *Decoder) Left() int { return len(d.in) }

// Next returns the next message, valid until the next call of any method, or
// false when it needs more bytes. An error is final, and wraps echo.ErrMalformed.
func (d *Decoder) Next() (msg []byte, ok bool, err error) {
	if d.taken {
		d.release()
	}
	if d.part == nil {
		if msg, ok, err = d.inPlace(); ok || err != nil || len(d.in) == 0 {
			return msg, ok, err
		}
		d.part = lent.Get().(*[]byte)
	}
	return d.gather()
}

// inPlace returns a frame that lies whole in what was fed.
func (d *Decoder) inPlace() (msg []byte, ok bool, err error) {
	if len(d.in) < HeaderLen {
		return nil, false, nil
	}
	size, err := length(d.in, d.most)
	if err != nil || len(d.in) < size {
		return nil, false, err
	}
	msg, d.in = d.in[HeaderLen:size:size], d.in[size:]
	return msg, true, nil
}

// gather moves bytes from what was fed to the frame in progress, first to the
// end of its header, then to the end of its message.
func (d *Decoder) gather() (msg []byte, ok bool, err error) {
	for {
		size := HeaderLen
		if len(*d.part) >= HeaderLen {
			if size, err = length(*d.part, d.most); err != nil {
				return nil, false, err
			}
			if len(*d.part) == size {
				d.taken = true
				return (*d.part)[HeaderLen:], true, nil
			}
		}
		n := min(size-len(*d.part), len(d.in))
		if n == 0 {
			return nil, false, nil
		}
		d.grow(len(*d.part)+n, size)
		*d.part = append(*d.part, d.in[:n]...)
		d.in = d.in[n:]
	}
}

// Room returns where the rest of a frame in progress belongs, so that a large
// message can be read into place; it is empty between frames, and never reaches
// into the next one. Filled says how much of it was read.
func (d *Decoder) Room() []byte {
	if d.part == nil || d.taken || len(*d.part) < HeaderLen {
		return nil
	}
	size, err := length(*d.part, d.most)
	if err != nil {
		return nil
	}
	have := len(*d.part)
	if have == cap(*d.part) {
		d.grow(have+1, size)
	}
	return (*d.part)[have:min(size, cap(*d.part))]
}

// Filled adds the first n bytes of Room to the frame in progress.
func (d *Decoder) Filled(n int) { *d.part = (*d.part)[:len(*d.part)+n] }

// Partial reports whether a frame has begun and not ended, be its bytes gathered
// or only fed.
func (d *Decoder) Partial() bool {
	return d.part != nil && !d.taken || len(d.in) > 0 && !d.Ready()
}

// Ready, asked after Next and before more is fed, reports whether Next has another
// message, or an error, without more bytes.
func (d *Decoder) Ready() bool {
	if d.part != nil && !d.taken || len(d.in) < HeaderLen {
		return false
	}
	size, err := length(d.in, d.most)
	return err != nil || len(d.in) >= size
}

// Release gives back the buffer of a frame in progress, at the end of a connection.
func (d *Decoder) Release() {
	if d.part != nil {
		d.release()
	}
	d.in = nil
}

func (d *Decoder) release() {
	*d.part = (*d.part)[:0]
	lent.Put(d.part)
	d.part, d.taken = nil, false
}

// grow makes room for need bytes of a frame of size bytes: twice what has come,
// so that memory follows the bytes and copying stays linear.
func (d *Decoder) grow(need, size int) {
	if need <= cap(*d.part) {
		return
	}
	larger := make([]byte, len(*d.part), min(max(2*need, 512), max(size, 512)))
	copy(larger, *d.part)
	*d.part = larger
}
