//! A service that an organisation offers. docs/ledger.md §4.9.

use did::Did;
use jose::UnixTime;
use serde::{Deserialize, Serialize};

use super::json::{hash_text, present};
use super::text::{check_impersonal, check_public_link};
use super::{Localized, PayloadError, check_count, from_canonical, to_canonical};
use crate::hash::Hash;
use crate::map::Family;
use crate::object::ObjectSubject;

/// Longest time limit in days.
const TIME_LIMIT_DAYS: u32 = 3650;

/// What a service is, who decides, who is entitled, what it costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Who decides.
    pub competent: Did,
    /// Where to complain.
    pub complaints: String,
    /// What it costs; nothing where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub fee: Option<Fee>,
    /// The laws behind it.
    pub legal_basis: Vec<LegalBasis>,
    /// What people call it.
    pub name: Localized,
    /// Where it is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub page: Option<String>,
    /// Who is entitled; everybody where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub rule: Option<RuleReference>,
    /// Owner, `/service/`, name. docs/ledger.md §3.1
    pub subject: String,
    /// What it is.
    pub text: Localized,
    /// Within how many days there is an answer.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub time_limit_days: Option<u32>,
    /// Offered while now is earlier.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub until: Option<UnixTime>,
}

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// In the smallest unit of the currency.
    pub amount: u64,
    /// ISO 4217.
    pub currency: String,
}

/// A law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    /// What it is called.
    pub name: Localized,
    /// Where it can be read.
    pub uri: String,
}

/// A rule of this hash, whatever its record says later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleReference {
    /// The rule hash of docs/rules.md §5.
    #[serde(with = "hash_text")]
    pub hash: Hash,
    /// Where the rule is anchored.
    pub subject: String,
}

impl Service {
    /// Reads the payload.
    ///
    /// # Errors
    /// [`PayloadError`]
    pub fn parse(bytes: &[u8]) -> Result<Self, PayloadError> {
        let service: Self = from_canonical(bytes)?;
        service.check()?;
        Ok(service)
    }

    /// The payload's bytes.
    ///
    /// # Errors
    /// [`PayloadError`]
    pub fn encode(&self) -> Result<Vec<u8>, PayloadError> {
        self.check()?;
        to_canonical(self)
    }

    fn check(&self) -> Result<(), PayloadError> {
        check_impersonal("name", &self.name)?;
        check_impersonal("text", &self.text)?;
        check_public_link("complaints", &self.complaints)?;
        self.page.iter().try_for_each(|page| check_public_link("page", page))?;
        check_count("legal_basis", self.legal_basis.len(), 1..=16)?;
        for law in &self.legal_basis {
            check_impersonal("legal_basis", &law.name)?;
            check_public_link("legal_basis", &law.uri)?;
        }
        let is_money = |fee: &Fee| {
            fee.amount > 0 && fee.currency.len() == 3 && fee.currency.bytes().all(|byte| byte.is_ascii_uppercase())
        };
        if !self.fee.iter().all(is_money) {
            return Err(PayloadError::Text("fee"));
        }
        if self.time_limit_days.is_some_and(|days| days > TIME_LIMIT_DAYS) {
            return Err(PayloadError::Text("time_limit_days"));
        }
        let is_rule = |rule: &RuleReference| ObjectSubject::parse_owned(Family::Rule, &rule.subject).is_some();
        if self.rule.iter().all(is_rule) {
            Ok(())
        } else {
            Err(PayloadError::Text("rule"))
        }
    }
}
