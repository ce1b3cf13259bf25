//! The registration certificate: what a business may ask, signed by the registrar. ETSI TS 119 475 V1.2.1 clause 5.2
//!
//! Wallets of this ecosystem believe the ledger, where the same scope is, and refuse what comes with a certificate that
//! does not hold (docs/registration.md §4.1); wallets that know no ledger go by it alone.

use jose::x5c;
use jose::{JwsHeader, PrivateJwk, SignError, Signer, SigningKey, UnixTime, sign_compact};
use ledger::{Localized, Scope};
use serde_json::{Value, json};
use status_list::{StatusClaims, StatusList, StatusReference, sign_token};
use url::Url;

use super::authority::Certified;
use super::formats::form_of;
use super::settings::SupervisoryAuthority;

/// The type of the token. ETSI TS 119 475 Table 5
pub(crate) const TYP: &str = "rc-wrp+jwt";
/// What entitles a business to ask. ETSI TS 119 475 Annex A.2
const SERVICE_PROVIDER: &str = "https://uri.etsi.org/19475/Entitlement/Service_Provider";
/// The policy of registration certificates. ETSI TS 119 475 clause 6.1.3
const POLICY: &str = "0.4.0.19475.3.1";
/// For how many seconds a status list counts.
const STATUS_LIFETIME: UnixTime = 86_400;
/// For how many seconds a copy of a status list is kept.
pub(super) const STATUS_TIME_TO_LIVE: u64 = 300;
/// A certificate lives no longer, in seconds. ETSI TS 119 475 GEN-5.2.4-08
const LONGEST: UnixTime = 365 * 86_400;

/// Who signs registrations.
pub(crate) struct RegistrationSigner {
    key: SigningKey,
    certificate: Certified,
}

/// What the registrar says beside the scope.
pub(crate) struct Register<'a> {
    /// Where the register is read.
    pub(crate) uri: &'a str,
    /// ISO 3166-1 alpha-2.
    pub(crate) country: &'a str,
    /// Where it is read who the organisation is.
    pub(crate) info_uri: &'a str,
    /// Where the organisation is reached, where there is a page for that; else its privacy notice says so.
    pub(crate) support_uri: Option<&'a str>,
    /// By which rules it is registered, where the registrar has published them.
    pub(crate) certificate_policy: Option<&'a Url>,
    /// Who supervises data protection, where the registrar has said so.
    pub(crate) supervisory_authority: Option<&'a SupervisoryAuthority>,
    /// Where it is told whether the certificate still counts.
    pub(crate) status: StatusReference,
}

impl RegistrationSigner {
    /// A signer of the registrar's own key.
    ///
    /// # Errors
    /// [`SignError::KeyUnavailable`] where the key cannot sign.
    pub(crate) fn new(key: &PrivateJwk, certificate: Certified) -> Result<Self, SignError> {
        let key = SigningKey::new(key).map_err(|_| SignError::KeyUnavailable)?;
        Ok(Self { key, certificate })
    }

    /// Signs a registration.
    ///
    /// # Errors
    /// [`SignError`]
    pub(crate) fn sign(&self, scope: &Scope, register: &Register<'_>, now: UnixTime) -> Result<String, SignError> {
        // Of JAdES (ETSI TS 119 182-1 clause 5.1): the chain, and the claimed time of the signature.
        let header = self.header().with_typ(TYP).with_other("iat", json!(now));
        sign_compact(&header, payload(scope, register, now).to_string().as_bytes(), &self.key)
    }

    /// Signs the list that says which registrations still count. draft-ietf-oauth-status-list §5.1
    ///
    /// # Errors
    /// [`SignError`]
    pub(crate) fn sign_status(&self, list: &StatusList, uri: &str, now: UnixTime) -> Result<String, SignError> {
        let said = StatusClaims {
            uri,
            issued_at: now,
            expires: now.saturating_add(STATUS_LIFETIME),
            time_to_live: STATUS_TIME_TO_LIVE,
            aggregation_uri: None,
        };
        sign_token(self.header(), &said, list, &self.key)
    }

    fn header(&self) -> JwsHeader {
        JwsHeader::new(self.key.algorithm()).with_x5c(x5c::to_value([&self.certificate.der]))
    }
}

/// Table 7 to Table 10.
fn payload(scope: &Scope, register: &Register<'_>, now: UnixTime) -> Value {
    let purposes = scope.purposes.iter();
    let credentials: Vec<Value> = purposes.clone().flat_map(credentials).collect();
    let purpose: Vec<Value> = purposes.clone().flat_map(|purpose| texts(&purpose.text)).collect();
    let mut payload = json!({
        "name": scope.name.text("en"),
        "sub_ln": scope.name.text("en"),
        "sub": scope.subject.as_str(),
        "country": register.country,
        "registry_uri": register.uri,
        "info_uri": register.info_uri,
        "policy_id": [POLICY],
        "status": register.status.to_claim(),
        "srv_description": [texts(&scope.name)],
        "entitlements": [SERVICE_PROVIDER],
        "purpose": purpose,
        "credentials": credentials,
        "iat": now,
        "exp": scope.valid_until.min(now.saturating_add(LONGEST)),
    });
    if let Some(uri) = register.certificate_policy {
        payload["certificate_policy"] = json!(uri);
    }
    if let Some(authority) = register.supervisory_authority {
        payload["supervisory_authority"] = json!(authority);
    }
    if let [only] = scope.purposes.as_slice() {
        payload["intended_use_id"] = json!(only.id);
    }
    let privacy = scope.purposes.first().map(|first| first.privacy_policy.as_str());
    if let Some(uri) = privacy {
        payload["privacy_policy"] = json!(uri);
    }
    if let Some(uri) = register.support_uri.or(privacy) {
        payload["support_uri"] = json!(uri);
    }
    payload
}

/// B.2.9: the member is called `claim`.
fn credentials(purpose: &ledger::Purpose) -> Vec<Value> {
    let credential = |credential: &ledger::ScopeCredential| {
        let paths = credential.needed.iter().chain(&credential.optional);
        let claims: Vec<Value> = paths.map(|path| json!({ "path": path })).collect();
        let (format, meta) = match form_of(credential) {
            Some(form) => (form.format, form.meta()),
            None => (sd_jwt::TYP, json!({ "vct_values": credential.vct_values })),
        };
        json!({ "format": format, "meta": meta, "claim": claims })
    };
    purpose.credentials.iter().map(credential).collect()
}

/// B.2.6
fn texts(text: &Localized) -> Vec<Value> {
    text.iter()
        .map(|(language, text)| json!({ "lang": language, "value": text }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jose::{UnverifiedJws, VerifyingKey};

    const NOW: UnixTime = 1_800_000_000;

    fn scope() -> Scope {
        let did = "did:webvh:QmX:shop.example".parse().unwrap();
        let purpose = testkit::purpose(
            "check-1",
            "urn:holdfast:vct:person-identification:1",
            &["age_over_18"],
            &["portrait"],
        );
        testkit::scope(&did, "Corner Shop", &[[7; 32]], vec![purpose], NOW + 1000)
    }

    const STATUS: &str = "https://ledger.example/portal/registrations.jwt";

    fn register() -> Register<'static> {
        Register {
            uri: "https://ledger.example/organisations",
            country: "XX",
            info_uri: "https://ledger.example/organisations/shop",
            support_uri: None,
            certificate_policy: None,
            supervisory_authority: None,
            status: StatusReference::of_token(STATUS, 7),
        }
    }

    fn signer(key: &PrivateJwk) -> RegistrationSigner {
        let certificate = Certified {
            pem: String::new(),
            der: vec![1, 2, 3],
        };
        RegistrationSigner::new(key, certificate).unwrap()
    }

    #[test]
    fn a_registration_has_the_shape_of_ts_119_475() {
        let key = PrivateJwk::generate_p256(&mut service::random::fill);
        let compact = signer(&key).sign(&scope(), &register(), NOW).unwrap();
        let jws = UnverifiedJws::parse(&compact).unwrap();
        assert_eq!(jws.header().x5c(), Some(&json!(["AQID"])));
        assert_eq!(jws.header().other().get("iat"), Some(&json!(NOW)));
        let verifying = VerifyingKey::try_from(key.public()).unwrap();
        let claims = Value::Object(jws.verify(&verifying, TYP).unwrap().claims().unwrap());
        assert_eq!(claims["sub"], "did:webvh:QmX:shop.example");
        assert_eq!(claims["name"], "Corner Shop");
        assert_eq!(claims["intended_use_id"], "check-1");
        assert_eq!(claims["exp"], NOW + 1000);
        assert_eq!(
            claims["credentials"],
            json!([{"format": "dc+sd-jwt", "meta": {"vct_values": ["urn:holdfast:vct:person-identification:1"]},
                    "claim": [{"path": ["age_over_18"]}, {"path": ["portrait"]}]}])
        );
        assert_eq!(claims["entitlements"], json!([SERVICE_PROVIDER]));
        assert_eq!(claims["policy_id"], json!(["0.4.0.19475.3.1"]));
        assert_eq!(claims["status"], json!({"status_list": {"idx": 7, "uri": STATUS}}));
        // Who has no page of its own is asked where its privacy notice says.
        assert_eq!(claims["support_uri"], claims["privacy_policy"]);
        for member in [
            "sub_ln",
            "country",
            "registry_uri",
            "info_uri",
            "srv_description",
            "iat",
        ] {
            assert!(!claims[member].is_null(), "{member}");
        }
    }

    /// What only the registrar knows stands there where it has said so.
    #[test]
    fn what_the_registrar_says_of_itself_is_in_a_registration() {
        let uri: Url = "https://register.example/policy".parse().unwrap();
        let authority: SupervisoryAuthority =
            serde_json::from_value(json!({"uri": "https://dpa.example/", "email": "reports@dpa.example"})).unwrap();
        let said = Register {
            support_uri: Some("https://shop.example/contact"),
            certificate_policy: Some(&uri),
            supervisory_authority: Some(&authority),
            ..register()
        };
        let payload = payload(&scope(), &said, NOW);
        assert_eq!(payload["certificate_policy"], "https://register.example/policy");
        assert_eq!(
            payload["supervisory_authority"],
            json!({"uri": "https://dpa.example/", "email": "reports@dpa.example"})
        );
        assert_eq!(payload["support_uri"], "https://shop.example/contact");
    }

    #[test]
    fn the_list_is_signed_as_the_certificates_are() {
        let key = PrivateJwk::generate_p256(&mut service::random::fill);
        let list = StatusList::new(status_list::Bits::Two, 8);
        let compact = signer(&key).sign_status(&list, STATUS, NOW).unwrap();
        let token = status_list::UnverifiedToken::parse(&compact).unwrap();
        assert_eq!(token.header().x5c(), Some(&json!(["AQID"])));
        let verifying = VerifyingKey::try_from(key.public()).unwrap();
        let list = token.verify(&verifying, STATUS, NOW).unwrap();
        assert!(list.is_current(NOW + STATUS_LIFETIME - 1) && !list.is_current(NOW + STATUS_LIFETIME));
        assert_eq!(list.refresh_at(), Some(NOW + STATUS_TIME_TO_LIVE));
    }

    #[test]
    fn a_card_is_registered_by_its_format() {
        let mut purpose = testkit::purpose("check-1", "eu.europa.ec.eudi.pid.1", &[], &[]);
        purpose.credentials[0].needed = vec![ledger::ClaimPath::names(&["eu.europa.ec.eudi.pid.1", "age_over_18"])];
        assert_eq!(
            credentials(&purpose),
            [
                json!({"format": "mso_mdoc", "meta": {"doctype_value": "eu.europa.ec.eudi.pid.1"},
                    "claim": [{"path": ["eu.europa.ec.eudi.pid.1", "age_over_18"]}]})
            ]
        );
    }

    #[test]
    fn a_registration_lives_no_longer_than_a_year() {
        let mut scope = scope();
        scope.valid_until = u64::MAX;
        assert_eq!(payload(&scope, &register(), NOW)["exp"], NOW + LONGEST);
    }
}
