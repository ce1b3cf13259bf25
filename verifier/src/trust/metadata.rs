//! Keys of issuers that a check names by URL, from where those publish them: JWT
//! VC Issuer Metadata. draft-ietf-oauth-sd-jwt-vc §4
//!
//! Which addresses those are follows from the checks, never from a card. A
//! `jwks_uri` may lead to another host; it is fetched under the same rules.

use jose::JwkSet;
use outbound::{Limits, OutboundError};
use sd_jwt::{IssuerKeys, IssuerMetadataError, IssuerUrl};

use super::Fetch;

/// Why an issuer's keys were not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MetadataError {
    /// The metadata, or the JWK Set that they point to, cannot be fetched.
    #[error("the metadata cannot be fetched: {0}")]
    Fetch(#[from] OutboundError),
    /// They break a rule, or are of another issuer.
    #[error(transparent)]
    Metadata(#[from] IssuerMetadataError),
}

/// Fetches the keys that the issuer publishes now.
pub(crate) async fn fetch(fetch: &dyn Fetch, issuer: &IssuerUrl) -> Result<JwkSet, MetadataError> {
    let document = fetch.get(&issuer.metadata_url(), &Limits::METADATA).await?;
    match issuer.read_metadata(&document)? {
        IssuerKeys::Here(keys) => Ok(keys),
        IssuerKeys::At(address) => {
            let document = fetch.get(&address, &JWK_SET).await?;
            Ok(IssuerKeys::parse_set(&document)?)
        }
    }
}

/// RFC 7517 §8.5.2; many answer with the type of any JSON.
const JWK_SET: Limits = Limits::METADATA.with_content_types(&["application/jwk-set+json", "application/json"]);
