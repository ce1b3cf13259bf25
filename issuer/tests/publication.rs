//! What an agency publishes with its own key: card types, rules, services. docs/services.md §1

use issuer::PublishError;
use issuer::ledger::PublicationError;
use ledger::{Family, ObjectDetail, Payload, RuleEntry, Service, UnverifiedBundle};
use serde_json::{Value, json};
use testkit::objects;

use crate::world::World;

fn rule() -> Value {
    json!({
        "claims": {"pid.age_over_18": "bool"},
        "expression": "pid.age_over_18",
        "name": {"en": "18 or older"},
        "queries": [{"id": "pid", "vct_values": [objects::VCT]}],
        "subject": "/rule/age-18",
        "subset": 1,
    })
}

fn service() -> Value {
    json!({
        "complaints": "https://agency.example/complaints",
        "legal_basis": [{"name": {"en": "Library Act"}, "uri": "https://law.example/library"}],
        "name": {"en": "Library card"},
        "rule": {"subject": "/rule/age-18"},
        "subject": "/service/library-card",
        "text": {"en": "Borrow books."},
    })
}

async fn publish(world: &World, family: Family, content: &Value) -> Result<String, PublishError> {
    world.app.publish(family, content.to_string().as_bytes()).await
}

/// The newest payload of a subject, by its proof.
fn recorded(world: &World, family: Family, subject: &str) -> Option<Payload> {
    let service = world.ledger.clone().unwrap();
    service.with(|ledger| {
        let bundle = UnverifiedBundle::parse(&ledger.object_bundle(family, subject)).unwrap();
        let pack = ledger.trust_pack();
        bundle.verify_object(&pack, family, subject).unwrap().payload()
    })
}

fn entries(world: &World) -> usize {
    world.ledger.clone().unwrap().with(|ledger| ledger.entries().len())
}

#[tokio::test]
async fn an_agency_publishes_a_rule_and_a_service_that_names_it() {
    let world = World::ledger().await;
    let did = world.app.identity().did.clone();
    let rule_subject = publish(&world, Family::Rule, &rule()).await.unwrap();
    assert_eq!(rule_subject, format!("{did}/rule/age-18"));
    let subject = publish(&world, Family::Service, &service()).await.unwrap();
    let Some(Payload::Service(said)) = recorded(&world, Family::Service, &subject) else {
        panic!("no service");
    };
    let Some(Payload::Rule(rule)) = recorded(&world, Family::Rule, &rule_subject) else {
        panic!("no rule");
    };
    let named = said.rule.as_ref().unwrap();
    assert_eq!(said.competent.as_str(), did);
    assert_eq!((named.hash, &named.subject), (rule.rule_hash().unwrap(), &rule_subject));
}

#[tokio::test]
async fn what_is_published_again_supersedes() {
    let world = World::ledger().await;
    publish(&world, Family::Rule, &rule()).await.unwrap();
    let subject = publish(&world, Family::Service, &service()).await.unwrap();
    let mut next = service();
    next["name"]["en"] = json!("Town library card");
    assert_eq!(publish(&world, Family::Service, &next).await.unwrap(), subject);
    let Some(Payload::Service(said)) = recorded(&world, Family::Service, &subject) else {
        panic!("no service");
    };
    assert_eq!(said.name.text("en"), "Town library card");
}

#[tokio::test]
async fn nothing_is_published_in_the_name_of_another() {
    let world = World::ledger().await;
    let before = entries(&world);
    let registrar = world
        .ledger
        .clone()
        .unwrap()
        .with(|ledger| ledger.registrar().did().clone());
    let other: Service = objects::service(&registrar);
    let refused = publish(&world, Family::Service, &serde_json::to_value(&other).unwrap()).await;
    assert!(
        matches!(refused, Err(PublishError::Publication(PublicationError::NotOwn(ref subject))) if *subject == other.subject),
        "{refused:?}"
    );
    assert_eq!(entries(&world), before);
}

#[tokio::test]
async fn a_service_names_a_rule_that_is_there() {
    let world = World::ledger().await;
    let before = entries(&world);
    let refused = publish(&world, Family::Service, &service()).await;
    assert!(
        matches!(refused, Err(PublishError::Publication(PublicationError::NoSuchRule(_)))),
        "{refused:?}"
    );
    // A look at the ledger may end in one more map head, and in nothing else.
    assert!(entries(&world) <= before + 1);
    assert!(
        recorded(
            &world,
            Family::Service,
            &format!("{}/service/library-card", world.app.identity().did)
        )
        .is_none()
    );
}

#[tokio::test]
async fn what_is_no_rule_is_not_published() {
    let world = World::ledger().await;
    for file in ["[]", "{}", "{\"subject\": \"/rule/a\"}", "no JSON"] {
        let refused = world.app.publish(Family::Rule, file.as_bytes()).await;
        assert!(
            matches!(refused, Err(PublishError::Publication(PublicationError::Form))),
            "{file}: {refused:?}"
        );
    }
    let mut empty = rule();
    empty["expression"] = json!("");
    let refused = publish(&world, Family::Rule, &empty).await;
    assert!(
        matches!(refused, Err(PublishError::Publication(PublicationError::Payload(_)))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_is_recorded_of_a_rule_is_its_hash() {
    let world = World::ledger().await;
    let subject = publish(&world, Family::Rule, &rule()).await.unwrap();
    let mut said = rule();
    said["subject"] = json!(subject);
    let said: RuleEntry = serde_json::from_value(said).unwrap();
    let detail = world.ledger.clone().unwrap().with(|ledger| {
        let bundle = UnverifiedBundle::parse(&ledger.object_bundle(Family::Rule, &subject)).unwrap();
        let bundle = bundle.verify_object(&ledger.trust_pack(), Family::Rule, &subject);
        bundle.unwrap().record().map(|record| record.detail)
    });
    assert_eq!(detail, Some(ObjectDetail::Rule(said.rule_hash().unwrap())));
}
