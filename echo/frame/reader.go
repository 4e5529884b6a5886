package frame

import "io"

// firstRead is what a Reader reads into while it waits for a message: small,
// since most connections wait most of the time.
const firstRead = 512

// A Reader takes messages from a stream that blocks.
type Reader struct {
	src io.Reader
	dec Decoder
	buf []byte
}

// NewReader returns a Reader of messages of up to most bytes.
func NewReader(src io.Reader, most int) *Reader {
	return &Reader{src: src, dec: NewDecoder(most), buf: make([]byte, firstRead)}
}

// Next returns the next message, valid until the next call. At the end of the
// stream it returns io.EOF, and io.ErrUnexpectedEOF inside a frame; for a length
// over the limit, an error that wraps echo.ErrMalformed.
func (r *Reader) Next() ([]byte, error) {
	for {
		msg, ok, err := r.dec.Next()
		if ok || err != nil {
			return msg, err
		}
		if err := r.fill(); err != nil {
			return nil, err
		}
	}
}

// fill reads once: the rest of a frame into its place, anything else into buf.
func (r *Reader) fill() error {
	room := r.dec.Room()
	if len(room) > len(r.buf) { // what is less comes with the next frames
		n, err := r.src.Read(room)
		r.dec.Filled(n)
		return r.ended(n, err)
	}
	n, err := r.src.Read(r.buf)
	r.dec.Feed(r.buf[:n])
	return r.ended(n, err)
}

// ended drops an error that came together with bytes; the next Read repeats it.
func (r *Reader) ended(n int, err error) error {
	switch {
	case n > 0:
		return nil
	case err == io.EOF && r.dec.Partial():
		return io.ErrUnexpectedEOF
	default:
		return err
	}
}

// Partial reports whether a message has begun and not ended.
func (r *Reader) Partial() bool { return r.dec.Partial() }

// Ready reports whether Next will return without reading.
func (r *Reader) Ready() bool { return r.dec.Ready() }

// Release gives back what the Reader holds for a message in progress.
func (r *Reader) Release() { r.dec.Release() }
