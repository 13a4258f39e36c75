//! What the drivers of `make bench` share.
//!
//! ```text
//! workload    the request of a tool and the answer that is right
//! message     where an HTTP/1.1 message ends
//! connection  one keep-alive connection to a server
//! process     a process under measurement: its CPU time and memory
//! machine     how much the machine itself moved meanwhile
//! summary     medians, ranges, ratios
//! ```

pub mod connection;
pub mod machine;
pub mod message;
pub mod process;
pub mod summary;
pub mod workload;
