use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use jose::{Algorithm, RandomSource};
use oid4vci::metadata::FormatProfile;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use crate::mdoc::Mdoc;
use crate::sd_jwt_vc::SdJwtVc;
use crate::w3c::W3cVc;
use crate::{
    Binding, DecodeError, Decoded, HeldCopy, Invalid, IssueError, NewCopy, PresentationError, PresentedCopy,
    ReceiveError, ReceivedCopy,
};

/// A format of cards. Two are the same where their names are.
#[derive(Clone, Copy)]
pub struct Format(&'static dyn CardFormat);

impl Format {
    /// `dc+sd-jwt`. The only one of wallets that know no other.
    pub const SD_JWT_VC: Self = Self(&SdJwtVc);

    /// `mso_mdoc`
    pub const MDOC: Self = Self(&Mdoc);

    /// `ldp_vc`
    pub const W3C: Self = Self(&W3cVc);

    /// Every format.
    pub const ALL: [Self; 3] = [Self::SD_JWT_VC, Self::MDOC, Self::W3C];

    /// The format of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// What a member at the top of a card is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// For the credential's own sake: every one of the format has it.
    Envelope,
    /// For machines, and yet it may say something about the person.
    Unnamed,
    /// To say something.
    Said,
}

/// What the claims of a card stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    /// Nothing: they are at the top.
    Nothing,
    /// The member of this name, of every card.
    Member(&'static str),
    /// Whatever members a card has, each with claims of its own.
    Any,
}

/// What a format has to be able to do; everything that anybody outside has to know of its bytes.
pub trait CardFormat: Sync {
    /// Its identifier in OpenID4VCI and OpenID4VP.
    fn name(&self) -> &'static str;

    /// How an issuer of ours marks the configurations of the format: `<type>.<mark>`; `None` for the format that needs
    /// no mark.
    fn mark(&self) -> Option<&'static str>;

    /// Whether its presentations can be shown without a network, as codes. docs/offline-qr.md §3
    fn shown_as_codes(&self) -> bool;

    /// What a member at the top of its claims is there for.
    fn member(&self, name: &str) -> Member;

    /// What its claims stand in.
    fn claims_stand_in(&self) -> Around;

    /// What it says, by the names that rules use.
    fn named_claims(&self, claims: &Map<String, Value>) -> Map<String, Value>;

    /// A type in an issuer's metadata. OpenID4VCI 1.0 Appendix A
    fn profile(&self, card_type: &str) -> FormatProfile;

    /// The type that such an entry means, as copies of it are called; `None` for an entry of another format.
    fn card_type(&self, profile: &FormatProfile) -> Option<String> {
        profile.card_type().map(str::to_owned)
    }

    /// How issuer metadata name the algorithm that the issuer signs with. OpenID4VCI 1.0 §12.2.4
    fn signing_algorithm(&self, algorithm: Algorithm) -> Value;

    /// How it writes the holder's key. OpenID4VCI 1.0 §12.2.4
    fn binding_method(&self) -> &'static str;

    /// Signs a copy.
    ///
    /// # Errors
    /// [`IssueError`]
    fn issue(&self, copy: &NewCopy<'_>, random: &mut dyn RandomSource) -> Result<String, IssueError>;

    /// Takes apart a copy that an issuer sent.
    ///
    /// # Errors
    /// [`ReceiveError`]
    fn received(&self, copy: &str) -> Result<Box<dyn ReceivedCopy>, ReceiveError>;

    /// Takes apart a copy that the wallet verified before it put it into its own vault: signature and dates are not
    /// checked again.
    ///
    /// # Errors
    /// [`Invalid`]
    fn held(&self, copy: &str) -> Result<Box<dyn HeldCopy>, Invalid>;

    /// Reads a presentation that is finished, by other code than made it, and checks to whom it is made out where that
    /// is given. No signature of an issuer is checked.
    ///
    /// # Errors
    /// [`DecodeError`]
    fn decode(&self, presentation: &str, binding: Option<Binding<'_>>) -> Result<Decoded, DecodeError>;

    /// Takes apart a presentation that came.
    ///
    /// # Errors
    /// [`PresentationError`]
    fn presented(&self, presentation: &str) -> Result<Box<dyn PresentedCopy>, PresentationError>;
}

impl Deref for Format {
    type Target = dyn CardFormat;

    fn deref(&self) -> &Self::Target {
        self.0
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Format {}

impl Hash for Format {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What stands where older versions wrote no format.
impl Default for Format {
    fn default() -> Self {
        Self::SD_JWT_VC
    }
}

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| de::Error::custom("a format of cards that is not known"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Names of claims are read where claims are said to stand.
    #[test]
    fn a_claim_stands_where_its_format_says() {
        for format in Format::ALL {
            let claim = json!({ "size": 1 });
            let claims = match format.claims_stand_in() {
                Around::Nothing => claim,
                Around::Member(name) => json!({ name: claim }),
                Around::Any => json!({ "org.example.1": claim }),
            };
            let named = format.named_claims(claims.as_object().unwrap());
            assert_eq!(named.get("size"), Some(&json!(1)), "{format:?}");
        }
    }

    #[test]
    fn the_formats_of_cards_are_those_of_requests() {
        let cards: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
        let requests: Vec<&str> = oid4vp::supported_formats().collect();
        assert_eq!(cards, requests);
    }

    #[test]
    fn a_format_comes_back_by_its_name() {
        for format in Format::ALL {
            let json = serde_json::to_string(&format).unwrap();
            assert_eq!(serde_json::from_str::<Format>(&json).unwrap(), format);
            let profile = format.profile("urn:card:1");
            assert_eq!(
                (profile.name(), profile.card_type()),
                (format.name(), Some("urn:card:1"))
            );
            assert_eq!(format.card_type(&profile).as_deref(), Some("urn:card:1"));
        }
        assert!(serde_json::from_str::<Format>("\"vc+sd-jwt\"").is_err());
    }

    #[test]
    fn no_two_formats_have_one_mark() {
        let mut marks: Vec<Option<&str>> = Format::ALL.iter().map(|format| format.mark()).collect();
        marks.sort_unstable();
        marks.dedup();
        assert_eq!(marks.len(), Format::ALL.len());
    }
}
