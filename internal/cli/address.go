package cli

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

const example = "127.0.0.1:9000"

// A parser turns what was typed into an address for Listen or Connect.
type parser func(typed string) (addr string, err error)

// address adds a flag for one address.
func (f *flags) address(p *string, name, typed, about string, parse parser) {
	*p, _ = parse(typed)
	f.add(name, typed, about, func(s string) (err error) {
		*p, err = parse(s)
		return err
	})
}

// addresses adds a flag for addresses separated by commas.
func (f *flags) addresses(p *[]string, name, typed, about string, parse parser) {
	set := func(s string) error {
		*p = nil
		for one := range strings.SplitSeq(s, ",") {
			addr, err := parse(one)
			if err != nil && one != s {
				return fmt.Errorf("%q: %w", one, err)
			} else if err != nil {
				return err
			}
			*p = append(*p, addr)
		}
		return nil
	}
	set(typed)
	f.add(name, typed, about, set)
}

// toListen takes an address to bind: port 0 asks for a free one, and no host is
// every interface of this machine.
func toListen(typed string) (string, error) { return typed, check(typed, 0) }

// toConnect takes an address to connect to.
func toConnect(typed string) (string, error) {
	if err := check(typed, 1); err != nil {
		return "", err
	}
	if strings.HasPrefix(typed, ":") {
		return "", errors.New("no host; write host:port, for example " + example)
	}
	return typed, nil
}

// endpoint takes ZeroMQ's tcp://host:port, and its * for every interface.
func endpoint(parse parser) parser {
	return func(typed string) (string, error) {
		addr, found := strings.CutPrefix(typed, "tcp://")
		if !found {
			return "", errors.New("no transport; write tcp://host:port, for example tcp://" + example)
		}
		if port, every := strings.CutPrefix(addr, "*:"); every {
			addr = ":" + port
		}
		return parse(addr)
	}
}

func check(addr string, leastPort int) error {
	_, port, err := net.SplitHostPort(addr)
	if err != nil && strings.Count(addr, ":") > 1 {
		return errors.New("too many colons; write [host]:port, for example [::1]:9000")
	} else if err != nil {
		return errors.New("no port; write host:port, for example " + example)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || int(n) < leastPort {
		return fmt.Errorf("port %q is no number from %d to 65535", port, leastPort)
	}
	return nil
}
