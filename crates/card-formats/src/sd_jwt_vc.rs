//! SD-JWT VC. draft-ietf-oauth-sd-jwt-vc, RFC 9901

use jose::x5c::{Purpose, UnverifiedChain};
use jose::{Algorithm, PublicJwk, RandomSource, UnixTime};
use oid4vci::metadata::FormatProfile;
use oid4vp::{Authority, CredentialType, HolderBinding};
use sd_jwt::{
    Challenge, CredentialClaims, CredentialDraft, Disclosable, HeldSdJwt, KeyBindingPolicy, Padding, SdJwtError,
    UnverifiedPresentation, UnverifiedSdJwt, VerifiedCredential, decode_presentation,
};
use serde_json::{Map, Value};
use status_list::StatusReference;

use crate::type_metadata::{ResolvedType, SvgTemplate, SvgTemplateError};
use crate::{
    Binding, CardFormat, ClaimPath, DecodeError, Decoded, Disclosed, HeldCopy, HeldTypeError, HeldTypes, Holder,
    Invalid, IssueError, IssuerHints, Member, NewCopy, PresentError, PresentationError, PresentedCopy, ReceiveError,
    ReceivedCopy, ShownCopy, Trusted, VerifiedCopy,
};

/// The format.
pub(crate) struct SdJwtVc;

/// Members that every credential carries for its own sake.
const ENVELOPE: [&str; 9] = [
    "iss",
    "iat",
    "nbf",
    "exp",
    "cnf",
    "vct",
    "vct#integrity",
    "aka_vcts",
    "status",
];
/// Further members that a person is not shown as what the card says.
const UNNAMED: [&str; 2] = ["_sd_alg", "sub"];
/// What may differ between copies of one card; the rest is the card.
const OF_THE_COPY: [&str; 5] = ["cnf", "status", "iat", "nbf", "exp"];

impl CardFormat for SdJwtVc {
    fn name(&self) -> &'static str {
        sd_jwt::TYP
    }

    fn mark(&self) -> Option<&'static str> {
        None
    }

    fn shown_as_codes(&self) -> bool {
        true
    }

    fn member(&self, name: &str) -> Member {
        match name {
            name if ENVELOPE.contains(&name) => Member::Envelope,
            name if UNNAMED.contains(&name) => Member::Unnamed,
            _ => Member::Said,
        }
    }

    fn named_claims(&self, claims: &Map<String, Value>) -> Map<String, Value> {
        claims.clone()
    }

    fn profile(&self, card_type: &str) -> FormatProfile {
        FormatProfile::SdJwtVc {
            vct: card_type.to_owned(),
        }
    }

    fn signing_algorithm(&self, algorithm: Algorithm) -> Value {
        algorithm.to_string().into()
    }

    fn binding_method(&self) -> &'static str {
        "jwk"
    }

    fn issue(&self, copy: &NewCopy<'_>, random: &mut dyn RandomSource) -> Result<String, IssueError> {
        let draft = CredentialDraft {
            vct: copy.card_type.to_owned(),
            issuer: Some(copy.issuer.to_owned()),
            issued_at: copy.issued_at,
            not_before: copy.issued_at,
            expires: copy.expires,
            holder_key: copy.holder_key.clone(),
            status: Some(copy.status.clone()),
            claims: copy.claims.clone(),
            disclosable: Disclosable::EveryClaim,
            padding: Padding::To(copy.digests),
        };
        let issued = draft.issue(Some(copy.kid), copy.x5c.cloned(), random, copy.signer);
        issued.map_err(|error| match error {
            sd_jwt::IssueError::Sign(error) => error.into(),
            error => IssueError::SdJwtVc(error),
        })
    }

    fn received(&self, copy: &str) -> Result<Box<dyn ReceivedCopy>, ReceiveError> {
        match UnverifiedSdJwt::parse(copy) {
            Ok(unverified) => Ok(Box::new(Received(unverified))),
            Err(SdJwtError::KeyBindingPresent) => Err(ReceiveError::AlreadyBound),
            Err(error) => Err(Invalid::from(error).into()),
        }
    }

    fn held(&self, copy: &str) -> Result<Box<dyn HeldCopy>, Invalid> {
        let held = UnverifiedSdJwt::parse(copy)?.dangerous_from_storage()?;
        let claims = Value::Object(held.claims().clone());
        Ok(Box::new(Held { held, claims }))
    }

    fn decode(&self, presentation: &str, binding: Option<Binding<'_>>) -> Result<Decoded, DecodeError> {
        let decoded = decode_presentation(presentation)?;
        if let Some(Binding { audience, nonce, .. }) = binding {
            if decoded.audience.as_deref() != Some(audience) {
                return Err(DecodeError::OtherAudience);
            }
            if decoded.nonce.as_deref() != Some(nonce) {
                return Err(DecodeError::OtherNonce);
            }
        }
        let disclosed = decoded.disclosed.into_iter().map(|claim| Disclosed {
            path: claim.path,
            value: open(claim.value),
        });
        Ok(Decoded {
            always_visible: decoded.always_visible,
            disclosed: disclosed.collect(),
        })
    }

    fn presented(&self, presentation: &str) -> Result<Box<dyn PresentedCopy>, PresentationError> {
        let unverified = UnverifiedPresentation::parse(presentation).map_err(refusal)?;
        Ok(Box::new(Presented(unverified)))
    }
}

/// A value without its digests.
fn open(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(name, _)| name != "_sd")
            .map(|(name, value)| (name, open(value)))
            .collect(),
        Value::Array(elements) => elements
            .into_iter()
            .filter(|element| !is_digest(element))
            .map(open)
            .collect(),
        value => value,
    }
}

fn is_digest(element: &Value) -> bool {
    let members = element.as_object();
    members.is_some_and(|members| members.len() == 1 && members.contains_key("..."))
}

fn hints(said: sd_jwt::IssuerHints<'_>) -> IssuerHints<'_> {
    IssuerHints {
        iss: said.iss,
        vct: said.vct,
        kid: said.kid,
        x5c: said.x5c,
        purpose: Purpose::Credential,
    }
}

struct Received(UnverifiedSdJwt);

impl ReceivedCopy for Received {
    fn hints(&self) -> IssuerHints<'_> {
        hints(self.0.hints())
    }

    fn verify(self: Box<Self>, by: Trusted<'_>, holder_key: &PublicJwk) -> Result<Box<dyn VerifiedCopy>, ReceiveError> {
        match self.0.receive(by.issuer_key, holder_key, by.requirements, by.now) {
            Ok((held, claims)) => Ok(Box::new(Verified { held, claims })),
            Err(sd_jwt::ReceiveError::ForeignHolderKey) => Err(ReceiveError::ForeignHolderKey),
            Err(error) => Err(Invalid::SdJwtVc(error).into()),
        }
    }
}

#[derive(Debug)]
struct Verified {
    held: HeldSdJwt,
    claims: CredentialClaims,
}

impl VerifiedCopy for Verified {
    fn card_type(&self) -> &str {
        self.claims.vct()
    }

    fn check_type(&self, types: &HeldTypes) -> Result<(), HeldTypeError> {
        types.check_held(&self.held, &self.claims)
    }

    fn draw(&self, template: &SvgTemplate, known: &ResolvedType) -> Result<String, SvgTemplateError> {
        template.fill_from(known, &self.held)
    }

    fn values(&self) -> Map<String, Value> {
        let mut values = self.held.claims().clone();
        values.retain(|name, _| !OF_THE_COPY.contains(&name.as_str()));
        values
    }

    fn status(&self) -> Option<&StatusReference> {
        self.claims.status()
    }

    fn starts(&self) -> Option<UnixTime> {
        self.claims.not_before()
    }

    fn expires(&self) -> Option<UnixTime> {
        self.claims.expires()
    }

    fn marks(&self) -> Vec<String> {
        marks(&self.held)
    }
}

fn marks(held: &HeldSdJwt) -> Vec<String> {
    let disclosures = held.compact().split('~').skip(1);
    disclosures.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

struct Held {
    held: HeldSdJwt,
    claims: Value,
}

impl HeldCopy for Held {
    fn kind(&self) -> CredentialType<'_> {
        CredentialType::Vct(self.claims.get("vct").and_then(Value::as_str).unwrap_or_default())
    }

    fn claims(&self) -> &Value {
        &self.claims
    }

    fn authorities(&self) -> Vec<Authority> {
        let Ok(stored) = UnverifiedSdJwt::parse(self.held.compact()) else {
            return Vec::new();
        };
        let chain = stored.hints().x5c.and_then(|x5c| UnverifiedChain::parse(x5c).ok());
        chain.map_or_else(Vec::new, |chain| {
            chain.dangerous_authority_keys().map(Authority::of_key).collect()
        })
    }

    fn disclosable(&self) -> Vec<ClaimPath> {
        self.held.disclosable().cloned().collect()
    }

    fn always_visible(&self) -> Vec<ClaimPath> {
        self.held.always_visible()
    }

    fn marks(&self) -> Vec<String> {
        marks(&self.held)
    }

    fn present(&self, claims: &[ClaimPath], binding: Binding<'_>, holder: Holder<'_>) -> Result<String, PresentError> {
        let challenge = Challenge {
            audience: binding.audience,
            nonce: binding.nonce,
        };
        Ok(self.held.select(claims)?.bind(challenge, holder.now, holder.key)?)
    }
}

struct Presented(UnverifiedPresentation);

impl PresentedCopy for Presented {
    fn hints(&self) -> IssuerHints<'_> {
        hints(self.0.hints())
    }

    fn verify(
        self: Box<Self>,
        by: Trusted<'_>,
        binding: Option<Binding<'_>>,
    ) -> Result<Box<dyn ShownCopy>, PresentationError> {
        let policy = match binding {
            Some(Binding { audience, nonce, .. }) => KeyBindingPolicy::Required { audience, nonce },
            None => KeyBindingPolicy::NotRequired,
        };
        let verified = self.0.verify_credential(by.issuer_key, by.requirements, policy, by.now);
        let credential = verified.map_err(|error| match error {
            sd_jwt::PresentationError::KeyBinding(_) => PresentationError::HolderBinding,
            sd_jwt::PresentationError::SdJwt(error) => refusal(error),
            _ => PresentationError::Invalid,
        })?;
        let claims = Value::Object(credential.claims().clone());
        Ok(Box::new(Shown { credential, claims }))
    }
}

fn refusal(error: SdJwtError) -> PresentationError {
    match error {
        SdJwtError::Expired => PresentationError::Expired,
        SdJwtError::NotYetValid => PresentationError::NotYetValid,
        _ => PresentationError::Invalid,
    }
}

struct Shown {
    credential: VerifiedCredential,
    claims: Value,
}

impl ShownCopy for Shown {
    fn kind(&self) -> CredentialType<'_> {
        CredentialType::Vct(self.credential.credential().vct())
    }

    fn claims(&self) -> &Value {
        &self.claims
    }

    fn disclosed(&self) -> Vec<&ClaimPath> {
        self.credential.disclosed().collect()
    }

    fn holder_binding(&self) -> HolderBinding {
        match self.credential.key_binding() {
            Some(_) => HolderBinding::Cryptographic,
            None => HolderBinding::None,
        }
    }

    fn status(&self) -> Option<&StatusReference> {
        self.credential.credential().status()
    }

    fn check_type(&self, types: &HeldTypes) -> Result<(), HeldTypeError> {
        types.check_presented(&self.credential)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_still_hidden_in_a_value_is_no_part_of_it() {
        let value = json!({"_sd": ["x"], "a": {"_sd": ["y"]}, "b": [{"...": "z"}, {"...": "z", "c": 1}, 1]});
        assert_eq!(open(value), json!({"a": {}, "b": [{"...": "z", "c": 1}, 1]}));
    }

    #[test]
    fn members_are_there_for_something() {
        let members = ["vct", "sub", "family_name"].map(|name| SdJwtVc.member(name));
        assert_eq!(members, [Member::Envelope, Member::Unnamed, Member::Said]);
    }
}
