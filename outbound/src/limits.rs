//! How much time and how many bytes an exchange may take.

use std::time::Duration;

/// What to do with a 3xx answer to a GET.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirects {
    /// Fail with [`crate::OutboundError::Redirect`].
    Refuse,
    /// Follow at most so many; each target goes through every check again.
    Follow(u8),
}

/// The bounds of one exchange, redirects included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Longest body in bytes.
    pub body: usize,
    /// Longest time from the first lookup to the last byte.
    pub total: Duration,
    /// Content types a successful answer may have, without parameters; empty: any.
    pub content_types: &'static [&'static str],
    /// Whether redirects are followed.
    pub redirects: Redirects,
}

impl Limits {
    /// JSON metadata: 256 KiB, 10 s, at most 3 redirects.
    pub const METADATA: Self = Self {
        body: 256 * 1024,
        total: Duration::from_secs(10),
        content_types: &["application/json"],
        redirects: Redirects::Follow(3),
    };
    /// A protocol message: 64 KiB, 10 s, any type, no redirect.
    pub const MESSAGE: Self = Self {
        body: 64 * 1024,
        total: Duration::from_secs(10),
        content_types: &[],
        redirects: Redirects::Refuse,
    };
    /// An image: 512 KiB, 10 s.
    pub const IMAGE: Self = Self {
        body: 512 * 1024,
        total: Duration::from_secs(10),
        content_types: &["image/png", "image/jpeg", "image/svg+xml"],
        redirects: Redirects::Follow(3),
    };
    /// A Status List Token, or a Bitstring Status List credential: 16 MiB, 5 s.
    pub const STATUS_LIST: Self = Self {
        body: 16 * 1024 * 1024,
        total: Duration::from_secs(5),
        content_types: &["application/statuslist+jwt", "application/vc"],
        redirects: Redirects::Follow(3),
    };

    /// The same limits with another body size.
    #[must_use]
    pub const fn with_body(mut self, bytes: usize) -> Self {
        self.body = bytes;
        self
    }

    /// The same limits with another total time.
    #[must_use]
    pub const fn with_total(mut self, total: Duration) -> Self {
        self.total = total;
        self
    }

    /// The same limits with other content types; empty: any.
    #[must_use]
    pub const fn with_content_types(mut self, types: &'static [&'static str]) -> Self {
        self.content_types = types;
        self
    }

    /// The same limits with another answer to redirects.
    #[must_use]
    pub const fn with_redirects(mut self, redirects: Redirects) -> Self {
        self.redirects = redirects;
        self
    }
}
