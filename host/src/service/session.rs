//! Keeps the settings of a client whose messages all come over one pair of pipes. HTTP has none: each request
//! says everything itself.

use std::sync::{Arc, Mutex, PoisonError};

use http::request::Parts;

use crate::mcp::Level;
use crate::protocol::{Revision, Settled};

/// The client of a pair of pipes. An edge makes one for each pair, and adds a clone to the extensions of each request;
/// requests that have it need no headers beyond those of a POST.
#[derive(Clone, Debug, Default)]
pub struct Session(Arc<Mutex<Settled>>);

impl Session {
    /// Gives the protocol what was settled before this request.
    pub(super) fn settle(parts: &mut Parts) {
        if let Some(session) = parts.extensions.get::<Self>() {
            let settled = session.with(|settled| *settled);
            parts.extensions.insert(settled);
        }
    }

    /// Keeps the revision of a handshake; what was settled before it no longer counts.
    pub(super) fn begin(parts: &Parts, revision: Revision) {
        if let Some(session) = parts.extensions.get::<Self>() {
            session.with(|settled| *settled = Settled { revision: Some(revision), level: None });
        }
    }

    /// Keeps the least serious level of the messages that the client wants.
    pub(super) fn set_level(parts: &Parts, level: Level) {
        if let Some(session) = parts.extensions.get::<Self>() {
            session.with(|settled| settled.level = Some(level));
        }
    }

    /// Tells whether a request is part of a session, and so has no headers that repeat its body.
    pub(super) fn is_part(parts: &Parts) -> bool {
        parts.extensions.get::<Self>().is_some()
    }

    fn with<T>(&self, change: impl FnOnce(&mut Settled) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn parts(session: Option<&Session>) -> Parts {
        let (mut parts, ()) = Request::new(()).into_parts();
        session.map(|session| parts.extensions.insert(session.clone()));
        parts
    }

    /// Returns what the protocol is given with the next request.
    fn settled(session: &Session) -> Settled {
        let mut next = parts(Some(session));
        Session::settle(&mut next);
        *next.extensions.get().unwrap()
    }

    #[test]
    fn a_handshake_replaces_all_that_was_settled_before_it() {
        let session = Session::default();
        assert_eq!(settled(&session), Settled { revision: None, level: None });
        let (old, new) = (Revision::WITHOUT_HEADER, Revision::LATEST_HANDSHAKE);
        for revision in [old, new, old] {
            Session::begin(&parts(Some(&session)), revision);
            assert_eq!(settled(&session), Settled { revision: Some(revision), level: None });
            Session::set_level(&parts(Some(&session)), Level::Error);
            assert_eq!(settled(&session), Settled { revision: Some(revision), level: Some(Level::Error) });
        }
    }

    #[test]
    fn a_request_without_a_session_settles_nothing_and_has_headers() {
        let session = Session::default();
        let mut alone = parts(None);
        Session::begin(&alone, Revision::LATEST_HANDSHAKE);
        Session::set_level(&alone, Level::Error);
        Session::settle(&mut alone);
        assert!(alone.extensions.get::<Settled>().is_none() && !Session::is_part(&alone));
        assert!(Session::is_part(&parts(Some(&session))));
        assert_eq!(settled(&session), Settled::default());
    }
}
