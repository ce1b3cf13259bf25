//! Counters and gauges for `/metrics`.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// A number that only grows.
pub type Counter = prometheus_client::metrics::counter::Counter;
/// A number that goes up and down.
pub type Gauge = prometheus_client::metrics::gauge::Gauge;

/// All metrics of a service. Labels never hold anything personal.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
    requests: Family<RequestLabels, Counter>,
}

/// The labels of `http_requests_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    status: u16,
}

impl Metrics {
    /// Metrics with `http_requests_total` by route and status.
    #[must_use]
    pub fn new() -> Self {
        let requests = Family::<RequestLabels, Counter>::default();
        let mut registry = Registry::default();
        registry.register(
            "http_requests",
            "Requests answered, by route and status",
            requests.clone(),
        );
        Self {
            registry: Arc::new(Mutex::new(registry)),
            requests,
        }
    }

    /// Makes a counter; `_total` is added to the name.
    #[must_use]
    pub fn counter(&self, name: &str, help: &str) -> Counter {
        let counter = Counter::default();
        self.registered(|registry| registry.register(name, help, counter.clone()));
        counter
    }

    /// Makes a gauge.
    #[must_use]
    pub fn gauge(&self, name: &str, help: &str) -> Gauge {
        let gauge = Gauge::default();
        self.registered(|registry| registry.register(name, help, gauge.clone()));
        gauge
    }

    /// Shows a counter that is kept elsewhere; `_total` is added to the name.
    pub fn observe(&self, name: &'static str, help: &'static str, read: impl Fn() -> u64 + Send + Sync + 'static) {
        let collector = Observed {
            name,
            help,
            read: Box::new(read),
        };
        self.registered(|registry| registry.register_collector(Box::new(collector)));
    }

    /// The text form of OpenMetrics.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        // Writing to a string fails only if a collector of ours does.
        if prometheus_client::encoding::text::encode(&mut text, &registry).is_err() {
            tracing::error!("the metrics cannot be encoded");
        }
        text
    }

    pub(crate) fn count_request(&self, route: &str, status: u16) {
        self.requests
            .get_or_create(&RequestLabels {
                route: route.to_owned(),
                status,
            })
            .inc();
    }

    fn registered(&self, register: impl FnOnce(&mut Registry)) {
        register(&mut self.registry.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

struct Observed {
    name: &'static str,
    help: &'static str,
    read: Box<dyn Fn() -> u64 + Send + Sync>,
}

impl fmt::Debug for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Collector for Observed {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let counter = ConstCounter::new((self.read)());
        let metric = encoder.encode_descriptor(self.name, self.help, None, counter.metric_type())?;
        counter.encode(metric)
    }
}

#[cfg(test)]
mod tests {
    use super::Metrics;

    #[test]
    fn all_kinds_are_shown() {
        let metrics = Metrics::new();
        metrics.counter("offers", "Offers made").inc();
        metrics.gauge("sessions", "Open sessions").set(4);
        metrics.observe("ssrf_blocked", "Requests blocked", || 7);
        metrics.count_request("/x/{id}", 404);
        let text = metrics.encode();
        for line in [
            "offers_total 1",
            "sessions 4",
            "ssrf_blocked_total 7",
            "http_requests_total{route=\"/x/{id}\",status=\"404\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
