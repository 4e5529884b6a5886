// The child is a stack's server in a process of its own, for the tests that kill
// it, attack it, or look at it from outside. Its options come as JSON; for each
// line on standard input it prints how many goroutines it has.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"time"

	"echolab/echo"
	"echolab/internal/stacks"
)

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
}

func run(name, addr, options string) error {
	stack, err := stacks.Find(name)
	if err != nil {
		return err
	}
	var o echo.Options
	if err := json.Unmarshal([]byte(options), &o); err != nil {
		return err
	}
	server, err := stack.Listen(addr, o)
	if err != nil {
		return err
	}
	// Go's runtime opens two descriptors, for the loop in which it waits, with the
	// program's first timer: here, before anybody counts.
	time.Sleep(time.Nanosecond)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	go func() {
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			fmt.Println(runtime.NumGoroutine())
		}
	}()
	fmt.Println("READY", server.Addr())
	return server.Serve(ctx)
}
