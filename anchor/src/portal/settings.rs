//! Settings of the portal: `[portal]` of the log's configuration. Where there is no such section, there is no portal.

use serde::{Deserialize, Serialize};
use service::Secret;
use url::Url;

/// The settings of the portal.
#[derive(Clone, Debug, Deserialize)]
pub struct PortalSettings {
    /// The verifier that serves many businesses. Without one, businesses host themselves.
    #[serde(default)]
    pub verifier_url: Option<Url>,
    /// What requests to its provisioning interface carry.
    #[serde(default)]
    pub provisioning_token: Option<Secret>,
    /// Where anybody tries a check without an account; `/try` of the verifier where nothing is said.
    #[serde(default)]
    pub try_url: Option<Url>,
    /// The country of the register, ISO 3166-1 alpha-2. `XX` is nobody's.
    #[serde(default = "nobody")]
    pub country: String,
    /// Where the registrar says by which rules it registers; in registration certificates. ETSI TS 119 475 Table 7
    #[serde(default)]
    pub certificate_policy: Option<Url>,
    /// Who supervises data protection there; in registration certificates. ETSI TS 119 475 Table 7
    #[serde(default)]
    pub supervisory_authority: Option<SupervisoryAuthority>,
    /// Signing in with a card; without it, by letters alone.
    #[serde(default)]
    pub card_sign_in: Option<CardSignIn>,
}

/// How a business shows the card of its representative.
#[derive(Clone, Debug, Deserialize)]
pub struct CardSignIn {
    /// What requests to the verifier carry: a token of the registrar's own business there.
    pub token: Secret,
    /// The check that asks organisation and role.
    #[serde(default = "check")]
    pub check: String,
    /// Roles that may act for an organisation; empty: every role.
    #[serde(default)]
    pub roles: Vec<String>,
}

/// The data protection authority, and how people report to it who asked for too much. ETSI TS 119 475 B.2.2
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct SupervisoryAuthority {
    /// A page of its own.
    pub uri: Url,
    /// A mailbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl PortalSettings {
    /// Where anybody tries a check.
    #[must_use]
    pub fn try_address(&self) -> Option<Url> {
        let of_the_verifier = || self.verifier_url.as_ref()?.join("/try").ok();
        self.try_url.clone().or_else(of_the_verifier)
    }
}

fn nobody() -> String {
    "XX".to_owned()
}

fn check() -> String {
    "portal-sign-in".to_owned()
}
