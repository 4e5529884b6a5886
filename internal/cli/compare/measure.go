package compare

import (
	"context"
	"slices"
	"time"

	"echolab/echo"
)

// measure finds the median time of an echo: one client, one connection, nothing
// between it and the server. What a second takes to show, 150 ms show as well.
func (row *Row) measure(ctx context.Context, stack echo.Stack, addr string) error {
	conn, err := stack.Connect(ctx, addr, echo.Options{})
	if err != nil {
		return err
	}
	defer conn.Close()
	const warm = 50 // echoes that are not counted
	var took []time.Duration
	began := time.Now()
	for i := 0; i < warm+10 || i < 2000 && time.Since(began) < 150*time.Millisecond; i++ {
		start := time.Now()
		if err := echoHello(ctx, conn); err != nil {
			return err
		}
		if i >= warm {
			took = append(took, time.Since(start))
		}
	}
	slices.Sort(took)
	row.Median = took[len(took)/2]
	return nil
}
