//go:build !linux

package main

import "syscall"

// dieWithUs can promise nothing here.
func dieWithUs(*syscall.SysProcAttr) {}
