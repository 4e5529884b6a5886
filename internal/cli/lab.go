package cli

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strings"

	"echolab/echo"
	"echolab/internal/cli/compare"
)

const labHelp = `lab [compare] runs every stack, compares their replies and shows what an echo
costs. lab list shows the stacks there are. lab tap shows every byte between a
client and a server, and spoils them. lab attack lets bad company loose on one.
lab trace shows the system calls of an echo. All take -json; -h says more.
`

// Lab is the lab's front door. Without a command it compares.
func Lab(ctx context.Context, args []string, env Env) error {
	command, rest := "compare", args
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		command, rest = args[0], args[1:]
	}
	switch {
	case len(args) == 1 && (args[0] == "-h" || args[0] == "-help" || args[0] == "--help"):
		if _, err := io.WriteString(env.Stdout, labHelp); err != nil {
			return err
		}
		return flag.ErrHelp
	case command == "compare":
		return labCompare(ctx, rest, env)
	case command == "list":
		return labList(rest, env)
	case command == "attack":
		return labAttack(ctx, rest, env)
	case command == "tap":
		return labTap(ctx, rest, env)
	case command == "trace":
		return labTrace(ctx, rest, env)
	case command == "server": // what lab trace runs under strace, so that one program is enough
		return Server(ctx, rest, env)
	}
	return usagef("%q: no such command; there are attack, compare, list, tap and trace", command)
}

func labCompare(ctx context.Context, args []string, env Env) error {
	asJSON := false
	f := newFlags("compare", "lab compare sends one hello, then the same script of messages, through every\nstack that can run here, and compares the replies. It fails when they differ.")
	f.toggle(&asJSON, "json", "print a JSON object")
	if err := f.parse(args, env.Stdout); err != nil {
		return err
	}
	report, err := compare.Run(ctx, env.Stacks, compare.Options{Progress: func(name string) {
		if env.Progress {
			fmt.Fprintf(env.Stderr, "\r\x1b[K%s …", name)
		}
	}})
	if env.Progress {
		fmt.Fprint(env.Stderr, "\r\x1b[K")
	}
	if err != nil {
		return err
	}
	if asJSON {
		err = printJSON(env.Stdout, report)
	} else {
		_, err = io.WriteString(env.Stdout, comparison(report, env.Colour))
	}
	if err != nil {
		return err
	}
	if ran, differed := report.Ran(); differed > 0 {
		return fmt.Errorf("%d of %s differed", differed, plural(ran, "stack", "stacks"))
	}
	return nil
}

// listed is a row of lab list -json.
type listed struct {
	Name     string      `json:"name"`
	Model    string      `json:"model"`
	Wire     echo.Wire   `json:"wire"`
	Secure   echo.Secure `json:"secure,omitempty"`
	Usable   bool        `json:"usable"`
	Unusable string      `json:"unusable,omitempty"` // why
}

func labList(args []string, env Env) error {
	asJSON := false
	f := newFlags("list", "lab list shows every stack: who waits in it and where, its wire, and whether\nit can run here.")
	f.toggle(&asJSON, "json", "print a JSON array")
	if err := f.parse(args, env.Stdout); err != nil {
		return err
	}
	rows := []listed{}
	for _, s := range env.Stacks {
		row := listed{Name: s.Name, Model: s.Model, Wire: s.Wire, Secure: s.Secure, Usable: true}
		if err := compare.Usable(s); err != nil {
			row.Usable, row.Unusable = false, err.Error()
		}
		rows = append(rows, row)
	}
	if asJSON {
		return printJSON(env.Stdout, rows)
	}
	_, err := io.WriteString(env.Stdout, listing(rows))
	return err
}

func printJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
