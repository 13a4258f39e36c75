package abi

// Handle stands for a resource of the host's. 0 stands for none: one that was given away.
type Handle struct {
	value int32
}

// MakeHandle wraps what the host has handed over.
func MakeHandle(value int32) *Handle {
	handle := new(Handle)
	handle.Set(value)
	return handle
}

// Set gives the handle a resource; it must not have one.
func (handle *Handle) Set(value int32) {
	if value == 0 || handle.value != 0 {
		panic("wit: a handle is for one resource")
	}
	handle.value = value
}

// Use returns the resource, which stays the handle's.
func (handle *Handle) Use() int32 {
	if handle.value == 0 {
		panic("wit: the resource is not here any more")
	}
	return handle.value
}

// Take returns the resource, which leaves the handle.
func (handle *Handle) Take() int32 {
	value := handle.Use()
	handle.value = 0
	return value
}

// TakeOrNil returns the resource, or 0 if it has left before.
func (handle *Handle) TakeOrNil() int32 {
	value := handle.value
	handle.value = 0
	return value
}
