//! A bucket on a server of a few lines.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use super::Bucket;
use crate::aws::testing::{SECRET, Server, TOKEN, variables};
use crate::aws::{Ambient, Endpoint};
use crate::clock::TestClock;
use crate::net::{Client, Timeouts};

/// A bucket on a server, with credentials out of variables.
pub(crate) fn bucket(server: &Server) -> Bucket {
    let variables = variables(&[
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ENDPOINT_URL_S3", &server.url("")),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_SESSION_TOKEN", TOKEN),
    ]);
    let clock = TestClock::at(UNIX_EPOCH + Duration::from_secs(1_800_000_000)).clock();
    let client = Arc::new(Client::new(None, Timeouts::default(), clock.clone()));
    let endpoint = Endpoint::of(&variables).unwrap();
    let credentials = Arc::new(Ambient::new(variables));
    Bucket::new(client, "s3://bucket/prefix".parse().unwrap(), endpoint, credentials, clock)
}
