//! What the server offers: advertised as capabilities, and the gate of the methods behind them.

/// A part of MCP that a server may offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// `tools/list`, `tools/call`
    Tools,
    /// `notifications/message`, and `logging/setLevel` on legacy revisions
    Logging,
}

/// The features that a server offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features(u8);

impl Feature {
    /// In the order in which capabilities are shown.
    pub(super) const ALL: [Feature; 2] = [Feature::Tools, Feature::Logging];

    /// The name of the capability that advertises it.
    pub(super) fn capability(self) -> &'static str {
        match self {
            Feature::Tools => "tools",
            Feature::Logging => "logging",
        }
    }
}

impl Features {
    /// No features at all.
    pub const NONE: Features = Features(0);

    /// These features and one more.
    pub const fn with(self, feature: Feature) -> Features {
        Features(self.0 | 1 << feature as u8)
    }

    /// Whether `feature` is offered.
    pub const fn contains(self, feature: Feature) -> bool {
        self.0 & (1 << feature as u8) != 0
    }
}
