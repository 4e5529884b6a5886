package cli_test

import (
	"context"
	"fmt"
	"os"

	"echolab/internal/cli"
	"echolab/internal/stacks"
)

func ExampleRun() {
	code := cli.Run(context.Background(), "client", cli.Client, []string{"-connect", "localhost"},
		cli.Env{Stdout: os.Stdout, Stderr: os.Stdout, Stacks: stacks.All()})
	fmt.Println("exit code", code)
	// Output:
	// client: -connect "localhost": no port; write host:port, for example 127.0.0.1:9000
	// exit code 2
}
