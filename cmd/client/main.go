// Command client sends messages to echo servers and checks or prints the replies.
package main

import "echolab/internal/cli"

func main() { cli.Main("client", cli.Client) }
