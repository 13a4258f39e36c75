//! Serves MCP tools that are sandboxed WebAssembly components.
//!
//! The path of a request:
//!
//! ```text
//! lambda, or the edge of `toolcell serve`   an event or a connection -> http::Request, and a streamed answer
//!   |-> updater               releases of a bucket -> the service of the one that is served now
//!   |  Service::handle
//! service                     takes the checks in order, then matches the method to its handler
//!   |-> credentials           bundle, environment, secret, issuers -> who may call now, and the keys of states
//!   |-> auth                  head of the request -> a principal with scopes, or a refusal          pure
//!   |-> protocol              headers and body -> a request of one revision, or a rejection         pure
//!   |  Runner::run
//! call                        function and arguments -> a report
//!   |  LoadedPlugin::call
//! sandbox                     a fresh store and instance, limits armed; runs in it a closure of `call`:
//!   |  guest::call
//! codec                       argument bytes -> guest memory -> the guest -> result bytes
//!
//!   ^ back: `outcome` turns the report into what the client sees and the log says, `content` what a plugin
//!     says into the JSON of MCP, and `protocol` writes the answer
//! ```
//!
//! The data on that path:
//!
//! ```text
//! rounds                      what a call that asks its user keeps from round to round              pure
//! state_store                 what plugins keep between calls: a table of DynamoDB, or memory
//! state_token                 that state <-> a sealed token, which travels with the client          pure
//! release                     bytes, keys and the time -> the signed index of what is served, or a refusal   pure
//! secrets                     the name of a secret -> its value now, from a file, the environment or AWS
//! catalog                     tool name -> plugin, function, limits, grants; lists as they stand in the file
//! artifact                    a file of the bundle -> machine code or the catalog, mapped or verified
//! s3                          a key of one bucket <-> an object
//! aws                         credentials, roles, signatures; a service and a region -> an address
//! net                         HTTP: a request -> a response, piece by piece; names -> addresses that are allowed
//! variables, clock            the environment, and the time, also while the process is frozen
//! lazy_table                  values that are made when they are first asked for                    pure
//! public_key, timestamp       who may release, and until when                                       pure
//! digest                      SHA-256, in hexadecimal                                               pure
//! text_form                   a type <-> its text, for serde                                        pure
//! percent                     bytes <-> their escapes in addresses and forms                        pure
//! mcp                         words that several modules share: levels, roles, icons, questions     pure
//! log, metrics                lines of the log, and of CloudWatch's metrics
//! text                        the rule for texts that models, people and the log read             pure
//! ```
//!
//! Imports run downwards: an edge imports `service`, which imports what it calls; `outcome` stands above `call`, and
//! the data below everything. `sandbox` does not import `codec`: it runs the closure. The one step up is `catalog`,
//! whose functions are in the types of `codec`. `tests/tests/architecture` checks it.
//!
//! Nothing here compiles WebAssembly: the `toolcell` command does that ahead of time.

pub mod artifact;
pub mod auth;
pub mod aws;
pub mod call;
pub mod catalog;
pub mod clock;
pub mod codec;
pub mod content;
pub mod credentials;
pub mod digest;
#[cfg(test)]
mod golden;
pub mod lambda;
mod lazy_table;
pub mod log;
pub mod mcp;
pub mod metrics;
pub mod net;
pub mod outcome;
pub mod percent;
pub mod protocol;
pub mod public_key;
pub mod release;
pub mod rounds;
pub mod s3;
pub mod sandbox;
pub mod secrets;
pub mod service;
pub mod state_store;
pub mod state_token;
pub mod text;
mod text_form;
pub mod timestamp;
pub mod updater;
pub mod variables;
