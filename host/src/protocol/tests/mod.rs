//! The protocol told request by request.
