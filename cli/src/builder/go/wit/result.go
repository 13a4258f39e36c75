package wit

import "errors"

// Failure is an error that carries a value of a type that is none itself: a string, an enum, a list.
type Failure[E any] struct {
	Reason E
}

// Fail is an error for a function whose WIT says that it fails with an E.
func Fail[E any](reason E) error {
	return Failure[E]{reason}
}

// Error makes a Failure an error.
func (failure Failure[E]) Error() string {
	if text, ok := any(failure.Reason).(string); ok {
		return text
	}
	return "the function failed"
}

// ResultOf is what a function of the plugin returned.
func ResultOf[T, E any](value T, err error) Result[T, E] {
	if err == nil {
		return Ok[T, E](value)
	}
	return Err[T](reason[E](err))
}

// Outcome is what a function of the plugin returned that has no value.
func Outcome[E any](err error) Result[Unit, E] {
	return ResultOf[Unit, E](Unit{}, err)
}

// reason finds the E in err. It panics if there is none: a mistake of the plugin's.
func reason[E any](err error) E {
	var found E
	var failure Failure[E]
	switch target := any(&found).(type) {
	case *string:
		*target = err.Error()
		return found
	case *Unit:
		return found
	}
	if errors.As(err, &failure) {
		return failure.Reason
	}
	if _, ok := any(found).(error); ok && errors.As(err, &found) {
		return found
	}
	panic("the function failed with an error that its WIT does not know: " + err.Error())
}
