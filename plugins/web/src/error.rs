//! The reasons why a page cannot be read, in the words that a model reads.

use std::fmt;

use http_client::Failure;
use url::Url;

/// The reason why a page cannot be read.
#[derive(Debug, PartialEq)]
pub(crate) enum WebError {
    /// This is not the address of a page.
    Address { text: String, why: &'static str },
    /// There is no response.
    Failed { url: Url, failure: Failure },
    /// A page leads to one that cannot be read.
    Redirect { from: Url, to: Url, failure: Failure },
    /// A redirect without a target that can be read.
    Lost { url: Url, location: String },
    /// Too many redirects.
    Loop { url: Url, most: usize },
    /// The host does not return the page.
    Status { url: Url, status: u16, retry_after: Option<String> },
    /// It is not a text.
    Media { url: Url, media_type: String },
    /// It is compressed, although it was not asked for so.
    Compressed { url: Url, coding: String },
}

impl fmt::Display for WebError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address { text, why } => write!(f, "{text:?} is not the address of a page: {why}"),
            Self::Failed { url, failure: Failure::Denied } => write!(
                f,
                "{url} cannot be read: this server does not allow it; its administrator decides which hosts can be read"
            ),
            Self::Failed { url, failure } => write!(f, "{url} cannot be read: {failure}"),
            Self::Redirect { from, to, failure } => {
                write!(f, "{from} leads to {to}, which cannot be read: {failure}")
            }
            Self::Lost { url, location } => {
                write!(
                    f,
                    "{url} leads to {location:?}, which is not the address of a page with the same security"
                )
            }
            Self::Loop { url, most } => write!(f, "{url} leads through more than {most} redirects"),
            Self::Status { url, status, retry_after } => {
                write!(f, "{url} cannot be read: the host returns status {status}, {}", meaning(*status))?;
                match retry_after {
                    Some(time) => write!(f, "; try again after {time}"),
                    None => Ok(()),
                }
            }
            Self::Media { url, media_type } => {
                write!(f, "{url} is {media_type}: only HTML and other texts can be read")
            }
            Self::Compressed { url, coding } => {
                write!(
                    f,
                    "{url} cannot be read: the host sends it compressed ({coding}), although asked not to"
                )
            }
        }
    }
}

/// Says what a status means for whoever wants to read the page.
fn meaning(status: u16) -> &'static str {
    match status {
        401 | 403 | 407 => "which means that it does not show this page to everybody",
        404 | 410 => "which means that there is no such page",
        429 => "which means that it was asked too often",
        500..=599 => "which means that it fails at present",
        _ => "which is not a page",
    }
}
