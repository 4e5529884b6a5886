package proxy

import (
	"io"
	"sync"
)

const (
	smallRead = 4 << 10  // what an idle lane holds to read into
	largeRead = 64 << 10 // what it is lent while there is more to read
)

var lent = sync.Pool{New: func() any { return new([largeRead]byte) }}

// pump reads and writes in turn until the sender has ended, and returns how:
// io.EOF for FIN. When nothing gets through any more it still reads, and drops:
// closing a socket with unread input would send RST where FIN is meant.
func pump(to stage, from io.Reader) error {
	small := make([]byte, smallRead)
	for {
		n, err := from.Read(small)
		if n > 0 {
			to.Write(small[:n])
		}
		if n == smallRead && err == nil {
			err = pumpLarge(to, from)
		}
		if err != nil {
			return err
		}
	}
}

// pumpLarge goes on with a larger buffer while it pays.
func pumpLarge(to stage, from io.Reader) error {
	buf := lent.Get().(*[largeRead]byte)
	defer lent.Put(buf)
	for {
		n, err := from.Read(buf[:])
		if n > 0 {
			to.Write(buf[:n])
		}
		if err != nil || n < smallRead {
			return err
		}
	}
}
