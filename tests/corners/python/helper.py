def greet() -> str:
    from shelf.upper import deep

    return deep.GREETING
