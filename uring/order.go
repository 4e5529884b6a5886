//go:build linux && !race

package uring

// See order_race.go.
func published()      {}
func observed(fd int) {}
