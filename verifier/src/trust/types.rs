//! Metadata of card types whose name is an address, from there.
//! draft-ietf-oauth-sd-jwt-vc §5.3.1
//!
//! Which addresses those are follows from the checks and from what the types extend, never from a
//! card.

use outbound::{Limits, OutboundError};
use sd_jwt::type_metadata::{HeldTypes, TypeMetadataError};
use url::Url;

use super::Fetch;

/// Why the metadata of a type were not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TypeError {
    /// A document cannot be fetched.
    #[error("the metadata of the type cannot be fetched: {0}")]
    Fetch(#[from] OutboundError),
    /// A document breaks a rule, or is of another type.
    #[error(transparent)]
    Metadata(#[from] TypeMetadataError),
    /// The type extends one that is at no address and not built in.
    #[error("the type extends one that is not known")]
    Unknown,
    /// What was fetched makes no type: it extends itself, loosens a rule, or is too much.
    #[error("the documents of the type do not fit together")]
    Broken,
}

/// The address that a type is.
pub(crate) fn address(vct: &str) -> Option<Url> {
    let address = Url::parse(vct).ok()?;
    let is_plain = address.username().is_empty() && address.password().is_none() && address.fragment().is_none();
    (address.scheme() == "https" && is_plain).then_some(address)
}

/// Fetches the metadata of a type and of all that it extends. They are taken together or not at
/// all: what was held before stays. Gives the documents that came, each with its type.
pub(crate) async fn refresh(
    fetch: &dyn Fetch,
    held: &mut HeldTypes,
    vct: &str,
) -> Result<Vec<(String, Vec<u8>)>, TypeError> {
    let mut fresh = HeldTypes::default();
    let mut fetched = Vec::new();
    while let Some(wanted) = fresh.missing(vct) {
        match address(&wanted) {
            Some(address) => {
                let document = fetch.get(&address, &Limits::METADATA).await?;
                fresh.hold(&wanted, &document)?;
                fetched.push((wanted, document));
            }
            None => fresh.hold(&wanted, held.document(&wanted).ok_or(TypeError::Unknown)?)?,
        }
    }
    fresh.known(vct).ok_or(TypeError::Broken)?;
    for (vct, document) in &fetched {
        held.hold(vct, document)?;
    }
    Ok(fetched)
}
