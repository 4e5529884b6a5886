//go:build linux

package uring

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Usable says why this machine has no io_uring for us, nil if it has.
func Usable() error {
	r, err := newRing(1, 2)
	if err != nil {
		return err
	}
	return r.close()
}

// explain adds to an error of io_uring_setup(2) what one can do about it.
func explain(err error) error {
	switch {
	case errors.Is(err, unix.ENOSYS):
		return fmt.Errorf("uring: %w: this kernel was built without io_uring, or a sandbox hides it", err)
	case errors.Is(err, unix.EINVAL):
		return fmt.Errorf("uring: %w: this kernel is too old; Linux 6.1 is needed", err)
	case !errors.Is(err, unix.EPERM):
		return err
	}
	if disabled, _ := os.ReadFile("/proc/sys/kernel/io_uring_disabled"); len(disabled) > 0 && disabled[0] != '0' {
		return fmt.Errorf("uring: %w: the sysctl kernel.io_uring_disabled is %s; 0 allows it",
			err, strings.TrimSpace(string(disabled)))
	}
	return fmt.Errorf("uring: %w: a seccomp profile refuses it, as containers' do; start the container with "+
		"--security-opt seccomp=unconfined", err)
}
