//! Provides what the drivers of `make bench` share.
//!
//! ```text
//! workload    the request of a tool and its expected answer
//! message     the end and the body of an HTTP/1.1 message
//! connection  one keep-alive connection to a server
//! process     a process under measurement: its CPU time and memory
//! machine     the machine, and how steady its speed was
//! summary     medians, ranges, ratios
//! ```

pub mod connection;
pub mod machine;
pub mod message;
pub mod process;
pub mod summary;
pub mod workload;
