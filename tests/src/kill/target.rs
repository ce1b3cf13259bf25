//! Which process is killed.

use crate::stack::WITNESSES;

/// A process of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// `holdfast-anchor serve`
    Log,
    /// One of the witnesses.
    Witness,
    /// `holdfast-anchor mirror serve`
    Mirror,
    /// The issuer, where it issues.
    Issuer,
    /// The issuer's process for its status lists.
    StatusLists,
    /// The verifier of the shop.
    Verifier,
    /// The citizen's wallet, while a command of it runs.
    Wallet,
}

impl Target {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Witness => "witness",
            Self::Mirror => "mirror",
            Self::Issuer => "issuer",
            Self::StatusLists => "status lists",
            Self::Verifier => "verifier",
            Self::Wallet => "wallet",
        }
    }

    /// The services of the stack that the dice choose from; none for the wallet,
    /// which runs only while it does something.
    #[must_use]
    pub fn services(self) -> &'static [&'static str] {
        match self {
            Self::Log => &["log"],
            Self::Witness => &WITNESSES,
            Self::Mirror => &["mirror"],
            Self::Issuer => &["population"],
            Self::StatusLists => &["population-status"],
            Self::Verifier => &["shop"],
            Self::Wallet => &[],
        }
    }
}
