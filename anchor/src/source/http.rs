use std::time::Duration;

use axum::http::StatusCode;
use outbound::{Client, Limits, OutboundError};
use url::Url;

use super::SourceError;

/// A log or mirror over HTTP.
#[derive(Clone)]
pub(super) struct Http {
    client: Client,
    prefix: String,
}

impl Http {
    pub(super) fn new(client: Client, prefix: Url) -> Self {
        let prefix = prefix.as_str().trim_end_matches('/').to_owned();
        Self { client, prefix }
    }

    pub(super) async fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, SourceError> {
        let limits = Limits::MESSAGE.with_body(limit).with_total(Duration::from_secs(10));
        let failed = |source| match source {
            OutboundError::TooLarge { .. } => SourceError::TooLarge { path: path.to_owned() },
            source => SourceError::Http {
                path: path.to_owned(),
                source,
            },
        };
        // The prefix was a URL, and no path of the read API needs escaping.
        let url = Url::parse(&format!("{}/{path}", self.prefix));
        let url = url.map_err(|_| SourceError::Missing { path: path.to_owned() })?;
        let response = self.client.get(&url, &limits).await.map_err(failed)?;
        if response.status() == StatusCode::NOT_FOUND {
            return Err(SourceError::Missing { path: path.to_owned() });
        }
        Ok(response.success().map_err(failed)?.into_body())
    }
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Http({})", self.prefix)
    }
}
