// Go asks for an assembly file where a function has no body.
