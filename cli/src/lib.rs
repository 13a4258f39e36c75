//! toolcell command.
