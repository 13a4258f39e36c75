"""A package, of which a call imports a part that nothing names before."""
