// Package abi is what the generated packages need to pass values across the border of the component.
package abi

import (
	"runtime"
	"unsafe"
)

// wordBytes is the strictest alignment of any value.
const wordBytes = unsafe.Sizeof(uint64(0))

// Allocate returns memory that stays where it is until pinner lets go of it; nil for no bytes at all.
func Allocate(pinner *runtime.Pinner, bytes, _ uintptr) unsafe.Pointer {
	if bytes == 0 {
		return nil
	}
	words := make([]uint64, (bytes+wordBytes-1)/wordBytes)
	pointer := unsafe.Pointer(unsafe.SliceData(words))
	pinner.Pin(pointer)
	return pointer
}

// received keeps what the host has written until Go has a pointer to it.
var received runtime.Pinner

// Unpin leaves what the host has written to the garbage collector.
func Unpin() {
	received.Unpin()
}
