//! Reads ranges of addresses that a rule allows although they are not global.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::text_form;

/// Ranges that no rule can allow, not even a part of them: this machine, its link, everybody at once, and addresses of
/// IPv6 that stand for one of IPv4. Lambda's own services listen at the first two.
const REFUSED: [&str; 13] = [
    "0.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "224.0.0.0/4",
    "255.255.255.255/32",
    "::/96",
    "::ffff:0:0/96",
    "64:ff9b::/96",
    "2001::/32",
    "2002::/16",
    "fd00:ec2::/32",
    "fe80::/10",
    "ff00::/8",
];

/// Ranges of which no part can be allowed, but which stay closed inside of a wider network that a rule allows: services
/// of clouds for one machine, among them its metadata.
const CLOSED_WITHIN: [&str; 4] =
    ["100.100.100.200/32", "168.63.129.16/32", "fd00:c1::a9fe:a9fe/128", "fd20:ce::/32"];

/// A range of addresses, as a network in CIDR notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AddressRange(IpNet);

/// The reason why a range cannot be allowed. Completes the sentence "the range ...".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// It is no network.
    #[error("is not a network: expected an address, `/` and a number of bits, without bits after them")]
    Form,
    /// It contains addresses that no plugin may reach.
    #[error("contains addresses that no plugin may reach: {0}")]
    Refused(&'static str),
}

impl AddressRange {
    /// Returns the network.
    pub fn network(self) -> IpNet {
        self.0
    }

    /// Tells whether an address is in the range.
    pub fn contains(self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }

    /// Tells whether another range is a part of this one.
    pub fn covers(self, other: &Self) -> bool {
        self.0.contains(&other.0)
    }
}

impl FromStr for AddressRange {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, RangeError> {
        let range: IpNet = text.parse().map_err(|_| RangeError::Form)?;
        if range.trunc() != range || range.to_string() != text {
            return Err(RangeError::Form);
        }
        let contains = |refused: &str| refused.parse::<IpNet>().is_ok_and(|refused| refused.contains(&range));
        let meets = |refused: &&&str| {
            contains(refused) || refused.parse::<IpNet>().is_ok_and(|refused| range.contains(&refused))
        };
        let found = REFUSED.iter().find(meets);
        match found.or_else(|| CLOSED_WITHIN.iter().find(|refused| contains(refused))) {
            None => Ok(Self(range)),
            Some(refused) => Err(RangeError::Refused(refused)),
        }
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

text_form!(AddressRange, RangeError);
