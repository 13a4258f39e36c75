//! Lists the features of the server: it advertises them as capabilities, and they decide which methods exist.

/// A part of MCP that a server may offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// `tools/list`, `tools/call`
    Tools,
    /// `resources/list`, `resources/templates/list`, `resources/read`; on legacy revisions also
    /// `resources/subscribe` and `resources/unsubscribe`
    Resources,
    /// `prompts/list`, `prompts/get`
    Prompts,
    /// `completion/complete`
    Completions,
    /// `notifications/message`, and `logging/setLevel` on legacy revisions
    Logging,
}

/// The features that a server offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features(u8);

impl Feature {
    /// In the order in which capabilities are shown.
    pub(super) const ALL: [Feature; 5] =
        [Feature::Tools, Feature::Resources, Feature::Prompts, Feature::Completions, Feature::Logging];

    /// Returns the name of the capability that advertises the feature.
    pub(super) fn capability(self) -> &'static str {
        match self {
            Feature::Tools => "tools",
            Feature::Resources => "resources",
            Feature::Prompts => "prompts",
            Feature::Completions => "completions",
            Feature::Logging => "logging",
        }
    }

    /// Returns the feature that a method belongs to; `None` for methods of every server and for unknown ones.
    pub(super) fn of(method: &str) -> Option<Feature> {
        match method {
            "tools/list" | "tools/call" => Some(Feature::Tools),
            "resources/list"
            | "resources/templates/list"
            | "resources/read"
            | "resources/subscribe"
            | "resources/unsubscribe" => Some(Feature::Resources),
            "prompts/list" | "prompts/get" => Some(Feature::Prompts),
            "completion/complete" => Some(Feature::Completions),
            "logging/setLevel" => Some(Feature::Logging),
            _ => None,
        }
    }
}

impl Features {
    /// No feature.
    pub const NONE: Features = Features(0);

    /// Adds a feature.
    pub const fn with(self, feature: Feature) -> Features {
        Features(self.0 | 1 << feature as u8)
    }

    /// Tells whether `feature` is offered.
    pub const fn contains(self, feature: Feature) -> bool {
        self.0 & (1 << feature as u8) != 0
    }
}
