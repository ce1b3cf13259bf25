//! Leaves a host alone for a while after it failed several times in a row.

use std::collections::HashMap;

use jose::UnixTime;

/// Failures in a row after which a host is left alone.
const FAILURES: u32 = 5;

/// One circuit a host.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    circuits: HashMap<String, Circuit>,
}

#[derive(Debug, Default)]
struct Circuit {
    failures: u32,
    closed_until: UnixTime,
}

impl Breaker {
    /// Whether the host may be asked now.
    pub(crate) fn allows(&self, host: &str, now: UnixTime) -> bool {
        self.circuits
            .get(host)
            .is_none_or(|circuit| now >= circuit.closed_until)
    }

    pub(crate) fn succeeded(&mut self, host: &str) {
        self.circuits.remove(host);
    }

    /// After enough failures the host is left alone for `pause` seconds; then
    /// one more failure is enough.
    pub(crate) fn failed(&mut self, host: &str, now: UnixTime, pause: u64) {
        let circuit = self.circuits.entry(host.to_owned()).or_default();
        circuit.failures = circuit.failures.saturating_add(1);
        if circuit.failures >= FAILURES {
            circuit.closed_until = now.saturating_add(pause);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_close_and_a_success_opens() {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES {
            assert!(breaker.allows("a", 10));
            breaker.failed("a", 10, 30);
        }
        assert!(!breaker.allows("a", 39));
        assert!(breaker.allows("b", 39));
        assert!(breaker.allows("a", 40));
        breaker.failed("a", 40, 30);
        assert!(!breaker.allows("a", 69));
        breaker.succeeded("a");
        assert!(breaker.allows("a", 41));
    }
}
