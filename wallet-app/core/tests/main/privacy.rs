//! No value of a card in a log, an error, the history or a file, whatever goes wrong.

use crate::world::{Issuer, RequestDraft, World, agree};
use serde_json::json;
use std::io::Write;
use std::sync::{Arc, Mutex};
use wiremock::ResponseTemplate;

const CANARY: &str = "Kanarienvogel";

/// Everything that is logged, at every level and by every crate.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// For the whole process: whether anybody listens is remembered for every
    /// thread at once, so a listener of one thread can be passed over.
    fn start() -> Self {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::set_global_default(subscriber).expect("nobody else listens");
        log
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("log")).into_owned()
    }
}

/// Every text that a person or a log could get to see of an error.
fn texts(error: &dyn std::error::Error) -> String {
    let mut all = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        all.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    all
}

fn canary_card(world: &World) -> Issuer {
    let mut issuer = Issuer::of(world, "person-identification");
    issuer.claims.insert("given_name".into(), CANARY.into());
    issuer
}

#[tokio::test]
async fn no_value_of_a_card_is_in_a_log_an_error_or_the_history() {
    let log = Log::start();
    let mut seen = String::new();

    // A card that is refused: the values are in memory when the error is made.
    let world = World::new().await;
    let issuer = canary_card(&world).making(|mut copy| {
        if copy.number == 1 {
            copy.draft.claims.insert("family_name".into(), "Other".into());
        }
        copy.issue()
    });
    issuer.mount(&world).await;
    seen.push_str(&texts(&world.not_stored(&issuer).await));

    // A card that is kept, asked for too much, shown, refused, and lost on the way.
    let mut world = World::new().await;
    let issuer = canary_card(&world);
    issuer.mount(&world).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    let link = world.ask("age", &["age_over_18", "portrait"]).await;
    seen.push_str(&texts(&world.refused(&link).await));
    let link = world.ask("contract", &["given_name", "family_name"]).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    seen.push_str(&format!("{open:?} {:?} {:?}", open.ask(), world.wallet));
    let consent = agree(&open, &[]);
    seen.push_str(&format!("{consent:?}"));
    world.answer("/response/1", ResponseTemplate::new(500)).await;
    seen.push_str(&texts(&world.wallet.share(open, &consent).await.expect_err("no reply")));
    let mut draft = RequestDraft::of(&mut world, "contract", &["given_name"]);
    draft.claims["state"] = json!("s-other-5678901234567890");
    let link = draft.publish(&world).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let _ = world.wallet.refuse(open).await;
    let history = world.wallet.vault().history().expect("history");
    assert!(history.len() >= 3);
    seen.push_str(&serde_json::to_string(&history).expect("json"));

    assert!(seen.contains("given_name"), "names are there");
    assert!(!seen.contains(CANARY));
    assert!(!log.text().contains(CANARY));
    assert!(!log.text().is_empty(), "something was logged");
    drop(world.wallet);
    for entry in std::fs::read_dir(world.folder.path().join("profile")).expect("folder") {
        let bytes = std::fs::read(entry.expect("entry").path()).expect("file");
        assert!(!bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()));
    }
}
