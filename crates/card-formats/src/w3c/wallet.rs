//! A copy on its way through a wallet.

use jose::{PublicJwk, UnixTime};
use oid4vp::{Authority, CredentialType};
use sd_jwt::SelectError;
use serde_json::{Map, Value};
use status_list::StatusReference;
use w3c_vc::{CredentialClaims, HeldCredential, UnverifiedCredential};

use super::{SUBJECT, challenge, shape};
use crate::type_metadata::{PatternElement, ResolvedType, SvgTemplate, SvgTemplateError};
use crate::{
    Binding, ClaimPath, HeldCopy, HeldTypeError, HeldTypes, Holder, Invalid, IssuerHints, PathElement, PresentError,
    ReceiveError, ReceivedCopy, Trusted, VerifiedCopy, W3cError,
};

/// What may differ between copies of one card, beside the `id` of the subject; the rest is the card.
const OF_THE_COPY: [&str; 4] = ["id", "validFrom", "validUntil", "credentialStatus"];

/// A credential that nobody has verified.
pub(super) struct Received {
    credential: UnverifiedCredential,
    card_type: String,
}

impl Received {
    pub(super) fn of(credential: UnverifiedCredential) -> Result<Self, W3cError> {
        let card_type = shape::card_type(&credential)?;
        Ok(Self { credential, card_type })
    }
}

impl ReceivedCopy for Received {
    fn hints(&self) -> IssuerHints<'_> {
        shape::hints(self.credential.hints(), &self.card_type)
    }

    fn verify(self: Box<Self>, by: Trusted<'_>, holder_key: &PublicJwk) -> Result<Box<dyn VerifiedCopy>, ReceiveError> {
        let issuer = shape::trusted(self.credential.hints(), by);
        let contexts = shape::contexts().map_err(shape::unread).map_err(Invalid::from)?;
        let held = match self.credential.receive(contexts, &issuer, holder_key, by.now) {
            Ok(held) => held,
            Err(w3c_vc::ReceiveError::Credential(error)) => return Err(Invalid::from(W3cError::from(error)).into()),
            Err(_) => return Err(ReceiveError::ForeignHolderKey),
        };
        let shape = shape::Shape::of(held.credential()).map_err(Invalid::from)?;
        shape.check(held.credential(), by.requirements).map_err(Invalid::from)?;
        shape::check_envelope(held.credential()).map_err(Invalid::from)?;
        Ok(Box::new(Verified { held, shape }))
    }
}

/// A credential that holds, for a key of this wallet.
#[derive(Debug)]
struct Verified {
    held: HeldCredential,
    shape: shape::Shape,
}

impl Verified {
    fn claims(&self) -> &CredentialClaims {
        self.held.credential()
    }
}

impl VerifiedCopy for Verified {
    fn card_type(&self) -> &str {
        &self.shape.card_type
    }

    fn check_type(&self, _types: &HeldTypes) -> Result<(), HeldTypeError> {
        Ok(())
    }

    fn draw(&self, template: &SvgTemplate, known: &ResolvedType) -> Result<String, SvgTemplateError> {
        let subject = self.claims().subjects().next();
        template.fill(|svg_id| {
            let Some(PatternElement::Name(name)) = known.svg_claim(svg_id)?.path().elements().last() else {
                return None;
            };
            match subject?.get(name)? {
                Value::String(text) => Some(text.clone()),
                value @ (Value::Number(_) | Value::Bool(_)) => Some(value.to_string()),
                _ => None,
            }
        })
    }

    fn values(&self) -> Map<String, Value> {
        let mut values = self.claims().document().clone();
        values.retain(|name, _| !OF_THE_COPY.contains(&name.as_str()));
        if let Some(Value::Object(subject)) = values.get_mut(SUBJECT) {
            subject.remove("id");
        }
        values
    }

    fn status(&self) -> Option<&StatusReference> {
        self.shape.statuses.first()
    }

    fn statuses(&self) -> Vec<&StatusReference> {
        self.shape.statuses.iter().collect()
    }

    fn starts(&self) -> Option<UnixTime> {
        self.claims().valid_from()
    }

    fn expires(&self) -> Option<UnixTime> {
        self.claims().valid_until()
    }

    fn marks(&self) -> Vec<String> {
        marks(self.claims())
    }
}

fn marks(claims: &CredentialClaims) -> Vec<String> {
    // The signature is of this copy alone: no two have one key.
    let named = claims.id().into_iter().chain(shape::status_ids(claims));
    named.map(str::to_owned).collect()
}

/// A credential from the wallet's own vault.
pub(super) struct Held {
    held: HeldCredential,
    types: Vec<String>,
    claims: Value,
}

impl Held {
    pub(super) fn of(held: HeldCredential) -> Result<Self, W3cError> {
        let contexts = shape::contexts().map_err(shape::unread)?;
        Ok(Self {
            types: held.credential().type_names(contexts).map_err(shape::unread)?,
            claims: Value::Object(held.credential().document().clone()),
            held,
        })
    }

    fn says(&self, claim: &ClaimPath) -> bool {
        let mut value = Some(&self.claims);
        for element in claim.elements() {
            value = value.and_then(|value| match element {
                PathElement::Name(name) => value.get(name.as_str()),
                PathElement::Index(place) => value.get(*place),
            });
        }
        value.is_some()
    }
}

impl HeldCopy for Held {
    fn kind(&self) -> CredentialType<'_> {
        CredentialType::Types(&self.types)
    }

    fn claims(&self) -> &Value {
        &self.claims
    }

    fn authorities(&self) -> Vec<Authority> {
        Vec::new()
    }

    fn disclosable(&self) -> Vec<ClaimPath> {
        Vec::new()
    }

    /// Everything: each claim about the subject, and what stands beside them. The `id` of the subject is the key of the
    /// copy, which its presentation names as its holder.
    fn always_visible(&self) -> Vec<ClaimPath> {
        let mut visible = Vec::new();
        for (name, value) in self.held.credential().document() {
            match value {
                Value::Object(subject) if name == SUBJECT => {
                    let said = subject.keys().filter(|member| *member != "id");
                    visible.extend(said.map(|member| ClaimPath::from(&[SUBJECT, member.as_str()][..])));
                }
                _ => visible.push(ClaimPath::from(name.as_str())),
            }
        }
        visible
    }

    fn marks(&self) -> Vec<String> {
        marks(self.held.credential())
    }

    fn present(&self, claims: &[ClaimPath], binding: Binding<'_>, holder: Holder<'_>) -> Result<String, PresentError> {
        if let Some(missing) = claims.iter().find(|claim| !self.says(claim)) {
            return Err(SelectError::NoSuchClaim(missing.clone()).into());
        }
        let contexts =
            shape::contexts().map_err(|error| PresentError::W3c(w3c_vc::MakeProofError::from(error).into()))?;
        let presented = self.held.present(contexts, challenge(binding), holder.now, holder.key);
        presented.map_err(|error| match error {
            w3c_vc::PresentError::Bind(error) => error.into(),
            error => PresentError::W3c(error),
        })
    }
}
