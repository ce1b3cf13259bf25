//! Addresses of the pages.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stays as it is in a segment of a path. RFC 3986 §3.3
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b':');

/// The page of an organisation.
pub(crate) fn organisation(did: &str) -> String {
    format!("/organisations/{}", utf8_percent_encode(did, SEGMENT))
}

/// The proof of an organisation's record.
pub(crate) fn proof(did: &str) -> String {
    format!("{}/proof", organisation(did))
}

/// The page of an entry.
pub(crate) fn entry(number: u64) -> String {
    format!("/entries/{number}")
}

/// The proof that an entry is in the log.
pub(super) fn entry_proof(number: u64) -> String {
    format!("{}/proof", entry(number))
}

/// A payload as it is.
pub(crate) fn blob(hash: &ledger::Hash) -> String {
    format!("/blob/{}", hex::encode(hash))
}

/// An address with a query.
pub(crate) fn with_query(path: &str, query: &[(&str, &str)]) -> String {
    if query.is_empty() {
        return path.to_owned();
    }
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(query);
    format!("{path}?{}", text.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_did_is_one_segment() {
        let path = organisation("did:webvh:Qm:a.example%3A80/../x?y");
        assert_eq!(path, "/organisations/did:webvh:Qm:a.example%253A80%2F..%2Fx%3Fy");
    }
}
