use ::mdoc::{IssuerTrust, MdocClaims, MdocError, SessionTranscript, UnverifiedDeviceResponse, VerifiedMdoc};
use oid4vp::{CredentialType, HolderBinding};
use serde_json::Value;
use status_list::StatusReference;

use super::hints::Hints;
use super::{challenge, place, values};
use crate::{
    Binding, ClaimPath, HeldTypeError, HeldTypes, IssuerHints, PresentationError, PresentedCopy, Requirements,
    ShownCopy, Trusted,
};

pub(super) struct Presented {
    response: UnverifiedDeviceResponse,
    hints: Hints,
}

impl Presented {
    /// The type has to be one before anybody looks for a policy by it.
    pub(super) fn new(response: UnverifiedDeviceResponse) -> Result<Self, PresentationError> {
        if response.doc_type() != response.signed_doc_type() {
            return Err(PresentationError::Invalid);
        }
        let hints = Hints::new(response.doc_type(), response.kid(), &response.certificates());
        Ok(Self { response, hints })
    }
}

impl PresentedCopy for Presented {
    fn hints(&self) -> IssuerHints<'_> {
        self.hints.get()
    }

    fn verify(
        self: Box<Self>,
        by: Trusted<'_>,
        binding: Option<Binding<'_>>,
    ) -> Result<Box<dyn ShownCopy>, PresentationError> {
        let holder_binding = match binding {
            Some(_) => HolderBinding::Cryptographic,
            None => HolderBinding::None,
        };
        let verified = match binding {
            Some(binding) => {
                let challenge = challenge(&binding).ok_or(PresentationError::HolderBinding)?;
                let transcript = SessionTranscript::openid4vp(&challenge);
                self.response.verify(trust(&by), &transcript, by.now)
            }
            None => self.response.verify_without_device(trust(&by), by.now),
        };
        let mdoc = verified.map_err(refusal)?;
        if lacks_status(mdoc.credential(), by.requirements) {
            return Err(PresentationError::Invalid);
        }
        let paths = mdoc.elements().map(|element| place(&element.path())).collect();
        let claims = Value::Object(values::claims(mdoc.elements()));
        Ok(Box::new(Shown {
            mdoc,
            claims,
            paths,
            holder_binding,
        }))
    }
}

/// The key is the policy's; a chain, by which the policy found it, keeps the rules for signers of such documents too.
pub(super) fn trust<'a>(by: &Trusted<'a>) -> IssuerTrust<'a> {
    match by.anchors {
        Some(anchors) => IssuerTrust::Certified {
            key: by.issuer_key,
            anchors,
        },
        None => IssuerTrust::Key(by.issuer_key),
    }
}

/// Every document has a key and an end; whoever is on the ledger can take a card back before that.
pub(super) fn lacks_status(claims: &MdocClaims, requirements: Requirements) -> bool {
    requirements == Requirements::Anchored && claims.status().is_none()
}

pub(super) fn refusal(error: ::mdoc::PresentationError) -> PresentationError {
    match error {
        ::mdoc::PresentationError::DeviceAuth(_) => PresentationError::HolderBinding,
        ::mdoc::PresentationError::Mdoc(MdocError::Expired) => PresentationError::Expired,
        ::mdoc::PresentationError::Mdoc(MdocError::NotYetValid) => PresentationError::NotYetValid,
        ::mdoc::PresentationError::Mdoc(
            MdocError::Chain(_) | MdocError::Country | MdocError::State | MdocError::SignedOutsideCertificate,
        ) => PresentationError::Issuer,
        _ => PresentationError::Invalid,
    }
}

struct Shown {
    mdoc: VerifiedMdoc,
    claims: Value,
    paths: Vec<ClaimPath>,
    holder_binding: HolderBinding,
}

impl ShownCopy for Shown {
    fn kind(&self) -> CredentialType<'_> {
        CredentialType::Doctype(self.mdoc.credential().doc_type())
    }

    fn claims(&self) -> &Value {
        &self.claims
    }

    fn disclosed(&self) -> Vec<&ClaimPath> {
        self.paths.iter().collect()
    }

    fn holder_binding(&self) -> HolderBinding {
        self.holder_binding
    }

    fn status(&self) -> Option<&StatusReference> {
        self.mdoc.credential().status()
    }

    /// The rules of a type are those of SD-JWT VC.
    fn check_type(&self, _: &HeldTypes) -> Result<(), HeldTypeError> {
        Ok(())
    }
}
