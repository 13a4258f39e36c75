//! One call, one store: interfaces linked from grants, limits armed, everything dropped at the end.
