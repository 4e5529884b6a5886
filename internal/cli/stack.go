package cli

import (
	"fmt"

	"echolab/echo"
	"echolab/internal/cli/compare"
)

// stack adds the flag -stack for a row of the table; the default is rawsocket.
func (f *flags) stack(p *echo.Stack, table []echo.Stack) {
	*p, _ = find(table, "rawsocket")
	f.add("stack", p.Name, "the `NAME` of an implementation, as lab list shows them", func(name string) error {
		row, err := find(table, name)
		if err != nil {
			return err
		}
		*p = row
		return compare.Usable(row)
	})
}

func find(table []echo.Stack, name string) (echo.Stack, error) {
	names := []string{}
	for _, row := range table {
		if row.Name == name {
			return row, nil
		}
		names = append(names, row.Name)
	}
	return echo.Stack{}, fmt.Errorf("no such stack; there are %s", list(names))
}
