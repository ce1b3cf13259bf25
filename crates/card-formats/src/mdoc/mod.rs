//! ISO mdoc. ISO/IEC 18013-5, OpenID4VP 1.0 Appendix B.2, OpenID4VCI 1.0 Appendix A.2
//!
//! A copy is base64url of `IssuerSigned`, a presentation base64url of a `DeviceResponse` with one document. An issuer on
//! the ledger is named by its certificate, and its key by `kid`. docs/adr/0014-formats.md

mod hints;
mod issue;
mod values;
mod verifier;
mod wallet;

use ::mdoc::{Challenge, ElementPath, UnverifiedDeviceResponse, UnverifiedMdoc, decode_response};
use jose::{Algorithm, RandomSource, base64url};
use oid4vci::metadata::FormatProfile;
use serde_json::{Map, Value};

use crate::{
    Around, Binding, CardFormat, ClaimPath, DecodeError, Decoded, Disclosed, HeldCopy, Invalid, IssueError, Member,
    NewCopy, PresentationError, PresentedCopy, ReceiveError, ReceivedCopy,
};

/// The format.
pub(crate) struct Mdoc;

/// Where that stands in a path which travels without a choice and is no element: what every document of the format
/// carries is not listed.
const AROUND: &str = "issuerAuth";

impl CardFormat for Mdoc {
    fn name(&self) -> &'static str {
        "mso_mdoc"
    }

    fn mark(&self) -> Option<&'static str> {
        Some("mdoc")
    }

    fn shown_as_codes(&self) -> bool {
        false
    }

    fn member(&self, name: &str) -> Member {
        match name {
            AROUND => Member::Unnamed,
            _ => Member::Said,
        }
    }

    /// A namespace. ISO/IEC 18013-5 §8.3.2.1.2.2
    fn claims_stand_in(&self) -> Around {
        Around::Any
    }

    fn named_claims(&self, claims: &Map<String, Value>) -> Map<String, Value> {
        values::by_name(claims)
    }

    fn profile(&self, card_type: &str) -> FormatProfile {
        FormatProfile::MsoMdoc {
            doctype: card_type.to_owned(),
        }
    }

    /// RFC 9053 §2.1, §2.2
    fn signing_algorithm(&self, algorithm: Algorithm) -> Value {
        match algorithm {
            Algorithm::Es256 => (-7).into(),
            Algorithm::EdDsa => (-8).into(),
            _ => Value::Null,
        }
    }

    fn binding_method(&self) -> &'static str {
        "cose_key"
    }

    fn issue(&self, copy: &NewCopy<'_>, random: &mut dyn RandomSource) -> Result<String, IssueError> {
        issue::issue(copy, random)
    }

    fn received(&self, copy: &str) -> Result<Box<dyn ReceivedCopy>, ReceiveError> {
        let bytes = base64url::decode(copy).map_err(Invalid::from)?;
        match UnverifiedMdoc::parse(&bytes) {
            Ok(unverified) => Ok(Box::new(wallet::Received::new(unverified))),
            Err(_) if UnverifiedDeviceResponse::parse(&bytes).is_ok() => Err(ReceiveError::AlreadyBound),
            Err(error) => Err(Invalid::from(error).into()),
        }
    }

    fn held(&self, copy: &str) -> Result<Box<dyn HeldCopy>, Invalid> {
        let stored = UnverifiedMdoc::parse(&base64url::decode(copy)?)?;
        Ok(Box::new(wallet::Held::new(stored.dangerous_from_storage())))
    }

    fn decode(&self, presentation: &str, binding: Option<Binding<'_>>) -> Result<Decoded, DecodeError> {
        let challenge = match binding {
            Some(binding) => Some(challenge(&binding).ok_or(DecodeError::OtherRequest)?),
            None => None,
        };
        let bytes = base64url::decode(presentation)?;
        let decoded = decode_response(&bytes, challenge.as_ref()).map_err(|error| match error {
            ::mdoc::DecodeError::OtherRequest => DecodeError::OtherRequest,
            error => DecodeError::Mdoc(error),
        })?;
        let disclosed = decoded.elements.iter().map(|element| Disclosed {
            path: place(&element.path),
            value: values::to_json(&element.as_element()),
        });
        Ok(Decoded {
            always_visible: around(decoded.says_more),
            disclosed: disclosed.collect(),
        })
    }

    fn presented(&self, presentation: &str) -> Result<Box<dyn PresentedCopy>, PresentationError> {
        let bytes = base64url::decode(presentation).map_err(|_| PresentationError::Invalid)?;
        let unverified = UnverifiedDeviceResponse::parse(&bytes).map_err(verifier::refusal)?;
        Ok(Box::new(verifier::Presented::new(unverified)?))
    }
}

/// What the signature of the device has to be about; `None` where nothing is handed over by a network.
fn challenge<'a>(binding: &Binding<'a>) -> Option<Challenge<'a>> {
    let handover = binding.handover?;
    Some(Challenge {
        client_id: binding.audience,
        nonce: binding.nonce,
        encryption_key: handover.encryption_key,
        response_uri: handover.response_uri,
    })
}

fn place(path: &ElementPath) -> ClaimPath {
    ClaimPath::from([path.namespace.as_str(), path.identifier.as_str()].as_slice())
}

/// Places of what every presentation shows and is no element.
fn around(names: Vec<String>) -> Vec<ClaimPath> {
    let place = |name: &String| ClaimPath::from([AROUND, name.as_str()].as_slice());
    names.iter().map(place).collect()
}
