//! Reading checks from a TOML file.
//!
//! ```toml
//! [[check]]
//! id = "resident-adult"
//! title = { en = "…", de = "…", fr = "…" }     # for the desk; else the purpose
//! purpose = { en = "…", de = "…", fr = "…" }
//! channel = "online"                 # or "in_person"
//! privacy_policy = "https://shop.example/privacy"
//! dcql = '''{ "credentials": […] }'''
//! formats = ["dc+sd-jwt", "mso_mdoc"] # in which cards are taken; else as the query says
//! response_mode = "direct_post.jwt"  # the default; or "direct_post", in the clear inside TLS
//! types = { "person.age_over_18" = "bool", "home.country" = "string" }
//! rule = 'person.age_over_18 && home.country == "HF"'
//! freshness = { ledger_s = 600, status_s = 3600, metadata_s = 3600 }
//! receipts = true                    # the default, but for a portrait in person
//! offline_freshness = { ledger_s = 86400, status_s = 86400, metadata_s = 86400 }
//! [check.issuers]
//! "urn:holdfast:vct:residence:1" = ["accredited", "x5c", "metadata:https://city.example"]
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use card_formats::Format;
use card_types::{NotTheSame, Spoken};
use jiff::tz::TimeZone;
use jose::strict_json::{self, Limits};
use ledger::{Channel, FreshnessLimit, Localized};
use oid4vp::{AuthorityType, DcqlQuery, TrustedAuthority};
use rule::{ClaimType, Rule};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::claims::{asks_for_portrait, every_set_answers};
use super::error::CheckProblem;
use super::{AcceptedIssuers, AnswerMode, Check, CheckError, Freshness};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChecksFile {
    #[serde(default)]
    check: Vec<CheckEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckEntry {
    id: String,
    #[serde(default)]
    title: BTreeMap<String, String>,
    purpose: BTreeMap<String, String>,
    channel: Channel,
    privacy_policy: String,
    dcql: String,
    #[serde(default)]
    formats: Vec<String>,
    #[serde(default)]
    response_mode: AnswerMode,
    #[serde(default)]
    types: BTreeMap<String, String>,
    rule: String,
    #[serde(default)]
    freshness: Freshness,
    #[serde(default)]
    offline_freshness: OfflineFreshness,
    issuers: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    keep: Vec<String>,
    #[serde(default)]
    retention_days: u32,
    #[serde(default = "utc")]
    time_zone: String,
    return_url: Option<String>,
    receipts: Option<bool>,
}

/// [`Freshness`] of answers without a network: a day where nothing is said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct OfflineFreshness {
    ledger_s: u64,
    status_s: u64,
    metadata_s: u64,
}

impl Default for OfflineFreshness {
    fn default() -> Self {
        let FreshnessLimit(day) = FreshnessLimit::OFFLINE;
        Self {
            ledger_s: day,
            status_s: day,
            metadata_s: day,
        }
    }
}

impl From<OfflineFreshness> for Freshness {
    fn from(limits: OfflineFreshness) -> Self {
        Self {
            ledger_s: limits.ledger_s,
            status_s: limits.status_s,
            metadata_s: limits.metadata_s,
        }
    }
}

/// Reads and checks a file of checks.
///
/// # Errors
/// [`CheckError`], which names the check and the key.
pub fn load_checks(path: &Path) -> Result<BTreeMap<String, Check>, CheckError> {
    let text = std::fs::read_to_string(path).map_err(|source| CheckError::Read {
        path: path.display().to_string(),
        source,
    })?;
    parse_checks(&text)
}

pub(crate) fn parse_checks(text: &str) -> Result<BTreeMap<String, Check>, CheckError> {
    let file: ChecksFile =
        toml::from_str(text).map_err(|error| CheckError::Toml(error.to_string().trim().replace('\n', " ")))?;
    if file.check.is_empty() {
        return Err(CheckError::NoCheck);
    }
    collect(file.check)
}

/// Reads and checks checks that came as JSON: each is what one `[[check]]` of a file is, but that
/// `dcql` may be the object itself.
pub(crate) fn checks_from_json(entries: &[Value]) -> Result<BTreeMap<String, Check>, CheckError> {
    let read = |entry: &Value| {
        let mut entry = entry.clone();
        if let Some(dcql) = entry.get_mut("dcql").filter(|dcql| dcql.is_object()) {
            *dcql = Value::String(dcql.to_string());
        }
        serde_json::from_value::<CheckEntry>(entry).map_err(|error| CheckError::Json(error.to_string()))
    };
    collect(entries.iter().map(read).collect::<Result<Vec<_>, _>>()?)
}

fn collect(entries: Vec<CheckEntry>) -> Result<BTreeMap<String, Check>, CheckError> {
    let mut checks = BTreeMap::new();
    for entry in entries {
        let id = entry.id.clone();
        if !is_id(&id) {
            return Err(CheckError::Id(id));
        }
        let check = entry.check().map_err(|problem| CheckError::Check {
            check: id.clone(),
            problem,
        })?;
        if checks.insert(id.clone(), check).is_some() {
            return Err(CheckError::DuplicateId(id));
        }
    }
    Ok(checks)
}

impl CheckEntry {
    /// The query, with the cards in every format in which they are taken; what speaks of them is widened with it.
    fn widened(&mut self) -> Result<Value, CheckProblem> {
        if let Some(unknown) = self.formats.iter().find(|name| Format::named(name).is_none()) {
            return Err(CheckProblem::Format(unknown.clone()));
        }
        let mut query = strict_json::parse(self.dcql.as_bytes(), &Limits::MESSAGE).map_err(CheckProblem::Json)?;
        let mut spoken = Spoken {
            query: &mut query,
            types: &mut self.types,
            rule: &mut self.rule,
            keep: &mut self.keep,
            issuers: &mut self.issuers,
        };
        spoken
            .ask_in(&self.formats)
            .map_err(|NotTheSame { path, format }| CheckProblem::NotInFormat(path, format))?;
        say_what_is_kept(&mut query, &self.keep);
        Ok(query)
    }

    fn check(mut self) -> Result<Check, CheckProblem> {
        let query = query(&self.widened()?)?;
        let asked = query.rule_names();
        let unknown = |name: &&String| !asked.contains(*name);
        if let Some(name) = self.types.keys().find(unknown) {
            return Err(CheckProblem::UnknownClaim(name.clone()));
        }
        if let Some(name) = self.keep.iter().find(unknown) {
            return Err(CheckProblem::KeepUnknown(name.clone()));
        }
        if self.keep.is_empty() != (self.retention_days == 0) {
            return Err(CheckProblem::Retention);
        }
        if self.keep.iter().any(|name| name.ends_with(".portrait")) {
            return Err(CheckProblem::KeepPortrait);
        }
        let types = self
            .types
            .iter()
            .map(|(name, kind)| Ok((name.clone(), claim_type(kind)?)))
            .collect::<Result<Vec<_>, CheckProblem>>()?;
        let time_zone = TimeZone::get(&self.time_zone).map_err(|_| CheckProblem::TimeZone(self.time_zone.clone()))?;
        let purpose = texts(self.purpose, CheckProblem::PurposeLanguage, CheckProblem::PurposeText)?;
        let title = if self.title.is_empty() {
            purpose.clone()
        } else {
            texts(self.title, CheckProblem::TitleLanguage, CheckProblem::TitleText)?
        };
        let is_sensitive = self.channel == Channel::InPerson && asks_for_portrait(&query);
        let rule = Rule::parse(&self.rule, types)?;
        every_set_answers(&query, &rule)?;
        Ok(Check {
            receipts: self.receipts.unwrap_or(!is_sensitive),
            title,
            purpose,
            rule,
            issuers: issuers(&query, &self.issuers)?,
            keep: self.keep.iter().filter_map(|name| split(name)).collect(),
            privacy_policy: web_address(&self.privacy_policy)
                .ok_or(CheckProblem::PrivacyPolicy)?
                .into(),
            return_url: match &self.return_url {
                None => None,
                Some(text) => Some(web_address(text).ok_or(CheckProblem::ReturnUrl)?),
            },
            id: self.id,
            channel: self.channel,
            query,
            answer_mode: self.response_mode,
            freshness: self.freshness,
            offline_freshness: self.offline_freshness.into(),
            retention_days: self.retention_days,
            time_zone,
        })
    }
}

/// Of mdocs a request says of each element whether it is kept: what the check says, whatever its query says. OpenID4VP 1.0
/// Appendix B.2.4
fn say_what_is_kept(query: &mut Value, keep: &[String]) {
    let credentials = query.get_mut("credentials").and_then(Value::as_array_mut);
    let mdocs = credentials
        .into_iter()
        .flatten()
        .filter(|asked| asked["format"] == Format::MDOC.name());
    for asked in mdocs {
        let id = asked["id"].as_str().unwrap_or_default().to_owned();
        let claims = asked.get_mut("claims").and_then(Value::as_array_mut);
        for claim in claims.into_iter().flatten().filter_map(Value::as_object_mut) {
            let name = claim.get("path").and_then(|path| path.get(1)?.as_str());
            let kept = name.is_some_and(|name| keep.contains(&format!("{id}.{name}")));
            claim.insert("intent_to_retain".to_owned(), kept.into());
        }
    }
}

fn query(json: &Value) -> Result<DcqlQuery, CheckProblem> {
    let query = DcqlQuery::parse(json)?;
    if let Some((_, path)) = query.repeated_claim() {
        return Err(CheckProblem::RepeatedClaim(path.to_string()));
    }
    for asked in query.credentials() {
        if Format::named(asked.format()).is_none() {
            return Err(CheckProblem::Format(asked.format().to_owned()));
        }
        let mut authorities = asked.trusted_authorities().iter().map(TrustedAuthority::kind);
        if let Some(kind) = authorities.find(|kind| **kind != AuthorityType::KeyIdentifier) {
            return Err(CheckProblem::TrustedAuthority(kind.clone()));
        }
        if !asked.claim_sets().is_sorted_by_key(Vec::len) {
            return Err(CheckProblem::ClaimSetOrder(asked.id().to_string()));
        }
    }
    Ok(query)
}

fn issuers(
    query: &DcqlQuery,
    configured: &BTreeMap<String, Vec<String>>,
) -> Result<BTreeMap<String, AcceptedIssuers>, CheckProblem> {
    let mut table = BTreeMap::new();
    for asked in query.credentials() {
        for vct in asked.meta().type_names() {
            let words = configured
                .get(vct)
                .filter(|words| !words.is_empty())
                .ok_or_else(|| CheckProblem::NoIssuers(vct.to_owned()))?;
            let accepted = AcceptedIssuers::parse(words)?;
            if !asked.trusted_authorities().is_empty() && !accepted.by_certificate() {
                return Err(CheckProblem::AuthorityWithoutChain(vct.to_owned()));
            }
            table.insert(vct.to_owned(), accepted);
        }
    }
    Ok(table)
}

/// A text in every language that there is.
fn texts(
    texts: BTreeMap<String, String>,
    missing: fn(&'static str) -> CheckProblem,
    refused: CheckProblem,
) -> Result<Localized, CheckProblem> {
    match ["en", "de", "fr"]
        .into_iter()
        .find(|language| !texts.contains_key(*language))
    {
        Some(language) => Err(missing(language)),
        None => Localized::new(texts).map_err(|_| refused),
    }
}

fn claim_type(word: &str) -> Result<ClaimType, CheckProblem> {
    match word {
        "bool" => Ok(ClaimType::Bool),
        "int" => Ok(ClaimType::Int),
        "string" => Ok(ClaimType::String),
        "date" => Ok(ClaimType::Date),
        "strings" => Ok(ClaimType::StringList),
        "ints" => Ok(ClaimType::IntList),
        _ => Err(CheckProblem::UnknownType(word.to_owned())),
    }
}

pub(super) fn web_address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let local = url
        .host_str()
        .is_some_and(|host| host == "localhost" || host.ends_with(".localhost"));
    (url.scheme() == "https" || (url.scheme() == "http" && local)).then_some(url)
}

fn split(name: &str) -> Option<(String, String)> {
    name.split_once('.')
        .map(|(query, claim)| (query.to_owned(), claim.to_owned()))
}

/// Whether a text is 1 to 64 lower-case letters, digits and hyphens.
pub(crate) fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn utc() -> String {
    "UTC".to_owned()
}
