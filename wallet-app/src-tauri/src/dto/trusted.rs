use serde::Serialize;
use wallet::{Ecosystem, Mode};

/// What a person is told about the list of whom a wallet trusts.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TrustedView {
    pub(crate) name: String,
    /// `test` or `live`.
    pub(crate) mode: Mode,
    pub(crate) version: u64,
    pub(crate) expires_at: u64,
    pub(crate) fingerprint: String,
}

/// One that a link led to.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfferedTrusted {
    pub(crate) list: TrustedView,
    pub(crate) comes: Comes,
}

/// How it stands to what the wallet has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Comes {
    /// There is no wallet yet: it would begin with this.
    First,
    /// It is the next one.
    Newer,
    /// The wallet has it.
    Already,
}

impl From<Ecosystem> for TrustedView {
    fn from(told: Ecosystem) -> Self {
        Self {
            name: wallet::plain_text(&told.name),
            mode: told.mode,
            version: told.version,
            expires_at: told.expires,
            fingerprint: told.fingerprint,
        }
    }
}
