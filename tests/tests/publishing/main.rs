//! Publishing to a bucket, with the real command against the S3 server of the tests.

mod concurrent;
mod dev;
mod engine;
mod error;
mod lifecycle;
mod publisher;
mod serve;
