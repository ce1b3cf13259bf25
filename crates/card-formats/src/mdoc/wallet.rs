use ::mdoc::{HeldMdoc, MdocClaims, UnverifiedMdoc};
use jose::x5c::UnverifiedChain;
use jose::{PublicJwk, UnixTime, base64url};
use oid4vp::{Authority, CredentialType};
use serde_json::{Map, Value};
use status_list::StatusReference;

use super::hints::Hints;
use super::{around, challenge, place, values, verifier};
use crate::type_metadata::{ResolvedType, SvgTemplate, SvgTemplateError};
use crate::{
    Binding, ClaimPath, HeldCopy, HeldTypeError, HeldTypes, Holder, Invalid, IssuerHints, PresentError, ReceiveError,
    ReceivedCopy, Trusted, VerifiedCopy,
};

pub(super) struct Received {
    mdoc: UnverifiedMdoc,
    hints: Hints,
}

impl Received {
    pub(super) fn new(mdoc: UnverifiedMdoc) -> Self {
        let hints = Hints::new(mdoc.doc_type(), mdoc.kid(), &mdoc.certificates());
        Self { mdoc, hints }
    }
}

impl ReceivedCopy for Received {
    fn hints(&self) -> IssuerHints<'_> {
        self.hints.get()
    }

    fn verify(self: Box<Self>, by: Trusted<'_>, holder_key: &PublicJwk) -> Result<Box<dyn VerifiedCopy>, ReceiveError> {
        let received = self.mdoc.receive(verifier::trust(&by), holder_key, by.now);
        let (held, claims) = received.map_err(|error| match error {
            ::mdoc::ReceiveError::ForeignDeviceKey => ReceiveError::ForeignHolderKey,
            ::mdoc::ReceiveError::Mdoc(error) => Invalid::from(error).into(),
        })?;
        if verifier::lacks_status(&claims, by.requirements) {
            return Err(Invalid::NoStatus.into());
        }
        Ok(Box::new(Verified { held, claims }))
    }
}

#[derive(Debug)]
struct Verified {
    held: HeldMdoc,
    claims: MdocClaims,
}

impl VerifiedCopy for Verified {
    fn card_type(&self) -> &str {
        self.claims.doc_type()
    }

    /// The rules of a type are those of SD-JWT VC.
    fn check_type(&self, _: &HeldTypes) -> Result<(), HeldTypeError> {
        Ok(())
    }

    /// Placeholders of a template stand for the claims of an SD-JWT VC.
    fn draw(&self, template: &SvgTemplate, _: &ResolvedType) -> Result<String, SvgTemplateError> {
        match template.placeholders().next() {
            Some(svg_id) => Err(SvgTemplateError::UnknownPlaceholder(svg_id.to_owned())),
            None => template.fill(|_| None),
        }
    }

    fn values(&self) -> Map<String, Value> {
        values::claims(self.held.elements())
    }

    fn status(&self) -> Option<&StatusReference> {
        self.claims.status()
    }

    fn starts(&self) -> Option<UnixTime> {
        Some(self.claims.valid_from())
    }

    fn expires(&self) -> Option<UnixTime> {
        Some(self.claims.valid_until().saturating_add(1))
    }

    fn marks(&self) -> Vec<String> {
        marks(&self.held)
    }
}

fn marks(held: &HeldMdoc) -> Vec<String> {
    held.marks().map(base64url::encode).collect()
}

pub(super) struct Held {
    mdoc: HeldMdoc,
    claims: Value,
}

impl Held {
    pub(super) fn new(mdoc: HeldMdoc) -> Self {
        let claims = Value::Object(values::claims(mdoc.elements()));
        Self { mdoc, claims }
    }
}

impl HeldCopy for Held {
    fn kind(&self) -> CredentialType<'_> {
        CredentialType::Doctype(self.mdoc.claims().doc_type())
    }

    fn claims(&self) -> &Value {
        &self.claims
    }

    fn authorities(&self) -> Vec<Authority> {
        let chain = UnverifiedChain::from_der(&self.mdoc.certificates());
        chain.map_or_else(
            |_| Vec::new(),
            |chain| chain.dangerous_authority_keys().map(Authority::of_key).collect(),
        )
    }

    fn disclosable(&self) -> Vec<ClaimPath> {
        self.mdoc.elements().map(|element| place(&element.path())).collect()
    }

    fn always_visible(&self) -> Vec<ClaimPath> {
        around(self.mdoc.says_more())
    }

    fn marks(&self) -> Vec<String> {
        marks(&self.mdoc)
    }

    fn present(&self, claims: &[ClaimPath], binding: Binding<'_>, holder: Holder<'_>) -> Result<String, PresentError> {
        let challenge = challenge(&binding).ok_or(PresentError::NoHandover)?;
        let mut chosen = Vec::new();
        for claim in claims {
            let before = chosen.len();
            let paths = self.mdoc.elements().map(|element| element.path());
            chosen.extend(paths.filter(|path| {
                let place = place(path);
                claim.contains(&place) || place.contains(claim)
            }));
            if chosen.len() == before {
                return Err(PresentError::NotAnElement);
            }
        }
        let transcript = ::mdoc::SessionTranscript::openid4vp(&challenge);
        let response = self.mdoc.select(&chosen)?.respond(&transcript, holder.key)?;
        Ok(base64url::encode(response))
    }
}
