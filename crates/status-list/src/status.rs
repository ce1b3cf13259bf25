/// What a list says of one card. draft-ietf-oauth-status-list §7.1
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// 0x00: good.
    Valid,
    /// 0x01: revoked, for ever.
    Invalid,
    /// 0x02: suspended for a time.
    Suspended,
    /// Any other value. What it means is not ours to guess: never valid.
    Other(u8),
}

impl Status {
    /// The value in the list.
    #[must_use]
    pub fn value(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Invalid => 1,
            Self::Suspended => 2,
            Self::Other(value) => value,
        }
    }
}

impl From<u8> for Status {
    fn from(value: u8) -> Self {
        match value {
            0 => Self::Valid,
            1 => Self::Invalid,
            2 => Self::Suspended,
            other => Self::Other(other),
        }
    }
}
