//! Logs and servers as they are named on a command line.

use std::path::PathBuf;

use outbound::{Client, Policy};
use url::Url;

use crate::source::LogSource;

/// A log or mirror by its URL, or else an export by its folder.
///
/// # Errors
/// The URL is none, or no client can be made.
pub(crate) fn named(log: &str) -> anyhow::Result<LogSource> {
    if !log.starts_with("http://") && !log.starts_with("https://") {
        return Ok(LogSource::folder(PathBuf::from(log)));
    }
    let url = Url::parse(log)?;
    Ok(LogSource::http(Client::new(policy_of(&url))?, url))
}

/// Public addresses, or the one local address that is named: whoever names one on the command line means it.
pub(crate) fn policy_of(url: &Url) -> Policy {
    let local = url
        .host_str()
        .is_some_and(|host| host == "localhost" || host.ends_with(".localhost"));
    match url.port_or_known_default() {
        Some(port) if local => Policy::Development { ports: vec![port] },
        _ => Policy::Public,
    }
}
