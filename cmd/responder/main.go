// Command responder is the ZeroMQ server of the course note.
package main

import "echolab/internal/cli"

func main() { cli.Main("responder", cli.Responder) }
