//! What operators see of an issuer. No label is about a person.

use service::{Counter, Gauge, Metrics};

/// Counters and gauges of an issuer.
#[derive(Debug)]
pub struct IssuerMetrics {
    /// Offers made.
    pub offers: Counter,
    /// Codes locked after wrong transaction codes.
    pub offers_locked: Counter,
    /// Copies issued.
    pub copies: Counter,
    /// Credential requests that wait for an officer.
    pub deferred: Counter,
    /// Credential requests refused.
    pub credential_refusals: Counter,
    /// Status snapshots anchored.
    pub snapshots: Counter,
    /// Seconds by which the newest time that the ledger's quorum signed was ahead of the clock when it was read.
    pub clock_behind: Gauge,
}

impl IssuerMetrics {
    /// All of them, registered.
    #[must_use]
    pub fn new(metrics: &Metrics) -> Self {
        Self {
            offers: metrics.counter("offers", "Offers made"),
            offers_locked: metrics.counter("offers_locked", "Codes locked after wrong transaction codes"),
            copies: metrics.counter("copies", "Copies of cards issued"),
            deferred: metrics.counter("deferred", "Credential requests that wait for an officer"),
            credential_refusals: metrics.counter("credential_refusals", "Credential requests refused"),
            snapshots: metrics.counter("snapshots", "Status snapshots anchored"),
            clock_behind: metrics.gauge(
                "clock_behind_seconds",
                "Seconds that the clock is behind the time that the ledger's quorum signed",
            ),
        }
    }
}
