use ::mdoc::MdocDraft;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jose::{RandomSource, base64url};
use serde_json::Value;

use super::{hints, values};
use crate::{IssueError, NewCopy};

pub(super) fn issue(copy: &NewCopy<'_>, random: &mut dyn RandomSource) -> Result<String, IssueError> {
    let draft = MdocDraft {
        doc_type: copy.card_type.to_owned(),
        name_spaces: values::name_spaces(copy.claims)?,
        signed: copy.issued_at,
        valid_from: copy.issued_at,
        // The last second, where others say the first one after it.
        valid_until: copy.expires.saturating_sub(1),
        device_key: copy.holder_key.clone(),
        status: Some(copy.status.clone()),
        padding: Some(copy.digests),
        kid: hints::is_did(copy.kid).then(|| copy.kid.to_owned()),
    };
    let chain = certificates(copy.x5c).ok_or(IssueError::Certificates)?;
    let issued = draft.issue(chain, random, copy.signer);
    issued.map(base64url::encode).map_err(|error| match error {
        ::mdoc::IssueError::Sign(error) => error.into(),
        error => IssueError::Mdoc(error),
    })
}

/// The certificates of an `x5c` value in DER form; none where there is none. RFC 7515 §4.1.6
fn certificates(x5c: Option<&Value>) -> Option<Vec<Vec<u8>>> {
    let Some(x5c) = x5c else { return Some(Vec::new()) };
    let der = |text: &Value| STANDARD.decode(text.as_str()?).ok();
    x5c.as_array()?.iter().map(der).collect()
}
