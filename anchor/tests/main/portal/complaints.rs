//! Complaints: proved, counted, acted upon.

use std::sync::{Arc, Mutex};

use anchor::pack::PackFile;
use anchor::pages::{Directory, Pages};
use anchor::portal::{ComplaintReader, Finding, Refusal, Role};
use axum::body::{Body, to_bytes};
use axum::http::Request;
use serde_json::{Value, json};
use service::Clock;
use sha2::{Digest, Sha256};
use tower::ServiceExt;

use super::{Office, id, registered};
use crate::fixtures::NOW;

/// Files that are JSON of a DID prove something about it; files that begin with `!` are forged.
#[derive(Default)]
struct Reader(Mutex<u32>);

impl ComplaintReader for Reader {
    fn read(&self, bytes: &[u8], _: u64) -> Result<Finding, Refusal> {
        *self.0.lock().unwrap() += 1;
        if bytes.starts_with(b"!") {
            return Err(Refusal::NotProved);
        }
        let file: Value = serde_json::from_slice(bytes).map_err(|_| Refusal::Form)?;
        Ok(Finding {
            digest: Sha256::digest(bytes).into(),
            did: file["did"].as_str().ok_or(Refusal::Form)?.to_owned(),
            asked: vec!["birth_date".to_owned()],
            hour: NOW + 5,
        })
    }
}

#[tokio::test]
async fn from_complaint_to_refusal() {
    let office = Office::open_with(Arc::new(Reader::default())).await;
    let (_, path, did) = registered(&office).await;
    let mut citizen = office.browser();
    let file = json!({ "did": did }).to_string();
    let sent = citizen
        .post_as("/complaints", "application/json", file.clone().into_bytes())
        .await;
    let answer: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(sent.status, 201);
    assert_eq!(
        answer,
        json!({"did": did, "asked": ["birth_date"], "hour": NOW, "complaints": 1})
    );
    // The same file counts once, under its own media type too.
    let again = citizen
        .post_as("/complaints", "application/cbor", file.into_bytes())
        .await;
    assert_eq!(again.status, 200);
    assert_eq!(office.portal.counts().of(&did).await.unwrap(), 1);

    let mut ada = office.operator("ada", Role::Reviewer).await;
    let list = ada.get("/portal/registrar/complaints").await;
    assert!(list.text().contains("birth_date"), "{}", list.text());
    assert!(office.may_ask(&did).await);
    let fields = [("words", list.field("words").unwrap())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let suspend = format!("/portal/registrar/applications/{}/suspend", id(&path));
    ada.submit("/portal/registrar/complaints", &suspend, &fields).await;
    assert!(
        !office.may_ask(&did).await,
        "wallets refuse from the next checkpoint on"
    );
}

#[tokio::test]
async fn what_proves_nothing_is_not_counted() {
    let office = Office::open_with(Arc::new(Reader::default())).await;
    let (_, _, did) = registered(&office).await;
    let mut citizen = office.browser();
    for (file, code) in [
        ("!forged", "complaint_not_proved"),
        ("no JSON", "complaint_malformed"),
        ("", "complaint_malformed"),
        (r#"{"did": "no DID"}"#, "complaint_malformed"),
    ] {
        let sent = citizen
            .post_as("/complaints", "application/json", file.as_bytes().to_vec())
            .await;
        assert_eq!(sent.problem(), (422, code.to_owned()), "{file}");
    }
    let sent = citizen.post_as("/complaints", "text/plain", b"{}".to_vec()).await;
    assert_eq!(sent.problem(), (415, "unsupported_media_type".to_owned()));
    assert_eq!(office.portal.counts().of(&did).await.unwrap(), 0);
}

#[tokio::test]
async fn what_is_no_complaint_file_is_not_counted() {
    let office = Office::open().await;
    let sent = office
        .browser()
        .post_as("/complaints", "application/json", b"{}".to_vec())
        .await;
    assert_eq!(sent.problem(), (422, "complaint_malformed".to_owned()));
}

#[tokio::test]
async fn too_many_complaints_of_one_address_are_not_read() {
    let reader = Arc::new(Reader::default());
    let office = Office::open_with(Arc::clone(&reader) as _).await;
    let mut flood = office.browser();
    for _ in 0..10 {
        flood.post_as("/complaints", "application/json", b"!".to_vec()).await;
    }
    let sent = flood.post_as("/complaints", "application/json", b"!".to_vec()).await;
    assert_eq!(sent.problem(), (429, "too_many_attempts".to_owned()));
    assert_eq!(*reader.0.lock().unwrap(), 10);
}

#[tokio::test]
async fn a_person_hands_a_file_in_by_a_form() {
    let office = Office::open_with(Arc::new(Reader::default())).await;
    let (_, _, did) = registered(&office).await;
    let mut citizen = office.browser();
    let token = citizen.get("/portal/complaints").await.field("form_token").unwrap();
    let body = |token: &str| {
        format!(
            "--b\r\nContent-Disposition: form-data; name=\"form_token\"\r\n\r\n{token}\r\n--b\r\n\
             Content-Disposition: form-data; name=\"complaint\"; filename=\"c.json\"\r\n\r\n{}\r\n--b--\r\n",
            json!({ "did": did })
        )
        .into_bytes()
    };
    let kind = "multipart/form-data; boundary=b";
    let refused = citizen.post_as("/portal/complaints", kind, body("x")).await;
    assert_eq!(refused.problem(), (403, "stale_form".to_owned()));
    let taken = citizen.post_as("/portal/complaints", kind, body(&token)).await;
    assert!(
        taken.text().contains("It counts in public from now on"),
        "{}",
        taken.text()
    );
    assert_eq!(office.portal.counts().of(&did).await.unwrap(), 1);
}

#[tokio::test]
async fn the_public_page_of_a_business_says_how_many() {
    let office = Office::open_with(Arc::new(Reader::default())).await;
    let (_, _, did) = registered(&office).await;
    let file = json!({ "did": did }).to_string().into_bytes();
    office.browser().post_as("/complaints", "application/json", file).await;
    let world = &office.world;
    let directory = Directory::open(world.folder.path()).await.unwrap();
    directory.catch_up(&office.running().log).await.unwrap();
    let pack = PackFile::load(&world.files().trust_pack(), world.clock.now()).unwrap();
    let clock = Arc::clone(&world.clock) as _;
    let pages = Pages::new(office.running().log.clone(), directory, pack, world.url.clone(), clock).unwrap();
    let router = pages.with_portal(office.portal.counts()).router();
    let path = format!("/organisations/{}", did.replace('%', "%25"));
    let response = router
        .oneshot(Request::get(path).body(Body::empty()).unwrap())
        .await
        .unwrap();
    let body = to_bytes(response.into_body(), 10_000_000).await.unwrap();
    let html = String::from_utf8_lossy(&body);
    assert!(html.contains("1 proved report of asking for too much"), "{html}");
    assert!(html.contains("href=\"/portal\""), "{html}");
}
