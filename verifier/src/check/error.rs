use oid4vp::{AuthorityType, DcqlError};

/// Why a check cannot be used; each text names the check and the key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The file cannot be read.
    #[error("the checks file {path} cannot be read")]
    Read {
        /// The file.
        path: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML, a key is missing, unknown or of the wrong type.
    #[error("checks file: {0}")]
    Toml(String),
    /// A check that came as JSON lacks a key, has an unknown one or one of the wrong type.
    #[error("checks: {0}")]
    Json(String),
    /// No check at all.
    #[error("checks file: no [[check]]")]
    NoCheck,
    /// Two checks have one id.
    #[error("check {0}: the id is used twice")]
    DuplicateId(String),
    /// An id other than 1 to 64 lower-case letters, digits and hyphens.
    #[error("check {0}: id is not made of a-z, 0-9 and -")]
    Id(String),
    /// A rule about one check is broken.
    #[error("check {check}: {problem}")]
    Check {
        /// The check.
        check: String,
        /// What is wrong.
        #[source]
        problem: CheckProblem,
    },
}

/// What is wrong with one check.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckProblem {
    /// `purpose` lacks a language.
    #[error("purpose: {0} is missing")]
    PurposeLanguage(&'static str),
    /// `purpose` has a text that is not allowed.
    #[error("purpose: a text is empty, too long or holds control characters")]
    PurposeText,
    /// `title` lacks a language.
    #[error("title: {0} is missing")]
    TitleLanguage(&'static str),
    /// `title` has a text that is not allowed.
    #[error("title: a text is empty, too long or holds control characters")]
    TitleText,
    /// `privacy_policy` is no https address (or http to localhost).
    #[error("privacy_policy is not an https address")]
    PrivacyPolicy,
    /// `dcql` is not strict JSON.
    #[error("dcql is not JSON: {0}")]
    Json(jose::strict_json::StrictJsonError),
    /// `dcql` breaks a rule.
    #[error("dcql: {0}")]
    Dcql(#[from] DcqlError),
    /// `trusted_authorities` of a type that nothing here can check: a wallet
    /// is not relied on for it. OpenID4VP 1.0 §14.8
    #[error("dcql: trusted_authorities of type {0} cannot be checked, only aki can")]
    TrustedAuthority(AuthorityType),
    /// `trusted_authorities` for a type of which no certificate chain is verified.
    #[error("issuers: {0} needs x5c, because trusted_authorities asks for a certificate chain")]
    AuthorityWithoutChain(String),
    /// A credential query of a format that is not built.
    #[error("dcql: format {0} is not supported")]
    Format(String),
    /// A claim that cards of another format do not have, or write in another way.
    #[error("formats: {0} is not the same in {1}")]
    NotInFormat(String, &'static str),
    /// One claim is asked for twice. OpenID4VP 1.0 §6.1
    #[error("dcql: claim {0} is asked for twice")]
    RepeatedClaim(String),
    /// A larger claim set stands before a smaller one.
    #[error("dcql: claim_sets of {0} do not go from the smallest to the largest")]
    ClaimSetOrder(String),
    /// A claim set with which the rule gives no answer, so that whoever shows no more than that
    /// is not told yes or no. docs/rules.md §4
    #[error("rule: with a claim set of {0} there is no answer; ask with has() for what may be left out")]
    ClaimSetWithoutAnswer(String),
    /// `rule` does not pass.
    #[error("rule: {0}")]
    Rule(#[from] rule::RuleError),
    /// `types` declares a claim that the query does not ask for.
    #[error("types: {0} is not asked for")]
    UnknownClaim(String),
    /// A type that rules do not know.
    #[error("types: {0} is not bool, int, string, date, strings or ints")]
    UnknownType(String),
    /// No entry in `issuers` for a type that is asked for.
    #[error("issuers: nothing says whose {0} are accepted")]
    NoIssuers(String),
    /// An entry in `issuers` is none of `accredited`, `x5c`, `x5c:NAME` and `metadata:URL`.
    #[error("issuers: {0} is not accredited, x5c, x5c:NAME or metadata:URL")]
    IssuerMechanism(String),
    /// `metadata:` without the https address of an issuer.
    #[error("issuers: metadata:{0} names no issuer by an https address without query and fragment")]
    IssuerUrl(String),
    /// `keep` names a claim that the query does not ask for.
    #[error("keep: {0} is not asked for")]
    KeepUnknown(String),
    /// `keep` without `retention_days`, or the other way round.
    #[error("keep and retention_days go together")]
    Retention,
    /// A portrait is shown, never stored.
    #[error("keep: a portrait is never kept")]
    KeepPortrait,
    /// `time_zone` is not known.
    #[error("time_zone {0} is not known")]
    TimeZone(String),
    /// `return_url` is no http address.
    #[error("return_url is not an https address")]
    ReturnUrl,
}
