// Command server runs the echo server of one stack.
package main

import "echolab/internal/cli"

func main() { cli.Main("server", cli.Server) }
