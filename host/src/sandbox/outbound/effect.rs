//! Finds the requests of a round that its next round sends again, although their method says that it matters.
//!
//! A call that ends in a question runs again from its start (docs/adr/0019-asking.md). A request that is not idempotent
//! then takes effect twice, unless the plugin has set a memo since, from which the next round learns of it, or the
//! request holds the key of its call, by which the other side does.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Request;

use super::INTERFACE;
use super::tape::{Tape, url};
use super::target::{Target, cut};
use crate::sandbox::denial::Denials;

/// The requests of one round that would be sent again.
#[derive(Clone)]
pub(super) struct Effects {
    /// The key of the call, `call.idempotency-key`.
    key: Arc<str>,
    all: Arc<Mutex<Vec<Effect>>>,
}

/// A request that is not idempotent.
struct Effect {
    method: String,
    host: String,
    url: String,
    /// The end of what its body had so far, where the key may have begun; `None` once the key was found.
    tail: Option<Vec<u8>>,
}

/// A request whose body has still to be searched for the key.
#[derive(Clone)]
pub(super) struct EffectBody {
    effects: Effects,
    at: usize,
}

impl Effects {
    /// Begins a round of the call with this key.
    pub(super) fn new(key: &str) -> Self {
        Self { key: key.into(), all: Arc::default() }
    }

    /// Notes a request, unless it is idempotent or its head holds the key.
    pub(super) fn note<B>(&self, request: &Request<B>, target: &Target) -> Option<EffectBody> {
        let has_key = |bytes: &[u8]| memchr::memmem::find(bytes, self.key.as_bytes()).is_some();
        let (method, uri, mut headers) = (request.method(), request.uri(), request.headers().values());
        let path = uri.path_and_query().map_or("", |path| path.as_str());
        if method.is_idempotent()
            || has_key(path.as_bytes())
            || headers.any(|value| has_key(value.as_bytes()))
        {
            return None;
        }
        let (host, url) = (cut(&target.host.to_string()), url(target, uri));
        let mut all = self.lock();
        all.push(Effect { method: method.to_string(), host, url, tail: Some(Vec::new()) });
        Some(EffectBody { effects: self.clone(), at: all.len() - 1 })
    }

    /// Forgets what was sent before a memo was set: the next round knows of it.
    pub(super) fn guard(&self) {
        self.lock().iter_mut().for_each(|effect| effect.tail = None);
    }

    /// Tells the operator of what the next round sends again, and the tape if the call is a golden case.
    pub(super) fn report(&self, denials: &Denials, tape: Option<&Arc<Tape>>) {
        for Effect { method, host, url, .. } in self.lock().iter().filter(|effect| effect.tail.is_some()) {
            denials.sent_again(INTERFACE, host, &cut(method));
            if let Some(tape) = tape {
                tape.repeat(method.clone(), url.clone());
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Effect>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EffectBody {
    /// Searches a piece of the body for the key.
    pub(super) fn search(&self, data: &[u8]) {
        let key = self.effects.key.as_bytes();
        let mut all = self.effects.lock();
        let Some(effect) = all.get_mut(self.at) else { return };
        let Some(tail) = &mut effect.tail else { return };
        tail.extend_from_slice(data);
        if memchr::memmem::find(tail, key).is_some() {
            effect.tail = None;
        } else {
            let old = tail.len().saturating_sub(key.len().saturating_sub(1));
            tail.drain(..old);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef";

    /// Returns how many of the requests would be sent again.
    fn repeated(effects: &Effects) -> usize {
        effects.lock().iter().filter(|effect| effect.tail.is_some()).count()
    }

    fn note(effects: &Effects, method: &str, path: &str, header: &str) -> Option<EffectBody> {
        let request = Request::builder().method(method).uri(format!("https://a.example{path}"));
        let request = request.header("x-key", header).body(()).unwrap();
        effects.note(&request, &Target::of(request.uri()).unwrap())
    }

    #[test]
    fn a_request_counts_unless_it_is_idempotent_or_holds_the_key() {
        for (method, path, header, expected) in [
            ("POST", "/", "", 1),
            ("PATCH", "/", "", 1),
            ("GET", "/", "", 0),
            ("PUT", "/", "", 0),
            ("DELETE", "/", "", 0),
            ("POST", "/?key=0123456789abcdef", "", 0),
            ("POST", "/", "key:0123456789abcdef", 0),
            ("POST", "/", "0123456789abcde", 1),
        ] {
            let effects = Effects::new(KEY);
            note(&effects, method, path, header);
            assert_eq!(repeated(&effects), expected, "{method} {path} {header}");
        }
    }

    #[test]
    fn the_key_is_found_in_a_body_however_it_is_cut() {
        let text = format!("{{\"key\":\"{KEY}\"}}");
        for at in 0..text.len() {
            let effects = Effects::new(KEY);
            let body = note(&effects, "POST", "/", "").unwrap();
            let (start, end) = text.split_at(at);
            body.search(start.as_bytes());
            body.search(end.as_bytes());
            assert_eq!(repeated(&effects), 0, "{start} {end}");
        }
        let effects = Effects::new(KEY);
        let body = note(&effects, "POST", "/", "").unwrap();
        for piece in ["0123456789abcde", "", "g0123456789abcde"] {
            body.search(piece.as_bytes());
        }
        assert_eq!(repeated(&effects), 1);
    }

    #[test]
    fn a_memo_guards_what_was_sent_before_it() {
        let effects = Effects::new(KEY);
        note(&effects, "POST", "/", "");
        effects.guard();
        assert_eq!(repeated(&effects), 0);
        note(&effects, "POST", "/", "");
        assert_eq!(repeated(&effects), 1);
    }
}
