//! Provides what the end-to-end tests share: the real server on a free port, a client that can misbehave, and requests
//! of every revision.
//!
//! ```text
//! fixture ─> bundle ─> server <── client (revision) ── http (bytes) ── wire (the official schemas)
//! ```
//!
//! [`s3`] is an S3 server on loopback, [`release`] publishes into it, and [`follower`] and [`copies`] look at servers that
//! follow it. [`program`] runs `toolcell` as a process, [`pipes`] as the server of a client that has started it.
//! [`mod@extension`] hands out secrets as on Lambda, [`upstream`] answers requests of plugins, [`aws`] those that are
//! signed, [`issuer`] those for keys of access tokens, and [`dns`] those for names. [`fuzz`] holds what the programs in
//! `fuzz/` check.

pub mod authority;
pub mod aws;
pub mod bundle;
pub mod client;
pub mod copies;
pub mod dns;
pub mod dynalite;
pub mod dynamic;
pub mod extension;
pub mod fake_clock;
pub mod fixture;
pub mod follower;
pub mod fuzz;
pub mod holding_proxy;
pub mod holdings;
pub mod host_version;
pub mod http;
pub mod issuer;
pub mod log;
pub mod multi_round;
pub mod pipes;
pub mod program;
pub mod release;
pub mod s3;
pub mod server;
pub mod upstream;
mod wire;

pub use aws::AwsServer;
pub use bundle::Bundle;
pub use client::{Called, Client, DONE, Revision};
pub use dynalite::Dynalite;
pub use fake_clock::FakeClock;
pub use holding_proxy::HoldingProxy;
pub use holdings::Holdings;
pub use host_version::HostVersion;
pub use issuer::TestIssuer;
pub use multi_round::MultiRoundRequest;
pub use pipes::Pipes;
pub use s3::S3Server;
pub use server::{Edge, Server};
pub use upstream::Upstream;
