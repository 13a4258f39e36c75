//! The reasons why a call fails, in the words that a model reads.

use std::fmt;

use http_client::Failure;

/// The reason why a call fails.
#[derive(Debug, PartialEq)]
pub(crate) enum IssueError {
    /// The deployer has to change the configuration.
    Settings(&'static str),
    /// `after` is not what an earlier result had as `next`.
    Cursor,
    /// There is no response.
    Failed(Failure),
    /// The tracker takes no more requests for so many seconds.
    Limited { seconds: u64 },
    /// The tracker does not know the credential.
    Unauthorized,
    /// The credential may not do it.
    Forbidden(String),
    /// There is nothing like that, or the credential may not see it.
    Missing(String),
    /// The tracker refuses the arguments.
    Invalid(String),
    /// The repository is elsewhere.
    Moved,
    /// The tracker fails.
    Down { status: u16 },
    /// The response is not what the interface promises.
    Garbled,
    /// A request that writes ended in a way that does not tell whether it was carried out.
    Unknown(Box<Self>),
}

impl IssueError {
    /// Tells whether a request that writes may have been carried out.
    fn may_be_done(&self) -> bool {
        match self {
            Self::Failed(failure) => failure.may_have_arrived(),
            Self::Down { .. } | Self::Garbled => true,
            Self::Settings(_) | Self::Cursor | Self::Limited { .. } | Self::Unauthorized => false,
            Self::Forbidden(_) | Self::Missing(_) | Self::Invalid(_) | Self::Moved | Self::Unknown(_) => {
                false
            }
        }
    }

    /// Says of a request that writes whether something may have been written.
    pub(crate) fn of_write(self) -> Self {
        if self.may_be_done() { Self::Unknown(Box::new(self)) } else { self }
    }
}

impl fmt::Display for IssueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings(what) => write!(f, "this server cannot reach its tracker: {what}"),
            Self::Cursor => {
                f.write_str("`after` is not the `next` of an earlier result: leave it out to start over")
            }
            Self::Failed(failure) => write!(f, "the tracker cannot be asked: {failure}"),
            Self::Limited { seconds } => {
                write!(f, "the tracker takes no more requests for now: try again in {seconds} s")
            }
            Self::Unauthorized => f.write_str(
                "the tracker does not accept this server's credential: its administrator has to replace it",
            ),
            Self::Forbidden(reason) => {
                write!(f, "this server's credential may not do this{}", because(reason))
            }
            Self::Missing(what) => {
                write!(f, "there is no {what}, or this server's credential may not see it")
            }
            Self::Invalid(reason) => write!(f, "the tracker refuses this{}", because(reason)),
            Self::Moved => {
                f.write_str("the repository has another name now: the administrator has to configure it")
            }
            Self::Down { status } => {
                write!(f, "the tracker fails at present (status {status}): try again later")
            }
            Self::Garbled => f.write_str("the tracker's response cannot be read"),
            Self::Unknown(cause) => {
                write!(f, "{cause}. It may have been written all the same: look for it before you try again")
            }
        }
    }
}

fn because(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(": {reason}") }
}
