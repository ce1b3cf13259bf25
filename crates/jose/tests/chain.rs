//! Certificate chains.

use jose::x5c::{ChainError, ListSigners, Purpose, TrustAnchors, UnverifiedChain, VerifiedCertificate, to_value};
use jose::{PrivateJwk, PublicJwk};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType, date_time_ymd,
};
use serde_json::{Value, json};
use test_case::test_case;

/// 2026-11-20.
const NOW: u64 = 1_795_132_800;

type Authority = (Issuer<'static, KeyPair>, Vec<u8>, String);

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    params
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn root_with(params: CertificateParams) -> Authority {
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let (der, pem) = (certificate.der().to_vec(), certificate.pem());
    (Issuer::new(params, key), der, pem)
}

fn root() -> Authority {
    root_with(authority_params("root"))
}

fn below(params: CertificateParams, above: &Authority) -> Authority {
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &above.0).unwrap();
    let (der, pem) = (certificate.der().to_vec(), certificate.pem());
    (Issuer::new(params, key), der, pem)
}

fn leaf_params() -> CertificateParams {
    let mut params = params("leaf");
    params.subject_alt_names = vec![
        SanType::URI("did:web:agency.example".try_into().unwrap()),
        SanType::DnsName("agency.example".try_into().unwrap()),
    ];
    params
}

fn verify_for<T: AsRef<[u8]>>(
    chain: &[T],
    root: &Authority,
    purpose: Purpose,
) -> Result<VerifiedCertificate, ChainError> {
    let anchors = TrustAnchors::from_pem([&root.2]).unwrap();
    UnverifiedChain::parse(&to_value(chain))?.verify(&anchors, NOW, purpose)
}

fn verify(chain: &[&Vec<u8>], root: &Authority) -> Result<VerifiedCertificate, ChainError> {
    verify_for(chain, root, Purpose::Credential)
}

#[test]
fn accepts_a_chain_and_reads_its_names() {
    let root = root();
    let intermediate = below(authority_params("intermediate"), &root);
    let leaf = below(leaf_params(), &intermediate);
    let verified = verify(&[&leaf.1, &intermediate.1], &root).unwrap();
    assert_eq!(verified.uri_names(), ["did:web:agency.example"]);
    assert_eq!(verified.dns_names(), ["agency.example"]);
    assert_eq!(verified.subject(), "CN=leaf");
    assert_eq!(verified.not_after(), 1_798_761_600);
    let unverified = UnverifiedChain::parse(&to_value([&leaf.1])).unwrap();
    assert_eq!(unverified.dangerous_leaf_sha256(), verified.sha256());
    let point = leaf.0.key().public_key_raw();
    let key = PublicJwk::from_p256_sec1(point).unwrap();
    assert!(verified.public_jwk().same_key(&key));
}

#[test]
fn refuses_a_self_signed_leaf() {
    let (_, der, pem) = root_with(leaf_params());
    let anchors = TrustAnchors::from_pem([pem]).unwrap();
    let chain = UnverifiedChain::parse(&to_value([&der])).unwrap();
    assert_eq!(
        chain.verify(&anchors, NOW, Purpose::Credential).unwrap_err(),
        ChainError::SelfSignedLeaf
    );
}

#[test]
fn refuses_an_anchor_in_the_chain() {
    let root = root();
    let leaf = below(leaf_params(), &root);
    assert_eq!(
        verify(&[&leaf.1, &root.1], &root).unwrap_err(),
        ChainError::AnchorInChain
    );
    let other = self::root();
    assert_eq!(
        verify(&[&leaf.1, &other.1], &root).unwrap_err(),
        ChainError::AnchorInChain,
        "of anyone"
    );
    // A configured anchor may itself be an intermediate.
    let intermediate = below(authority_params("intermediate"), &root);
    let leaf = below(leaf_params(), &intermediate);
    assert!(verify(&[&leaf.1], &intermediate).is_ok());
    assert_eq!(
        verify(&[&leaf.1, &intermediate.1], &intermediate).unwrap_err(),
        ChainError::AnchorInChain
    );
}

#[test]
fn refuses_a_chain_out_of_order() {
    let root = root();
    let intermediate = below(authority_params("intermediate"), &root);
    let other = below(authority_params("other"), &root);
    let leaf = below(leaf_params(), &intermediate);
    assert_eq!(
        verify(&[&leaf.1, &other.1, &intermediate.1], &root).unwrap_err(),
        ChainError::OutOfOrder
    );
}

#[test]
fn refuses_another_authority_of_the_same_name() {
    let leaf = below(leaf_params(), &root());
    assert_eq!(verify(&[&leaf.1], &root()).unwrap_err(), ChainError::BadSignature);
    let stranger = root_with(authority_params("stranger"));
    assert_eq!(verify(&[&leaf.1], &stranger).unwrap_err(), ChainError::UnknownIssuer);
}

#[test_case((2025, 1), (2026, 1) => ChainError::Expired; "expired")]
#[test_case((2027, 1), (2028, 1) => ChainError::NotYetValid; "not_yet")]
fn refuses_a_leaf_at_the_wrong_time(from: (i32, u8), to: (i32, u8)) -> ChainError {
    let mut params = leaf_params();
    params.not_before = date_time_ymd(from.0, from.1, 1);
    params.not_after = date_time_ymd(to.0, to.1, 1);
    let root = root();
    let leaf = below(params, &root);
    verify(&[&leaf.1], &root).unwrap_err()
}

/// A renewed root has the name and key of the one before: which of the two files is read first
/// makes no difference.
#[test]
fn a_renewed_anchor_counts_beside_the_expired_one() {
    let key = KeyPair::generate().unwrap();
    let mut old = authority_params("root");
    (old.not_before, old.not_after) = (date_time_ymd(2024, 1, 1), date_time_ymd(2025, 1, 1));
    let old = old.self_signed(&key).unwrap().pem();
    let params = authority_params("root");
    let new = params.self_signed(&key).unwrap().pem();
    let root = (Issuer::new(params, key), Vec::new(), new.clone());
    let leaf = below(leaf_params(), &root);
    let verify = |pem: &[&String]| {
        let anchors = TrustAnchors::from_pem(pem).unwrap();
        let chain = UnverifiedChain::parse(&to_value([&leaf.1])).unwrap();
        chain.verify(&anchors, NOW, Purpose::Credential).map(drop)
    };
    assert_eq!(verify(&[&old, &new]), Ok(()));
    assert_eq!(verify(&[&new, &old]), Ok(()));
    assert_eq!(verify(&[&old]), Err(ChainError::Expired));
}

#[test]
fn refuses_an_expired_anchor() {
    let mut params = authority_params("root");
    params.not_before = date_time_ymd(2024, 1, 1);
    params.not_after = date_time_ymd(2025, 1, 1);
    let root = root_with(params);
    let leaf = below(leaf_params(), &root);
    assert_eq!(verify(&[&leaf.1], &root).unwrap_err(), ChainError::Expired);
}

#[test]
fn refuses_an_authority_as_leaf() {
    let root = root();
    let leaf = below(authority_params("leaf"), &root);
    assert_eq!(verify(&[&leaf.1], &root).unwrap_err(), ChainError::LeafIsAuthority);
    let chain = UnverifiedChain::parse(&to_value([&leaf.1])).unwrap();
    let listed = [*chain.dangerous_leaf_sha256()];
    assert_eq!(
        chain.verify_listed(&listed, NOW).unwrap_err(),
        ChainError::LeafIsAuthority
    );
}

#[test]
fn refuses_an_issuer_that_is_no_authority() {
    let root = root();
    let intermediate = below(params("intermediate"), &root);
    let leaf = below(leaf_params(), &intermediate);
    assert_eq!(
        verify(&[&leaf.1, &intermediate.1], &root).unwrap_err(),
        ChainError::IssuerNotAuthority
    );
}

#[test]
fn refuses_an_issuer_whose_key_may_not_certify() {
    let root = root();
    let mut params = authority_params("intermediate");
    params.key_usages = vec![KeyUsagePurpose::CrlSign];
    let intermediate = below(params, &root);
    let leaf = below(leaf_params(), &intermediate);
    assert_eq!(
        verify(&[&leaf.1, &intermediate.1], &root).unwrap_err(),
        ChainError::IssuerNotAuthority
    );
}

#[test]
fn refuses_a_path_that_is_too_long() {
    let mut params = authority_params("root");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let root = root_with(params);
    let mut limited = authority_params("limited");
    limited.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let limited = below(limited, &root);
    let under = below(authority_params("under"), &limited);
    let leaf = below(leaf_params(), &under);
    assert_eq!(
        verify(&[&leaf.1, &under.1, &limited.1], &root).unwrap_err(),
        ChainError::Path
    );
}

#[test]
fn refuses_a_key_that_may_not_sign() {
    let mut params = leaf_params();
    params.key_usages = vec![KeyUsagePurpose::KeyAgreement];
    let root = root();
    let leaf = below(params, &root);
    assert_eq!(verify(&[&leaf.1], &root).unwrap_err(), ChainError::WrongPurpose);
}

#[test]
fn an_extended_key_usage_must_fit_the_purpose() {
    let document_signer = ExtendedKeyUsagePurpose::Other(vec![1, 0, 18013, 5, 1, 2]);
    let status = ExtendedKeyUsagePurpose::Other(vec![1, 3, 6, 1, 5, 5, 7, 3, 30]);
    let root = root();
    for (usage, fits) in [
        (document_signer, [true, false, true]),
        (status, [false, false, true]),
        (ExtendedKeyUsagePurpose::ClientAuth, [false, true, false]),
        (ExtendedKeyUsagePurpose::EmailProtection, [false, false, false]),
    ] {
        let mut params = leaf_params();
        params.extended_key_usages = vec![usage];
        let leaf = below(params, &root);
        let purposes = [Purpose::Credential, Purpose::Request, Purpose::StatusList];
        for (purpose, fits) in purposes.into_iter().zip(fits) {
            let result = verify_for(&[&leaf.1], &root, purpose).map(drop);
            let expected = if fits { Ok(()) } else { Err(ChainError::WrongPurpose) };
            assert_eq!(result, expected, "{purpose:?}");
        }
    }
}

#[test]
fn refuses_a_key_of_another_curve() {
    let root = root();
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let leaf = leaf_params().signed_by(&key, &root.0).unwrap();
    assert_eq!(
        verify_for(&[leaf.der()], &root, Purpose::Credential).unwrap_err(),
        ChainError::UnsupportedKey
    );
}

#[test]
fn accepts_a_listed_certificate_by_its_hash_alone() {
    let leaf = below(leaf_params(), &root());
    let chain = || UnverifiedChain::parse(&to_value([&leaf.1])).unwrap();
    let listed = [[0; 32], *chain().dangerous_leaf_sha256()];
    assert!(chain().verify_listed(&listed, NOW).is_ok());
    assert_eq!(
        chain().verify_listed(&[[0; 32]], NOW).unwrap_err(),
        ChainError::NotListed
    );
    assert_eq!(
        chain().verify_listed(&listed, 1_798_761_601).unwrap_err(),
        ChainError::Expired
    );
    let (_, der, _) = root_with(leaf_params());
    let chain = UnverifiedChain::parse(&to_value([&der])).unwrap();
    let listed = [*chain.dangerous_leaf_sha256()];
    assert_eq!(
        chain.verify_listed(&listed, NOW).unwrap_err(),
        ChainError::SelfSignedLeaf
    );
}

#[test_case(json!([]) => ChainError::NotAChain; "empty")]
#[test_case(json!("AAAA") => ChainError::NotAChain; "text")]
#[test_case(json!([1]) => ChainError::NotAChain; "number")]
#[test_case(json!(["AA-_"]) => ChainError::Base64; "base64url")]
#[test_case(json!(["AA"]) => ChainError::Base64; "unpadded")]
#[test_case(json!(["AAAA"]) => ChainError::MalformedCertificate; "no_certificate")]
#[test_case(json!(["", "", "", "", "", ""]) => ChainError::TooLong; "too_many")]
#[test_case(json!(["A".repeat(30_000)]) => ChainError::TooLong; "too_large")]
fn refuses_form(x5c: Value) -> ChainError {
    UnverifiedChain::parse(&x5c).unwrap_err()
}

#[test]
fn refuses_bytes_after_a_certificate() {
    let mut leaf = below(leaf_params(), &root()).1;
    leaf.push(0);
    assert_eq!(
        UnverifiedChain::parse(&to_value([leaf])).unwrap_err(),
        ChainError::MalformedCertificate
    );
}

#[test]
fn anchors_are_pem() {
    assert_eq!(
        TrustAnchors::from_pem(["no certificate here"]).unwrap_err(),
        ChainError::MalformedAnchor
    );
    assert!(TrustAnchors::default().is_empty());
}

#[test]
fn a_certified_key_is_the_jwk() {
    let key = PrivateJwk::generate_p256(&mut crate::counter());
    let root = root();
    let public = rcgen::SubjectPublicKeyInfo::from_der(&key.public().to_spki_der()).unwrap();
    let leaf = leaf_params().signed_by(&public, &root.0).unwrap();
    let verified = verify_for(&[leaf.der()], &root, Purpose::Credential).unwrap();
    assert!(verified.public_jwk().same_key(key.public()));
}

#[test]
fn a_chain_in_der_is_the_chain_in_base64() {
    let root = root();
    let between = below(authority_params("between"), &root);
    let leaf = below(leaf_params(), &between);
    let anchors = TrustAnchors::from_pem([&root.2]).unwrap();
    let verify = |chain: UnverifiedChain| chain.verify(&anchors, NOW, Purpose::Credential).unwrap();
    let der = [&leaf.1, &between.1];
    let read = verify(UnverifiedChain::from_der(&der).unwrap());
    assert_eq!(
        read.sha256(),
        verify(UnverifiedChain::parse(&to_value(der)).unwrap()).sha256()
    );
    let none: [&[u8]; 0] = [];
    assert_eq!(UnverifiedChain::from_der(&none).unwrap_err(), ChainError::NotAChain);
    assert_eq!(
        UnverifiedChain::from_der(&[&leaf.1; 6]).unwrap_err(),
        ChainError::TooLong
    );
    let long = [vec![0; 32 * 1024]];
    assert_eq!(UnverifiedChain::from_der(&long).unwrap_err(), ChainError::TooLong);
}

/// ISO/IEC 18013-5 Annex B.1.4.
#[test]
fn a_signer_of_driving_licences_says_so() {
    let root = root();
    let signer = || ExtendedKeyUsagePurpose::Other(vec![1, 0, 18013, 5, 1, 2]);
    let certified = |usages: &[KeyUsagePurpose], purposes: Vec<ExtendedKeyUsagePurpose>| {
        let mut params = leaf_params();
        params.key_usages = usages.to_vec();
        params.extended_key_usages = purposes;
        let leaf = below(params, &root);
        verify_for(&[&leaf.1], &root, Purpose::Mdl).map(drop)
    };
    let signs = [KeyUsagePurpose::DigitalSignature];
    assert_eq!(certified(&signs, vec![signer()]), Ok(()));
    for (usages, purposes) in [
        (signs.as_slice(), vec![]),
        (&signs, vec![ExtendedKeyUsagePurpose::ClientAuth]),
        (&signs, vec![signer(), ExtendedKeyUsagePurpose::ClientAuth]),
        (&signs, vec![ExtendedKeyUsagePurpose::ClientAuth, signer()]),
        (&[], vec![signer()]),
        (&[KeyUsagePurpose::KeyAgreement], vec![signer()]),
    ] {
        assert_eq!(
            certified(usages, purposes.clone()),
            Err(ChainError::WrongPurpose),
            "{usages:?} {purposes:?}"
        );
    }
}

/// ISO/IEC 18013-5 Annex B.1.2: the authority for licences certifies their signers and no further authority.
#[test]
fn a_signer_of_driving_licences_stands_right_below_its_authority() {
    let root = root();
    let between = below(authority_params("between"), &root);
    let signer = || {
        let mut params = leaf_params();
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(vec![1, 0, 18013, 5, 1, 2])];
        params
    };
    let (right_below, further) = (below(signer(), &root), below(signer(), &between));
    assert!(verify_for(&[&right_below.1], &root, Purpose::Mdl).is_ok());
    let chain = [&further.1, &between.1];
    assert_eq!(verify_for(&chain, &root, Purpose::Mdl).unwrap_err(), ChainError::Path);
    assert!(verify_for(&chain, &root, Purpose::Credential).is_ok());
}

#[test]
fn a_leaf_is_of_the_state_of_its_anchor_or_not() {
    let of = |mut params: CertificateParams, states: &[&str]| {
        for state in states {
            params.distinguished_name.push(DnType::StateOrProvinceName, *state);
        }
        params
    };
    let is_same = |leaf: &[&str], anchor: &[&str]| {
        let root = root_with(of(authority_params("root"), anchor));
        let leaf = below(of(leaf_params(), leaf), &root);
        let verified = verify(&[&leaf.1], &root).unwrap();
        verified.is_of_the_anchors_state()
    };
    assert!(is_same(&[], &[]));
    assert!(is_same(&["Utopia"], &["Utopia"]));
    assert!(!is_same(&["Utopia"], &[]));
    assert!(!is_same(&[], &["Utopia"]));
    assert!(!is_same(&["Utopia"], &["UTOPIA"]));
}

#[test]
fn countries_of_leaf_and_anchor_are_told() {
    let named = |mut params: CertificateParams, country: &str| {
        params.distinguished_name.push(DnType::CountryName, country);
        params
    };
    let root = root_with(named(authority_params("root"), "UT"));
    let between = below(named(authority_params("between"), "DE"), &root);
    let leaf = below(named(leaf_params(), "NL"), &between);
    let verified = verify_for(&[&leaf.1, &between.1], &root, Purpose::Credential).unwrap();
    assert_eq!(
        (verified.country(), verified.anchor_country()),
        (Some("NL"), Some("UT"))
    );
    assert!(verified.not_before() < NOW && NOW < verified.not_after());
    let plain = below(leaf_params(), &root);
    assert_eq!(
        verify_for(&[&plain.1], &root, Purpose::Credential).unwrap().country(),
        None
    );
}

#[test]
fn an_authority_is_the_one_right_above_by_each_of_its_certificates() {
    let root = root();
    let between = below(authority_params("between"), &root);
    let (leaf, further) = (below(leaf_params(), &root), below(leaf_params(), &between));
    let authority = |chain: &[&Vec<u8>]| verify(chain, &root).unwrap().authority().copied();
    let of_the_root = authority(&[&leaf.1]);
    assert!(of_the_root.is_some());
    assert_ne!(authority(&[&further.1, &between.1]), of_the_root);
    let mut renewed = authority_params("root");
    renewed.not_after = date_time_ymd(2028, 1, 1);
    let renewed = TrustAnchors::from_pem([renewed.self_signed(root.0.key()).unwrap().pem()]).unwrap();
    let chain = UnverifiedChain::parse(&to_value([&leaf.1])).unwrap();
    let verified = chain.verify(&renewed, NOW, Purpose::Credential).unwrap();
    assert_eq!(verified.authority().copied(), of_the_root);
}

/// Token Status List §11.3
#[test]
fn lists_of_those_with_names_are_known_by_them_and_others_by_the_authority() {
    let root = root();
    let between = below(authority_params("between"), &root);
    let leaf = |params: CertificateParams, by: &Authority, above: &[&Vec<u8>]| {
        let leaf = below(params, by);
        verify(&[&[&leaf.1][..], above].concat(), &root).unwrap()
    };
    let named = leaf(leaf_params(), &root, &[]);
    let nameless = leaf(params("leaf"), &root, &[]);
    let further = leaf(params("leaf"), &between, &[&between.1]);
    for (issuer, purpose, signer, expected) in [
        (&named, Purpose::Credential, &named, true),
        (&named, Purpose::Credential, &nameless, false),
        (&named, Purpose::Mdl, &nameless, true),
        (&named, Purpose::Mdl, &further, false),
        (&nameless, Purpose::Credential, &nameless, true),
        (&nameless, Purpose::Credential, &named, true),
        (&nameless, Purpose::Credential, &further, false),
        (&further, Purpose::Credential, &nameless, false),
    ] {
        let signers = ListSigners::of(issuer, purpose);
        assert_eq!(signers.include(signer), expected);
        let names: Vec<String> = issuer.issuer_names().collect();
        assert_eq!(ListSigners::kept(&names, signers.authority()), signers);
    }
    assert!(
        !ListSigners::kept(&[], None).include(&nameless),
        "of whom nothing was kept"
    );
}
