//go:build !unix

package proxy_test

import "time"

// cpu is not known on this system.
func cpu() time.Duration { return 0 }
