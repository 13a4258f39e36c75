// Package wit has the types of WIT that Go has no type for. It is made by toolcell build, as are the packages below
// it: one for each interface of the plugin's WIT.
package wit

// Unit is the value of a result that has none.
type Unit struct{}

// Option is a value that may be missing. The zero Option is one that is.
type Option[T any] struct {
	value  T
	isSome bool
}

// The tags of an Option.
const (
	OptionNone uint8 = iota
	OptionSome
)

// Some is an option that has a value.
func Some[T any](value T) Option[T] {
	return Option[T]{value, true}
}

// None is an option that has no value.
func None[T any]() Option[T] {
	return Option[T]{}
}

// Get returns the value, and whether there is one.
func (option Option[T]) Get() (T, bool) {
	return option.value, option.isSome
}

// Or returns the value, or fallback if there is none.
func (option Option[T]) Or(fallback T) T {
	if option.isSome {
		return option.value
	}
	return fallback
}

// IsSome says whether there is a value.
func (option Option[T]) IsSome() bool {
	return option.isSome
}

// Some returns the value. It panics if there is none.
func (option Option[T]) Some() T {
	if !option.isSome {
		panic("wit: an option without a value was asked for it")
	}
	return option.value
}

// Tag is OptionNone or OptionSome.
func (option Option[T]) Tag() uint8 {
	if option.isSome {
		return OptionSome
	}
	return OptionNone
}

// Result is what became of a function that can fail with a value of WIT: T, or an error E.
type Result[T, E any] struct {
	value T
	err   E
	isErr bool
}

// The tags of a Result.
const (
	ResultOk uint8 = iota
	ResultErr
)

// Ok is the result of a function that has not failed.
func Ok[T, E any](value T) Result[T, E] {
	return Result[T, E]{value: value}
}

// Err is the result of a function that has failed. E follows from the argument: Err[T](reason).
func Err[T, E any](reason E) Result[T, E] {
	return Result[T, E]{err: reason, isErr: true}
}

// IsErr says whether the function has failed.
func (result Result[T, E]) IsErr() bool {
	return result.isErr
}

// Ok returns the value. It panics if the function has failed.
func (result Result[T, E]) Ok() T {
	if result.isErr {
		panic("wit: a result that is an error was asked for its value")
	}
	return result.value
}

// Err returns the reason for the failure. It panics if there was none.
func (result Result[T, E]) Err() E {
	if !result.isErr {
		panic("wit: a result that is no error was asked for its reason")
	}
	return result.err
}

// Tag is ResultOk or ResultErr.
func (result Result[T, E]) Tag() uint8 {
	if result.isErr {
		return ResultErr
	}
	return ResultOk
}
