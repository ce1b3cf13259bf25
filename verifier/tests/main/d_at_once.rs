//! Group D: as many presentations at once as row D7 says, judged as the service judges them. Through
//! its routes each needs a session with a key of its own; `d_status.rs` does that with fewer.

use std::time::Instant;

use oid4vp::UnverifiedVpToken;
use serde_json::json;
use service::Clock;
use status_list::{Bits, StatusList};
use testkit::credential::person_identification;
use testkit::memory::Memory;
use verifier::{Case, Check, Engine, Judgement, Pipeline, Reason};

use crate::d_status::NOT_HELD;
use crate::world::{LIST, World};

/// So many judge beside one another.
const THREADS: usize = 16;
/// Entries of the list, of two bits each: a copy for every presentation would be seen in memory.
const ENTRIES: u64 = 1 << 20;
/// How much memory may rise: that of a copy of the list for one presentation in four, of a thousand.
const MEMORY: u64 = 64 << 20;

/// How many presentations. `cargo xtask soak status` takes ten thousand; making so many takes longer
/// than judging them.
fn many() -> u64 {
    let count = std::env::var("HOLDFAST_STATUS_PRESENTATIONS").ok();
    count.map_or(1_000, |count| count.parse().unwrap())
}

/// Each of a card with a place of its own in the list, and bound to a nonce of its own.
struct Presentation {
    nonce: String,
    token: UnverifiedVpToken,
}

fn check(world: &World) -> &Check {
    &world.app.businesses.main().checks()["adult"]
}

fn presentations(world: &World, uri: &str, count: u64) -> Vec<Presentation> {
    let client_id = world.app.businesses.main().identity().unwrap().client_id().to_string();
    let made = (0..count).map(|number| {
        let nonce = format!("nonce-{number:020}");
        let index = number % ENTRIES;
        let card = world.card_on(uri, "person-identification", person_identification(), index);
        let shown = world.show_at(&card, &["age_over_18"], &client_id, &nonce, world.clock.now());
        let token = json!({ "person": [shown] });
        Presentation {
            nonce,
            token: UnverifiedVpToken::parse(&token, check(world).query()).unwrap(),
        }
    });
    made.collect()
}

fn judged(world: &World, presentations: &[Presentation]) -> Vec<Judgement> {
    let (check, view, device) = (check(world), world.app.trust.view(), world.clock.now());
    let (client_id, trust) = (
        world.app.businesses.main().identity().unwrap().client_id().to_string(),
        view.as_ref(),
    );
    let client_id = client_id.as_str();
    let judge = |shown: &Presentation| {
        Pipeline.judge(&Case {
            check,
            client_id,
            nonce: &shown.nonce,
            handover: None,
            token: &shown.token,
            trust,
            device,
            limits: check.freshness(),
        })
    };
    let judge = &judge;
    std::thread::scope(|scope| {
        let parts = presentations.chunks(presentations.len().div_ceil(THREADS));
        let parts: Vec<_> = parts
            .map(|part| scope.spawn(move || part.iter().map(judge).collect::<Vec<_>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    })
}

#[tokio::test]
async fn d7_verifier_ten_thousand_presentations_at_once() {
    let mut world = World::new().await;
    world.clock.advance(60);
    world.statuses = StatusList::new(Bits::Two, ENTRIES);
    world.publish_lists();
    world.refresh().await;
    let (count, asked) = (many(), world.site.asked().len());
    let held = presentations(&world, LIST, count);
    let not_held = presentations(&world, NOT_HELD, count);
    let (memory, started) = (Memory::now(), Instant::now());
    let of_held = judged(&world, &held);
    let of_not_held = judged(&world, &not_held);
    let time = started.elapsed();
    assert!(of_held.iter().all(|judgement| judgement.reason == Reason::Ok));
    for judgement in &of_not_held {
        assert_eq!(judgement.reason, Reason::StatusUnavailable);
        assert_eq!(judgement.unheld_list, None, "nor is it fetched for this card alone");
    }
    assert_eq!(of_held.len() + of_not_held.len(), held.len() + not_held.len());
    assert!(memory.rose_less_than(MEMORY));
    assert_eq!(world.site.asked().len(), asked, "no card causes a fetch");
    assert_eq!(world.app.trust.view().status_lists().count(), 1, "one list is held");
    println!(
        "COUNT: status: {count} presentations, twice, in {} ms",
        time.as_millis()
    );
}
