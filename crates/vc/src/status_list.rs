use jose::{Budget, OverBudget, UnixTime};
use serde_json::{Map, Value, json};
use status_list::{Bits, ListTimes, LookUpError, StatusList, VerifiedList};

use crate::document::elements;
use crate::{
    Bitstring, BitstringError, CREDENTIALS_V2, Contexts, CredentialClaims, CredentialError, Hints, IssueError, Signing,
    StatusEntry, StatusPurpose, TrustedIssuer, UnverifiedCredential, budget, date_time, issue,
};

/// Why a status list credential was refused. Bitstring Status List 1.0 §3.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatusListError {
    /// It is no credential that holds. `STATUS_VERIFICATION_ERROR`.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// It is no `BitstringStatusListCredential` about one `BitstringStatusList`. §2.2.
    #[error("not a credential about a status list")]
    Type,
    /// Its `id` is not the URL that the credential names: it is another list.
    #[error("the credential is of another list")]
    OtherList,
    /// `statusPurpose` is missing or malformed. §2.2.
    #[error("the purpose of the list is malformed")]
    Purpose,
    /// It does not say since when it holds, so that its age is not known.
    #[error("the list has no date")]
    Undated,
    /// `ttl` is no whole number of milliseconds. §2.2.
    #[error("ttl is malformed")]
    TimeToLive,
    /// `encodedList` is missing, malformed or too short.
    #[error(transparent)]
    List(#[from] BitstringError),
}

/// A status list credential as it came off the wire.
#[derive(Clone, Debug)]
pub struct UnverifiedStatusList {
    credential: UnverifiedCredential,
}

impl UnverifiedStatusList {
    /// Reads the credential.
    ///
    /// # Errors
    /// [`StatusListError::Credential`]
    pub fn parse(text: &str) -> Result<Self, StatusListError> {
        Self::parse_within(text, budget::STATUS_LIST)
    }

    /// Reads the credential; this and all that follows stays within the budget.
    ///
    /// # Errors
    /// [`StatusListError::Credential`]
    pub fn parse_within(text: &str, budget: Budget) -> Result<Self, StatusListError> {
        Ok(Self {
            credential: UnverifiedCredential::parse_within(text, budget)?,
        })
    }

    /// What it says about its issuer; nothing in it is believed.
    #[must_use]
    pub fn hints(&self) -> Hints<'_> {
        self.credential.hints()
    }

    /// Checks the credential, that it is the list of this URL, and inflates it. §3.2 steps 3 to 9.
    ///
    /// # Errors
    /// [`StatusListError`]
    pub fn verify(
        self,
        contexts: &Contexts,
        issuer: &TrustedIssuer,
        url: &str,
        now: UnixTime,
    ) -> Result<VerifiedStatusList, StatusListError> {
        let verified = self.credential.verify(contexts, issuer, now)?;
        let credential = verified.credential();
        let subject = list_of(credential).ok_or(StatusListError::Type)?;
        // §2.2 lets a list go without `id`. Then an issuer's list for one card could be given out for that of
        // another.
        if credential.id() != Some(url) {
            return Err(StatusListError::OtherList);
        }
        let purposes = subject.get("statusPurpose").map(elements).unwrap_or_default();
        let purposes: Vec<String> = purposes
            .iter()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect();
        if purposes.is_empty() {
            return Err(StatusListError::Purpose);
        }
        let time_to_live = match subject.get("ttl") {
            None => None,
            Some(milliseconds) => Some(milliseconds.as_u64().ok_or(StatusListError::TimeToLive)?),
        };
        let encoded = subject.get("encodedList").and_then(Value::as_str);
        let mut budget = verified.work().clone();
        let list = Bitstring::decode(encoded.ok_or(BitstringError::Multibase)?, &mut budget)?;
        Ok(VerifiedStatusList {
            url: url.to_owned(),
            purposes,
            time_to_live,
            valid_from: credential.valid_from(),
            valid_until: credential.valid_until(),
            list,
        })
    }
}

fn list_of(credential: &CredentialClaims) -> Option<&Map<String, Value>> {
    let mut subjects = credential.subjects();
    let (subject, None) = (subjects.next()?, subjects.next()) else {
        return None;
    };
    let is_list = subject.get("type").map(elements)?.iter().any(|name| name == LIST);
    let is_credential = credential.types().iter().any(|name| name == CREDENTIAL);
    (is_list && is_credential).then_some(subject)
}

/// A list whose credential has been checked.
#[derive(Clone, Debug)]
pub struct VerifiedStatusList {
    url: String,
    purposes: Vec<String>,
    time_to_live: Option<u64>,
    valid_from: Option<UnixTime>,
    valid_until: Option<UnixTime>,
    list: Bitstring,
}

impl VerifiedStatusList {
    /// Whether what the entry stands for is so: the credential is revoked, or suspended. §3.2 steps 7 to 12.
    ///
    /// # Errors
    /// [`LookUpError`]: the credential must be refused.
    pub fn is_set(&self, entry: &StatusEntry) -> Result<bool, LookUpError> {
        if entry.list != self.url {
            return Err(LookUpError::OtherList);
        }
        if !self.purposes.iter().any(|purpose| purpose == entry.purpose.as_str()) {
            return Err(LookUpError::Purpose);
        }
        Ok(self.list.is_set(entry.index)?)
    }

    /// Which list this is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// When it began to hold: the later of two copies is the newer one.
    #[must_use]
    pub fn valid_from(&self) -> Option<UnixTime> {
        self.valid_from
    }

    /// Whether the issuer still stands by the list: not after `validUntil`.
    #[must_use]
    pub fn is_current(&self, now: UnixTime) -> bool {
        self.valid_until.is_none_or(|until| now < until)
    }

    /// For how many milliseconds a copy may be kept. §2.2, `ttl`.
    #[must_use]
    pub fn time_to_live(&self) -> Option<u64> {
        self.time_to_live
    }

    /// The list itself.
    #[must_use]
    pub fn list(&self) -> &Bitstring {
        &self.list
    }

    /// The list as it is held beside Token Status Lists.
    ///
    /// # Errors
    /// [`StatusListError::Undated`]; [`StatusListError::Purpose`] where it is for no purpose that is read here.
    pub fn into_held(self) -> Result<VerifiedList, StatusListError> {
        let purposes = self.purposes.iter().filter_map(|name| StatusPurpose::from_name(name));
        let purposes: Vec<StatusPurpose> = purposes.collect();
        if purposes.is_empty() {
            return Err(StatusListError::Purpose);
        }
        let times = ListTimes {
            issued_at: self.valid_from.ok_or(StatusListError::Undated)?,
            expires: self.valid_until,
            time_to_live: self.time_to_live.map(|milliseconds| (milliseconds / 1_000).max(1)),
        };
        let bytes = self.list.bytes().iter().map(|byte| byte.reverse_bits()).collect();
        let list = StatusList::from_bytes(Bits::One, bytes);
        Ok(VerifiedList::of_bits(self.url, purposes, list, times))
    }
}

/// What an issuer says of a list beside its bits.
#[derive(Clone, Debug)]
pub struct StatusListDraft<'a> {
    /// The URL under which it is published.
    pub url: &'a str,
    /// Who issues it.
    pub issuer: &'a str,
    /// What a set bit means.
    pub purpose: StatusPurpose,
    /// `validFrom`
    pub valid_from: UnixTime,
    /// `validUntil`
    pub valid_until: UnixTime,
    /// `ttl` in milliseconds.
    pub time_to_live: u64,
}

impl StatusListDraft<'_> {
    /// Signs the list as a credential. §2.2, §3.1.
    ///
    /// # Errors
    /// [`IssueError`]
    pub fn issue(&self, list: &Bitstring, contexts: &Contexts, signing: &Signing<'_>) -> Result<String, IssueError> {
        let date = |time| date_time::write(time).ok_or(IssueError::Date);
        let document = json!({
            "@context": [CREDENTIALS_V2],
            "id": self.url,
            "type": ["VerifiableCredential", CREDENTIAL],
            "issuer": self.issuer,
            "validFrom": date(self.valid_from)?,
            "validUntil": date(self.valid_until)?,
            "credentialSubject": {
                "id": format!("{}#list", self.url),
                "type": LIST,
                "statusPurpose": self.purpose.as_str(),
                "ttl": self.time_to_live,
                "encodedList": list.encode(),
            },
        });
        let document = document.as_object().cloned().unwrap_or_default();
        issue(document, contexts, signing)
    }
}

impl From<OverBudget> for StatusListError {
    fn from(over: OverBudget) -> Self {
        Self::List(over.into())
    }
}

const CREDENTIAL: &str = "BitstringStatusListCredential";
const LIST: &str = "BitstringStatusList";
