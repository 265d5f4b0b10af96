package main

import "syscall"

// dieWithUs lets the server end when we are killed without a chance to stop it.
func dieWithUs(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGINT }
