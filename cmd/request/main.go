// Command request is the ZeroMQ client of the course note.
package main

import "echolab/internal/cli"

func main() { cli.Main("request", cli.Request) }
