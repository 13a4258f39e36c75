//! Credentials against servers of a few lines.

mod container;
mod sts;

use std::time::{Duration, UNIX_EPOCH};

use super::testing::{Answer, SECRET, Server, TOKEN, variables};
use super::*;
use crate::clock::Clock;
use crate::net::{Client, Timeouts};
