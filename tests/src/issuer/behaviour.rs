//! Ways in which an issuer fails its resource servers.

/// What an issuer does with requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Behaviour {
    /// It answers them.
    #[default]
    Serving,
    /// It answers with this status.
    Status(u16),
    /// It leads to another address.
    Redirect(String),
    /// It takes connections and never answers.
    Silent,
    /// It sends a document of this many bytes, without saying so before.
    Huge(usize),
    /// It closes each connection at once.
    HangUp,
}
