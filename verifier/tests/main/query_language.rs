//! What a check may ask in DCQL, and what the answers come to. OpenID4VP 1.0 §6

use http::StatusCode;
use jose::x5c::UnverifiedChain;
use oid4vp::PresentationRequest;
use serde_json::{Value, json};
use test_case::test_case;
use testkit::certificates::{Authority, Name};
use testkit::credential::{key, person_identification};
use verifier::ClientIdKind;

use crate::wallet::assert_outcome;
use crate::world::{CHECKS, Options, World};

const NAMES: &[Name<'_>] = &[Name::Dns("foreign.example")];

/// The identifier of the foreign authority's key.
fn key_of(authority: &Authority) -> String {
    let chain = UnverifiedChain::parse(&authority.certify(key(90).public(), NAMES).x5c()).unwrap();
    let found = chain.dangerous_authority_keys().next().unwrap().to_vec();
    jose::base64url::encode(found)
}

/// `adult` for cards that the foreign authority certifies.
pub(crate) fn certified(authority: &Authority) -> String {
    let asked = format!(
        r#""trusted_authorities":[{{"type":"aki","values":["AAAA","{}"]}}],"format""#,
        key_of(authority)
    );
    CHECKS.replacen(r#""format""#, &asked, 1)
}

#[tokio::test]
async fn a_card_that_the_authority_certifies_answers() {
    let world = World::with(Options {
        checks: certified,
        ..Options::default()
    })
    .await;
    let foreign = |chain: Value| {
        let world = &world;
        async move {
            world
                .judge(|forged| {
                    forged.header["x5c"] = chain;
                    forged.payload["iss"] = json!("https://foreign.example");
                    forged.issuer = key(90);
                    forged.payload.as_object_mut().unwrap().remove("status");
                })
                .await
        }
    };
    let direct = world.foreign.certify(key(90).public(), NAMES);
    assert_outcome(&foreign(direct.x5c()).await, "yes", "ok");
    let below = world.foreign.intermediate("below").certify(key(90).public(), NAMES);
    assert_outcome(&foreign(below.x5c()).await, "yes", "ok");
}

/// A card known by the ledger has no verified chain, whatever it brings along.
#[tokio::test]
async fn a_chain_that_nobody_verified_certifies_nothing() {
    let world = World::with(Options {
        checks: certified,
        ..Options::default()
    })
    .await;
    assert_outcome(&world.adult(&world.person(3)).await, "no", "rule_not_met");
    let stranger = Authority::new("stranger").certify(key(90).public(), NAMES).x5c();
    let of_another_key = world.foreign.certify(key(90).public(), NAMES).x5c();
    for chain in [stranger, of_another_key] {
        let outcome = world.judge(|forged| forged.header["x5c"] = chain).await;
        assert_outcome(&outcome, "no", "rule_not_met");
    }
}

/// `adult` of those who have this among their nationalities, too.
fn of_nationality(step: &str) -> String {
    let claims = r#"{"path":["age_over_18"]}"#;
    let more = format!(r#"{claims},{{"path":["nationalities",{step}],"values":["HF"]}}"#);
    CHECKS.replacen(claims, &more, 1)
}

fn any_nationality(_: &Authority) -> String {
    of_nationality("null")
}

fn second_nationality(_: &Authority) -> String {
    of_nationality("1")
}

#[test_case(any_nationality ; "every element")]
#[test_case(second_nationality ; "an element by its place")]
#[tokio::test]
async fn a_path_leads_into_an_array(checks: fn(&Authority) -> String) {
    let world = World::with(Options {
        checks,
        ..Options::default()
    })
    .await;
    let shown = async |nationalities: Value| {
        let mut claims = person_identification();
        claims.insert("nationalities".to_owned(), nationalities);
        let card = world.card("person-identification", claims, 3);
        let names = &["age_over_18", "nationalities"];
        world.present("adult", "person", &card, names).await
    };
    assert_outcome(&shown(json!(["DE", "HF"])).await, "yes", "ok");
    for other in [json!(["DE", "FR"]), json!("HF"), json!([])] {
        assert_outcome(&shown(other).await, "no", "rule_not_met");
    }
}

const SEVERAL: &str = r#"
[[check]]
id = "adults"
purpose = { en = "A group", de = "Eine Gruppe", fr = "Un groupe" }
channel = "in_person"
privacy_policy = "https://shop.example/privacy"
dcql = '''{"credentials":[{"id":"person","format":"dc+sd-jwt","multiple":true,
  "meta":{"vct_values":["urn:holdfast:vct:person-identification:1"]},
  "claims":[{"path":["age_over_18"]},{"path":["given_name"]}]}]}'''
types = { "person.age_over_18" = "bool" }
rule = "person.age_over_18"
keep = ["person.given_name"]
retention_days = 1
[check.issuers]
"urn:holdfast:vct:person-identification:1" = ["accredited"]
"#;

async fn several() -> World {
    World::with(Options {
        checks: |_| SEVERAL.to_owned(),
        ..Options::default()
    })
    .await
}

/// The outcome of these presentations for one query.
async fn shown(world: &World, make: impl Fn(&PresentationRequest) -> Vec<String>) -> Value {
    let opened = world.open("adults").await;
    let request = world.request(&opened).await;
    let answers: Vec<(&str, String)> = make(&request).into_iter().map(|text| ("person", text)).collect();
    assert_eq!(world.respond(request, &answers).await.0, StatusCode::OK);
    world.outcome(&opened).await
}

#[tokio::test]
async fn the_rule_holds_of_each_card_where_several_may_come() {
    let world = several().await;
    let (one, two) = (world.person(3), world.person(4));
    let mut young = person_identification();
    young.insert("age_over_18".to_owned(), json!(false));
    let young = world.card("person-identification", young, 5);
    let names = &["age_over_18", "given_name"];
    let outcome = shown(&world, |request| {
        vec![world.show(&one, names, request), world.show(&two, names, request)]
    })
    .await;
    assert_outcome(&outcome, "yes", "ok");
    assert_eq!(
        outcome["claims"],
        json!({ "person": [{ "given_name": "Erika" }, { "given_name": "Erika" }] })
    );
    let outcome = shown(&world, |request| vec![world.show(&one, names, request)]).await;
    assert_eq!(outcome["claims"], json!({ "person": [{ "given_name": "Erika" }] }));
    for order in [[&one, &young], [&young, &one]] {
        let outcome = shown(&world, |request| {
            order.iter().map(|card| world.show(card, names, request)).collect()
        })
        .await;
        assert_outcome(&outcome, "no", "rule_not_met");
    }
}

#[tokio::test]
async fn g6_verifier_of_several_cards_one_fails() {
    let world = several().await;
    let (one, two) = (world.person(3), world.person(4));
    let names = &["age_over_18", "given_name"];
    let outcome = shown(&world, |request| {
        let unbound = two.select(&["age_over_18".into(), "given_name".into()]).unwrap();
        vec![world.show(&one, names, request), unbound.into_sd_jwt()]
    })
    .await;
    assert_outcome(&outcome, "yes", "ok");
    assert_eq!(outcome["claims"], json!({ "person": [{ "given_name": "Erika" }] }));
}

#[tokio::test]
async fn a_host_as_client_id_works_too() {
    let world = World::with(Options {
        kind: ClientIdKind::X509SanDns,
        ..Options::default()
    })
    .await;
    let opened = world.open("adult").await;
    let request = world.request(&opened).await;
    assert_eq!(request.client_id().to_string(), "x509_san_dns:shop.example");
    let shown = world.show(&world.person(3), &["age_over_18"], &request);
    assert_outcome(&world.answer(&opened, request, "person", shown).await, "yes", "ok");
    // Bound to the name without its prefix it is for somebody else. §14.7
    let opened = world.open("adult").await;
    let request = world.request(&opened).await;
    let nonce = request.nonce().as_str().to_owned();
    let shown = world.show_at(
        &world.person(4),
        &["age_over_18"],
        "shop.example",
        &nonce,
        crate::world::NOW,
    );
    let outcome = world.answer(&opened, request, "person", shown).await;
    assert_outcome(&outcome, "no", "holder_binding_mismatch");
}

#[test]
fn a_certificate_for_another_host_is_refused() {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("checks.toml"), CHECKS).unwrap();
    let checks = verifier::load_checks(&folder.path().join("checks.toml")).unwrap();
    let names = verifier::Names([("en".to_owned(), "Shop".to_owned())].into());
    let made = verifier::init(&crate::world::common(&folder), names, &checks, crate::world::NOW).unwrap();
    let open = |host: &str| verifier::Identity::open(&made.files, ClientIdKind::X509SanDns, host, crate::world::NOW);
    assert!(open("shop.example").is_ok());
    assert!(matches!(
        open("other.example"),
        Err(verifier::OpenError::Certificate(
            verifier::AccessCertificateError::OtherHost
        ))
    ));
}
