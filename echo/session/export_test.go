package session

import "time"

// Full is the jitter that sessions use.
var Full = full

// SetJitter makes backoffs predictable: draw is given the limit, and returns the backoff.
func (s *Session) SetJitter(draw func(limit time.Duration) time.Duration) { s.jitter = draw }
