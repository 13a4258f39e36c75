//! The dated revisions of MCP that this server speaks: the only module that knows their names.
//!
//! Everything else asks a [`Revision`] what it can do.

/// A revision of the protocol that a request is served under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(Dated);

/// In order of publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Dated {
    November2024,
    March2025,
    June2025,
    November2025,
    July2026,
}

/// Names the way in which a revision carries the context of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// Every request describes itself in `params._meta` and in routing headers.
    Modern,
    /// A handshake (`initialize`) comes first; JSON-RPC errors travel with HTTP status 200.
    Legacy,
}

impl Revision {
    /// The stateless revision.
    pub const MODERN: Revision = Revision(Dated::July2026);
    /// The revision of a handshake if the client asks for a revision without handshakes.
    pub const LATEST_HANDSHAKE: Revision = Revision(Dated::November2025);
    /// The revision of a legacy request without a version header.
    pub const WITHOUT_HEADER: Revision = Revision(Dated::March2025);
    /// The revisions that `server/discover` and error `-32022` list: those reachable without a handshake.
    pub const SUPPORTED: [Revision; 1] = [Revision::MODERN];
    /// The revisions that a handshake can negotiate, and that a header or a `_meta` claim may name. The oldest had
    /// another transport; clients of its age that speak this one ask for it by name, and give up on any other answer.
    const HANDSHAKES: [Revision; 4] = [
        Revision(Dated::November2024),
        Revision(Dated::March2025),
        Revision(Dated::June2025),
        Revision(Dated::November2025),
    ];

    /// Returns the revision's name on the wire.
    pub const fn name(self) -> &'static str {
        match self.0 {
            Dated::November2024 => "2024-11-05",
            Dated::March2025 => "2025-03-26",
            Dated::June2025 => "2025-06-18",
            Dated::November2025 => "2025-11-25",
            Dated::July2026 => "2026-07-28",
        }
    }

    /// Returns the way in which requests of this revision carry their context.
    pub fn era(self) -> Era {
        if self >= Revision::MODERN { Era::Modern } else { Era::Legacy }
    }

    /// Tells whether tools have `title`, `outputSchema` and `structuredContent`.
    pub fn has_structured_content(self) -> bool {
        self.0 >= Dated::June2025
    }

    /// Tells whether content may be audio.
    pub fn has_audio(self) -> bool {
        self.0 >= Dated::March2025
    }

    /// Tells whether content may link to resources (`resource_link`).
    pub fn has_resource_links(self) -> bool {
        self.0 >= Dated::June2025
    }

    /// Tells whether tools, prompts and resources have `icons`.
    pub fn has_icons(self) -> bool {
        self.0 >= Dated::November2025
    }

    /// Tells whether an answer may ask the client for something (`input_required`).
    pub fn can_ask(self) -> bool {
        self.era() == Era::Modern
    }

    /// Tells whether a POST may carry several messages in one array.
    pub fn has_batches(self) -> bool {
        self.0 <= Dated::March2025
    }

    /// Finds the modern revision of that name.
    pub(super) fn modern(name: &str) -> Option<Revision> {
        Self::SUPPORTED.into_iter().find(|revision| revision.name() == name)
    }

    /// Finds the legacy revision that a version header or a `_meta` claim of that name stands for.
    pub(super) fn legacy(name: &str) -> Option<Revision> {
        Self::HANDSHAKES.into_iter().find(|revision| revision.name() == name)
    }

    /// Negotiates the revision of an `initialize` request that asks for `requested`.
    pub(super) fn negotiated(requested: &str) -> Revision {
        Self::legacy(requested).unwrap_or(Revision::LATEST_HANDSHAKE)
    }

    /// Tells whether `name` is the date of the first modern revision or a later one.
    pub(super) fn names_modern(name: &str) -> bool {
        let is_date = name.len() == 10
            && name.bytes().enumerate().all(|(place, byte)| match place {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        is_date && name >= Revision::MODERN.name()
    }
}
