//! What organisations publish, over HTTP: taken without the registrar's token, read with a proof, refused by schema.

use did::identity::Organisation;
use jose::SigningKey;
use ledger::{
    Accreditation, AccreditedType, Family, Kind, LeafBuilder, Localized, Payload, Submission, UnverifiedBundle,
};
use serde_json::{Value, json};
use testkit::{objects, purpose, scope};

use crate::fixtures::{NOW, get};
use crate::world::{Running, TOKEN, World, agency};

/// A world with one agency on the ledger.
async fn with_agency() -> (World, Running, Organisation) {
    let mut world = World::new().await;
    let running = world.serve().await;
    assert_eq!(world.post_code(&world.create(&agency(1))).await.0, 200);
    (world, running, agency(1))
}

/// Signed by the owner's own ledger key.
fn by_owner(world: &World, owner: &Organisation, leaf: LeafBuilder) -> Submission {
    let (key_id, key) = owner.ledger_key().unwrap();
    let key = SigningKey::new(key).unwrap();
    leaf.signed_by(world.pack.origin(), &[(key_id.to_string().as_str(), &key)])
        .unwrap()
}

/// What an owner hands in, without the token of registrars.
async fn post(world: &World, owner: &Organisation, kind: Kind, subject: &str, payload: Vec<u8>) -> (u16, Value) {
    let leaf = LeafBuilder::new(kind, subject, None, payload);
    let submission = by_owner(world, owner, leaf);
    let (status, _, answer) = world.post(submission.encode(), None).await;
    (status, answer)
}

#[tokio::test]
async fn an_owner_publishes_without_a_registrar_and_anybody_reads_it_with_a_proof() {
    let (world, _running, owner) = with_agency().await;
    let rule = objects::rule(owner.did());
    let (status, answer) = post(&world, &owner, Kind::RulePublish, &rule.subject, rule.encode().unwrap()).await;
    assert_eq!(status, 200, "{answer}");

    let subject = rule.subject.replace('%', "%25");
    let answer = get(&world.url, &format!("/bundle/object?family=rule&subject={subject}")).await;
    assert_eq!(answer.status, 200);
    let bundle = UnverifiedBundle::parse(&answer.body).unwrap();
    let bundle = bundle.verify_object(&world.pack, Family::Rule, &rule.subject).unwrap();
    assert_eq!(bundle.payload(), Some(Payload::Rule(rule.clone())));

    let all = get(&world.url, "/bundles/rule").await;
    let all = UnverifiedBundle::parse_set(&all.body).unwrap();
    assert_eq!(all.len(), 1);
    let service = get(&world.url, "/bundles/service").await;
    assert_eq!(UnverifiedBundle::parse_set(&service.body).unwrap().len(), 0);
    assert_eq!(get(&world.url, "/bundles/nothing").await.status, 404);
}

#[tokio::test]
async fn the_policy_is_read_with_a_proof() {
    let (world, _running, _) = with_agency().await;
    let path = format!("/bundle/object?family=policy&subject={}", world.pack.origin());
    let answer = get(&world.url, &path).await;
    let bundle = UnverifiedBundle::parse(&answer.body).unwrap();
    let bundle = bundle.verify_policy(&world.pack).unwrap();
    assert_eq!(bundle.policy().unwrap().version, 1);
}

#[tokio::test]
async fn k10_anchor_nobody_publishes_under_the_name_of_another() {
    let (world, running, _) = with_agency().await;
    assert_eq!(world.post_code(&world.create(&agency(2))).await.0, 200);
    let committed = running.log.committed();
    let rule = objects::rule(agency(1).did());
    let (status, answer) = post(
        &world,
        &agency(2),
        Kind::RulePublish,
        &rule.subject,
        rule.encode().unwrap(),
    )
    .await;
    assert_eq!((status, &answer["code"]), (403, &json!("unauthorised")));
    assert_eq!(running.log.committed(), committed, "nothing was stored");
}

#[tokio::test]
async fn k10_anchor_one_registrar_alone_lets_no_agency_go_on() {
    let (world, running, old) = with_agency().await;
    let record = world.record(&running, old.did().as_str()).await.unwrap();
    assert_eq!(world.post_code(&world.grant(&record, "urn:a")).await.0, 200);
    assert_eq!(world.post_code(&world.create(&agency(2))).await.0, 200);
    let new = agency(2).did().clone();
    let grant = Accreditation {
        name: Localized::english("Agency").unwrap(),
        subject: new.clone(),
        succeeds: Some(old.did().clone()),
        types: vec![AccreditedType {
            until: NOW * 2,
            vct: "urn:a".to_owned(),
        }],
    };
    let leaf = LeafBuilder::new(Kind::AccreditationGrant, new.as_str(), None, grant.encode().unwrap());
    assert_eq!(
        world.post_code(&world.by_registrar(leaf)).await,
        (403, "unauthorised".to_owned())
    );
    let record = world.record(&running, new.as_str()).await.unwrap();
    assert!(record.accreditation_entry().is_none());
}

/// What the schemas refuse changes nothing, whoever signed it. Catalogue K11
#[tokio::test]
async fn k11_anchor_what_may_name_a_person_is_not_published() {
    let (world, running, owner) = with_agency().await;
    let committed = running.log.committed();
    let service = objects::service(owner.did());
    let sound: Value = serde_json::from_slice(&service.encode().unwrap()).unwrap();
    for (pointer, text) in [
        ("/name/en", "Ask j.doe@office.example"),
        ("/text/en", "Call +49 (30) 123-4567"),
        ("/text/en", "For 850601-123456 only"),
        ("/complaints", "https://j.doe@office.example/"),
    ] {
        let mut value = sound.clone();
        *value.pointer_mut(pointer).unwrap() = json!(text);
        let payload = serde_json::to_vec(&value).unwrap();
        let (status, answer) = post(&world, &owner, Kind::ServicePublish, &service.subject, payload).await;
        assert_eq!((status, &answer["code"]), (422, &json!("invalid_entry")), "{text}");
        // The refusal is bytes, in which any three letters may stand.
        let said = [&answer["reason"], &answer["title"], &answer["detail"]].map(Value::to_string);
        assert!(!said.concat().contains("doe"), "the answer repeats nothing: {answer}");
    }
    let mut value = sound.clone();
    value["contact"] = json!("Jane Doe");
    let payload = serde_json::to_vec(&value).unwrap();
    let (status, _) = post(&world, &owner, Kind::ServicePublish, &service.subject, payload).await;
    assert_eq!(status, 422);
    assert_eq!(running.log.committed(), committed);
}

#[tokio::test]
async fn k11_anchor_what_a_registrar_says_of_an_organisation_names_no_person() {
    let (world, running, owner) = with_agency().await;
    let record = world.record(&running, owner.did().as_str()).await.unwrap();
    let committed = running.log.committed();
    let grant = world.grant(&record, "urn:a").payload().to_vec();
    let purposes = vec![purpose("age", "urn:a", &["age_over_18"], &[])];
    let scope = scope(owner.did(), "Shop", &[[7; 32]], purposes, NOW * 2);
    let scope = scope.encode().unwrap();
    let by_registrar = |kind, payload: &[u8], change: Option<(&str, &str)>| {
        let mut value: Value = serde_json::from_slice(payload).unwrap();
        if let Some((pointer, text)) = change {
            *value.pointer_mut(pointer).unwrap() = json!(text);
        }
        let payload = serde_json::to_vec(&value).unwrap();
        world.by_registrar(LeafBuilder::new(kind, record.did(), None, payload))
    };
    for (kind, payload, pointer, text) in [
        (Kind::AccreditationGrant, &grant, "/name/en", "Ask j.doe@office.example"),
        (Kind::RelyingPartyRegister, &scope, "/name/en", "Shop of 850601-123456"),
        (
            Kind::RelyingPartyRegister,
            &scope,
            "/purposes/0/text/en",
            "Call +49 (30) 123-4567",
        ),
        (Kind::RelyingPartyRegister, &scope, "/purposes/0/id", "j@doe.example"),
        (
            Kind::RelyingPartyRegister,
            &scope,
            "/purposes/0/privacy_policy",
            "https://j.doe@shop.example/",
        ),
    ] {
        let submission = by_registrar(kind, payload, Some((pointer, text)));
        let (status, _, answer) = world.post(submission.encode(), Some(TOKEN)).await;
        assert_eq!((status, &answer["code"]), (422, &json!("invalid_entry")), "{text}");
        let said = [&answer["reason"], &answer["title"], &answer["detail"]].map(Value::to_string);
        assert!(!said.concat().contains("doe"), "the answer repeats nothing: {answer}");
    }
    assert_eq!(running.log.committed(), committed);
    for (kind, payload) in [(Kind::AccreditationGrant, &grant), (Kind::RelyingPartyRegister, &scope)] {
        let answer = world.post_code(&by_registrar(kind, payload, None)).await;
        assert_eq!(answer, (200, String::new()));
    }
}

#[tokio::test]
async fn k11_anchor_publications_that_are_too_large_or_no_utf8_are_refused() {
    let (world, running, owner) = with_agency().await;
    let committed = running.log.committed();
    let subject = objects::rule(owner.did()).subject;
    let (status, answer) = post(&world, &owner, Kind::RulePublish, &subject, vec![b' '; 8193]).await;
    assert_eq!((status, &answer["code"]), (413, &json!("too_large")));
    let (status, answer) = post(
        &world,
        &owner,
        Kind::RulePublish,
        &subject,
        b"{\"name\":\"\xff\"}".to_vec(),
    )
    .await;
    assert_eq!((status, &answer["code"]), (422, &json!("invalid_entry")));
    assert_eq!(running.log.committed(), committed);
}

#[tokio::test]
async fn an_owner_publishes_ten_times_an_hour_over_all_its_subjects() {
    let (world, _running, owner) = with_agency().await;
    for number in 0..=10_u8 {
        let mut document = objects::document(owner.did(), number, None);
        document.subject = objects::subject(Family::Document, owner.did(), &format!("letter-{number}"));
        let payload = document.encode().unwrap();
        let (status, answer) = post(&world, &owner, Kind::Document, &document.subject, payload).await;
        let expected = if number < 10 { 200 } else { 429 };
        assert_eq!(status, expected, "{number}: {answer}");
    }
}
