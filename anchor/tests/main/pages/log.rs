//! The pages of the log itself: what it says of its own state.

use std::sync::Arc;

use anchor::log::Status;
use anchor::pack::PackFile;
use anchor::pages::{Directory, Pages};
use anchor::routes::App;
use axum::Router;
use service::Clock;

use super::browser::open;
use super::words::path;
use crate::world::{Running, World, agency};

struct Shown {
    router: Router,
    directory: Directory,
}

async fn show(world: &World, running: &Running) -> Shown {
    let directory = Directory::open(world.folder.path()).await.unwrap();
    let pack = PackFile::load(&world.files().trust_pack(), world.clock.now()).unwrap();
    let clock = Arc::clone(&world.clock) as _;
    let pages = Pages::new(running.log.clone(), directory.clone(), pack, world.url.clone(), clock).unwrap();
    let router = App::new(running.log.clone(), None, None).with_pages(pages).router();
    directory.catch_up(&running.log).await.unwrap();
    Shown { router, directory }
}

#[tokio::test]
async fn health_is_green_with_a_quorum_and_amber_without() {
    let world = World::new().await;
    world.cosigners.set_up(&["w1", "w2", "m1"], false);
    let running = world.start().await;
    let shown = show(&world, &running).await;
    let text = open(&shown.router, "/").await.text();
    for words in [
        "May be out of date",
        "The log has just started and waits for its cosigners.",
        "Enough cosigners No",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    world.cosigners.set_up(&["w1", "w2", "m1"], true);
    running.reaches(&Status::Writing).await;
    shown.directory.catch_up(&running.log).await.unwrap();
    let page = open(&shown.router, "/").await;
    page.check("/");
    let text = page.text();
    for words in [
        "The public ledger",
        "All is well",
        "Entries 3",
        "Enough cosigners Yes",
        "Waiting to be confirmed 0",
        "Needed for each state: 2 of 3 witnesses and 1 of 1 mirrors.",
        "m1.localhost Mirror: repeats every entry before it confirms Confirmed 0 seconds ago",
        "was entered as a registrar.",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    world.clock.set(world.clock.now() + 600);
    let text = open(&shown.router, "/").await.text();
    for words in [
        "May be out of date",
        "No state was confirmed for more than three minutes.",
        "(10 minutes ago)",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    world.clock.set(world.clock.now() + 200_000);
    let text = open(&shown.router, "/").await.text();
    assert!(
        text.contains("Out of order") && text.contains("older than a day"),
        "{text}"
    );
}

#[tokio::test]
async fn what_waits_for_its_quorum_is_counted_and_not_shown() {
    let mut world = World::new().await;
    let running = world.serve().await;
    let shown = show(&world, &running).await;
    world.cosigners.set_up(&["m1"], false);
    running.log.append(world.create(&agency(1))).await.unwrap();
    shown.directory.catch_up(&running.log).await.unwrap();
    let text = open(&shown.router, "/").await.text();
    assert!(text.contains("Waiting to be confirmed 2"), "{text}");
    assert!(!text.contains("agency1.localhost"), "{text}");
    world.cosigners.set_up(&["m1"], true);
    running.publishes(5).await;
    let text = open(&shown.router, "/").await.text();
    assert!(text.contains("still being put together: 3 of 5 entries"), "{text}");
    shown.directory.catch_up(&running.log).await.unwrap();
    let text = open(&shown.router, "/").await.text();
    assert!(text.contains("The registrar entered agency1.localhost:1."), "{text}");
    let page = open(&shown.router, &path(agency(1).did().as_str())).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("May neither issue nor ask"), "{}", page.text());
}

#[tokio::test]
async fn the_read_api_is_as_it_was() {
    let mut world = World::new().await;
    let running = world.serve().await;
    let shown = show(&world, &running).await;
    let checkpoint = open(&shown.router, "/checkpoint").await;
    assert_eq!(checkpoint.header("content-type"), "text/plain; charset=utf-8");
    let published = running.log.store().published().await.unwrap().unwrap();
    assert_eq!(checkpoint.body, published.note);
    let tile = open(&shown.router, "/tile/entries/000.p/3").await;
    assert_eq!(
        (tile.status, tile.header("content-type")),
        (200, "application/octet-stream")
    );
    let missing = open(&shown.router, "/tile/0/x").await;
    assert_eq!(
        missing.header("content-type"),
        "application/problem+json",
        "not even for a browser"
    );
}

#[tokio::test]
async fn a_directory_of_another_log_is_made_again() {
    let mut world = World::new().await;
    let running = world.serve().await;
    let shown = show(&world, &running).await;
    assert_eq!(world.post_code(&world.create(&agency(1))).await.0, 200);
    shown.directory.catch_up(&running.log).await.unwrap();
    let mut other = World::new().await;
    let other_running = other.serve().await;
    shown.directory.catch_up(&other_running.log).await.unwrap();
    let text = open(&shown.router, "/organisations?list=all").await.text();
    assert!(!text.contains("agency1.localhost"), "{text}");
}
