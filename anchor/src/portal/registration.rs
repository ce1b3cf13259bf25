//! The registration certificate: what a business may ask, signed by the registrar. ETSI TS 119 475 V1.2.1 clause 5.2
//!
//! Wallets of this ecosystem believe the ledger, where the same scope is, and refuse what comes with a certificate that
//! does not hold (docs/registration.md §4.1); wallets that know no ledger go by it alone.

use jose::x5c;
use jose::{JwsHeader, PrivateJwk, SignError, Signer, SigningKey, UnixTime, sign_compact};
use ledger::{Localized, Scope};
use serde_json::{Value, json};

use super::authority::Certified;
use super::formats::form_of;

/// The type of the token. ETSI TS 119 475 Table 5
pub(crate) const TYP: &str = "rc-wrp+jwt";
/// What entitles a business to ask. ETSI TS 119 475 Annex A.2
const SERVICE_PROVIDER: &str = "https://uri.etsi.org/19475/Entitlement/Service_Provider";
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
    /// Where the organisation is reached, where there is a page for that.
    pub(crate) info_uri: Option<&'a str>,
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
        let header = JwsHeader::new(self.key.algorithm())
            .with_typ(TYP)
            .with_x5c(x5c::to_value([&self.certificate.der]))
            .with_other("iat", json!(now));
        sign_compact(&header, payload(scope, register, now).to_string().as_bytes(), &self.key)
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
        "srv_description": [texts(&scope.name)],
        "entitlements": [SERVICE_PROVIDER],
        "purpose": purpose,
        "credentials": credentials,
        "iat": now,
        "exp": scope.valid_until.min(now.saturating_add(LONGEST)),
    });
    if let Some(uri) = register.info_uri {
        payload["info_uri"] = json!(uri);
    }
    if let [only] = scope.purposes.as_slice() {
        payload["intended_use_id"] = json!(only.id);
    }
    if let Some(first) = scope.purposes.first() {
        payload["privacy_policy"] = json!(first.privacy_policy);
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

    #[test]
    fn a_registration_has_the_shape_of_ts_119_475() {
        let key = PrivateJwk::generate_p256(&mut service::random::fill);
        let certificate = Certified {
            pem: String::new(),
            der: vec![1, 2, 3],
        };
        let signer = RegistrationSigner::new(&key, certificate).unwrap();
        let register = Register {
            uri: "https://ledger.example/organisations",
            country: "XX",
            info_uri: None,
        };
        let compact = signer.sign(&scope(), &register, NOW).unwrap();
        let jws = UnverifiedJws::parse(&compact).unwrap();
        assert_eq!(jws.header().x5c(), Some(&json!(["AQID"])));
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
        let register = Register {
            uri: "https://ledger.example",
            country: "XX",
            info_uri: Some("https://shop.example"),
        };
        let payload = payload(&scope, &register, NOW);
        assert_eq!(payload["exp"], NOW + LONGEST);
        assert_eq!(payload["info_uri"], "https://shop.example");
    }
}
