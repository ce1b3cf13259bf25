//! The contexts of the recommendations' examples: `contexts/` has them as their authors publish them.

use sha2::{Digest, Sha256};

use super::{CREDENTIALS_V2, Contexts};

/// Beside those of the crate; each is accepted after the base context.
pub(crate) fn contexts() -> Contexts {
    let held = [
        (
            "https://www.w3.org/ns/credentials/examples/v2",
            include_str!("contexts/examples-v2.jsonld"),
        ),
        (
            "https://w3id.org/citizenship/v4rc1",
            include_str!("contexts/citizenship-v4rc1.jsonld"),
        ),
    ];
    held.into_iter()
        .fold(Contexts::bundled().unwrap(), |contexts, (url, text)| {
            let hash = Sha256::digest(text.as_bytes()).into();
            contexts
                .with_document(url, text, &hash)
                .unwrap()
                .accepting(&[CREDENTIALS_V2, url])
        })
}
