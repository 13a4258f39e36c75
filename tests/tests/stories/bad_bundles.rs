//! bad_bundles
