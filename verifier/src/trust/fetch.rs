use std::future::Future;
use std::pin::Pin;

use outbound::{Client, Limits, OutboundError};
use url::Url;

/// The outcome of a fetch that is under way.
pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, OutboundError>> + Send + 'a>>;

/// Where bytes come from: the outbound client, or a test's record of what was asked.
pub trait Fetch: Send + Sync {
    /// The body of a successful GET.
    fn get<'a>(&'a self, url: &'a Url, limits: &'a Limits) -> Fetching<'a>;
}

impl Fetch for Client {
    fn get<'a>(&'a self, url: &'a Url, limits: &'a Limits) -> Fetching<'a> {
        Box::pin(async move { Ok(Client::get(self, url, limits).await?.success()?.into_body()) })
    }
}
