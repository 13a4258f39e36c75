package abi

import "unsafe"

// grow adds memory behind Go's own, which makes room for itself later.
//
//go:linkname grow runtime.sbrk
func grow(bytes uintptr) unsafe.Pointer

// pauseClock makes the WASI adapter answer from memory: the collector reads the clock, and while the host writes its
// values the component must not call out.
//
//go:wasmimport wasi_snapshot_preview1 adapter_monotonic_clock_set_paused
func pauseClock(paused bool)

// isReady says that Go's own allocator can be used. The adapter asks for memory before that.
var isReady bool

func init() {
	isReady = true
}

// reallocate makes room for what the host is about to write. Hosts do not move what they have written.
//
//go:wasmexport cabi_realloc
func reallocate(old unsafe.Pointer, _, alignment, bytes uintptr) unsafe.Pointer {
	if old != nil {
		panic("wit: the host moves memory")
	}
	if !isReady {
		start := uintptr(grow(bytes + alignment))
		return unsafe.Pointer((start + alignment - 1) &^ (alignment - 1))
	}
	pauseClock(true)
	pointer := Allocate(&received, bytes, alignment)
	pauseClock(false)
	return pointer
}
