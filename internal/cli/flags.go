package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// A usageError is the fault of whoever typed the command. Its sentence names the
// value and says what would be right.
type usageError struct{ sentence string }

func (e *usageError) Error() string { return e.sentence }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// flags are a program's flags. Package flag parses; the words are ours.
type flags struct {
	set   *flag.FlagSet
	about string
	wrong error // the first bad value; flag keeps only its text
}

// newFlags begins the flags of a program; about is the first paragraph of its help.
func newFlags(name, about string) *flags {
	f := &flags{set: flag.NewFlagSet(name, flag.ContinueOnError), about: about}
	f.set.SetOutput(io.Discard)
	return f
}

// value is a flag whose set explains in a sentence what is wrong with a text.
type value struct {
	text string
	set  func(string) error
}

func (v *value) String() string { return v.text }

func (v *value) Set(s string) error { return v.set(s) }

// add adds a flag. In about, `WORD` names its value.
func (f *flags) add(name, text, about string, set func(string) error) {
	f.set.Var(&value{text, func(s string) error {
		err := set(s)
		if err != nil && f.wrong == nil {
			f.wrong = usagef("-%s %q: %v", name, s, err)
		}
		return err
	}}, name, about)
}

func (f *flags) toggle(p *bool, name, about string) { f.set.BoolVar(p, name, *p, about) }

func (f *flags) text(p *string, name, about string) {
	f.add(name, *p, about, func(s string) error { *p = s; return nil })
}

// integer adds a flag for a number from least to most. *p is the default, and
// there is none when it is out of that range.
func (f *flags) integer(p *int, name string, least, most int, about string) {
	text := ""
	if *p >= least {
		text = strconv.Itoa(*p)
	}
	f.add(name, text, about, func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < least || n > most {
			return fmt.Errorf("write a whole number from %d to %d", least, most)
		}
		*p = n
		return nil
	})
}

func (f *flags) duration(p *time.Duration, name, about string) {
	f.add(name, p.String(), about, func(s string) error {
		d, err := time.ParseDuration(s)
		if err != nil || d < 0 {
			return errors.New("write a time with its unit, for example 500ms or 2s")
		}
		*p = d
		return nil
	})
}

// given reports whether the flag was on the command line.
func (f *flags) given(name string) (given bool) {
	f.set.Visit(func(one *flag.Flag) { given = given || one.Name == name })
	return given
}

// parse reads args, which must be flags and nothing else. Asked for help, it
// prints it and returns flag.ErrHelp.
func (f *flags) parse(args []string, stdout io.Writer) error {
	err := f.set.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		if _, err := io.WriteString(stdout, f.help()); err != nil {
			return err
		}
		return flag.ErrHelp
	case f.wrong != nil:
		return f.wrong
	case err != nil:
		return f.explain(err.Error())
	case f.set.NArg() > 0:
		return usagef("%q: not a flag; %s", f.set.Arg(0), f.names())
	}
	return nil
}

// explain puts what package flag says of a flag into our words.
func (f *flags) explain(said string) error {
	if name, found := strings.CutPrefix(said, "flag needs an argument: -"); found {
		unit, about := flag.UnquoteUsage(f.set.Lookup(name))
		return usagef("-%s: no value; write -%s %s: %s", name, name, unit, about)
	}
	if name, found := strings.CutPrefix(said, "flag provided but not defined: "); found {
		return usagef("%s: no such flag; %s", name, f.names())
	}
	return usagef("%s; %s", said, f.names())
}

func (f *flags) names() string {
	names := []string{}
	f.set.VisitAll(func(one *flag.Flag) { names = append(names, "-"+one.Name) })
	return "the flags are " + list(names)
}

func (f *flags) help() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", f.about)
	f.set.VisitAll(func(one *flag.Flag) {
		unit, about := flag.UnquoteUsage(one)
		if _, ok := one.Value.(*value); !ok {
			unit = ""
		} else if one.DefValue != "" {
			about += " (default " + one.DefValue + ")"
		}
		fmt.Fprintf(&b, "  %-24s %s\n", "-"+one.Name+" "+unit, about)
	})
	return b.String()
}

// list writes names as a sentence does: "a, b and c".
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
