// Command lab shows the stacks side by side, and proves that they reply alike.
package main

import "echolab/internal/cli"

func main() { cli.Main("lab", cli.Lab) }
