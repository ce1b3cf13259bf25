//! The registrar's portal over HTTP: a real log behind it, a verifier that notes what it is told, browsers with cookies.

mod browser;
mod choices;
mod command;
mod complaints;
mod desk;
mod formats;
mod hosts;
mod own_keys;
mod registration;
mod registration_status;
mod review;
mod rules;
mod sign_in;
mod staff;
mod taken_off;
mod verifier;
mod work;

use std::sync::Arc;
use std::time::Duration;

use anchor::pack::load_pack;
use anchor::portal::{ComplaintFiles, ComplaintReader, Portal, PortalSettings, Role, add_operator, init, issue_letter};
use axum::Router;
use did::identity::Organisation;
use ledger::UnverifiedBundle;
use serde_json::json;
use service::config::Common;
use service::signin::Password;
use service::{Clock, Secret};

use crate::fixtures::NOW;
use crate::world::{Running, TOKEN, World};
use browser::Browser;
use verifier::Stub;

pub(super) const PERSON: &str = "urn:holdfast:vct:person-identification:1";
const PASSWORD: &str = "four eyes see more";

/// A log with a portal.
pub(super) struct Office {
    pub(super) world: World,
    running: Running,
    pub(super) portal: Portal,
    pub(super) verifier: Stub,
    /// The port of the verifier, where hosts of organisations are too.
    host_port: u16,
    common: Common,
}

impl Office {
    pub(super) async fn open() -> Self {
        Self::open_reading(None).await
    }

    /// With a reader of complaints that knows files which are easier to make.
    pub(super) async fn open_with(reader: Arc<dyn ComplaintReader>) -> Self {
        Self::open_reading(Some(reader)).await
    }

    async fn open_reading(reader: Option<Arc<dyn ComplaintReader>>) -> Self {
        let mut world = World::new().await;
        // After a jump of the clock the ledger is soon known to be of now again.
        world.pace.cosign = Duration::from_millis(500);
        let running = world.serve().await;
        let (verifier, url) = Stub::start().await;
        let common: Common = serde_json::from_value(json!({
            "profile": "development", "data_dir": world.folder.path(), "listen": "127.0.0.1:0",
            "ops_listen": "127.0.0.1:0", "public_url": world.url,
            "outbound_ports": [world.url.port().unwrap(), url.port().unwrap()],
        }))
        .unwrap();
        init(&common, NOW).unwrap();
        let settings: PortalSettings = serde_json::from_value(json!({
            "verifier_url": url, "provisioning_token": verifier::TOKEN,
            "card_sign_in": {"token": verifier::TOKEN, "roles": ["owner"]},
        }))
        .unwrap();
        let pack = load_pack(&world.files().trust_pack(), NOW).unwrap();
        let reader = reader.unwrap_or_else(|| Arc::new(ComplaintFiles::new(pack)));
        let token = Secret::try_from(TOKEN.to_owned()).unwrap();
        let clock: Arc<dyn Clock> = Arc::clone(&world.clock) as _;
        let portal = Portal::open(&common, &settings, Some(token), clock, reader)
            .await
            .unwrap();
        Self {
            world,
            running,
            portal,
            verifier,
            host_port: url.port().unwrap(),
            common,
        }
    }

    /// An organisation with keys of its own, at a host that the portal reaches.
    pub(super) fn organisation(&self, name: &str) -> Organisation {
        let host = format!("{name}.localhost%3A{}", self.host_port);
        Organisation::create(&host, NOW, &mut service::random::fill).unwrap()
    }

    /// The host of an application shows what it should, and the applicant has the portal look.
    pub(super) async fn prove(&self, browser: &mut Browser, path: &str) {
        let value = browser.get(path).await.field("host-value").unwrap();
        self.verifier
            .told(|told| told.host_file = verifier::HostFile::Text(format!("{value}\n")));
        let looked = browser.submit(path, &format!("{path}/host"), &[]).await;
        assert_eq!(looked.location(), path);
        let text = browser.get(path).await.text();
        assert!(text.contains("the host is proved"), "{text}");
    }

    pub(super) fn running(&self) -> &Running {
        &self.running
    }

    pub(super) fn router(&self) -> Router {
        self.portal.clone().router()
    }

    pub(super) fn browser(&self) -> Browser {
        Browser::new(self.router())
    }

    pub(super) async fn letter(&self, organisation: &str) -> String {
        issue_letter(&self.common, organisation, self.world.clock.now())
            .await
            .unwrap()
    }

    /// A browser in which the organisation is signed in.
    pub(super) async fn applicant(&self, organisation: &str) -> Browser {
        let code = self.letter(organisation).await;
        let mut browser = self.browser();
        let page = browser
            .submit("/portal/sign-in", "/portal/sign-in", &[("code", &code)])
            .await;
        assert_eq!(page.location(), "/portal/applications");
        browser
    }

    /// A browser in which an operator is signed in.
    pub(super) async fn operator(&self, name: &str, role: Role) -> Browser {
        let password = Password::new(PASSWORD).unwrap();
        add_operator(&self.common, &name.parse().unwrap(), role, &password, NOW)
            .await
            .unwrap();
        self.signed_in(name).await
    }

    /// The same for an operator that is known already.
    pub(super) async fn signed_in(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        let at = "/portal/registrar/sign-in";
        let fields = [("name", name), ("password", PASSWORD)];
        assert_eq!(browser.submit(at, at, &fields).await.location(), "/portal/registrar");
        browser
    }

    /// What the ledger proves of an organisation.
    pub(super) async fn bundle(&self, did: &str) -> ledger::VerifiedBundle {
        let path = format!("/bundle?did={}&with=scope,accreditation", did.replace('%', "%25"));
        let bytes = crate::fixtures::get(&self.world.url, &path).await.body;
        UnverifiedBundle::parse(&bytes)
            .unwrap()
            .verify(&self.world.pack, did)
            .unwrap()
    }

    /// Whether the ledger lets it ask.
    pub(super) async fn may_ask(&self, did: &str) -> bool {
        let bundle = self.bundle(did).await;
        bundle.record().is_some_and(|record| record.relying_party().is_some())
    }
}

/// Begins an application and says who applies; its address.
pub(super) async fn begin(browser: &mut Browser, kind: &str) -> String {
    let list = "/portal/applications";
    let path = browser
        .submit(list, list, &[("kind", kind)])
        .await
        .location()
        .to_owned();
    let about = [
        ("name_en", "Corner Shop"),
        ("mail", "privacy@shop.example"),
        ("page", "https://shop.example/contact"),
        ("days", "100"),
        ("hosting", "hosted"),
        ("privacy", ""),
    ];
    let saved = browser.submit(&path, &format!("{path}/about"), &about).await;
    assert_eq!(saved.location(), path);
    path
}

/// Adds a purpose that asks these claims of the personal card.
pub(super) async fn ask(browser: &mut Browser, path: &str, claims: &[(&str, &str)]) {
    let purposes = format!("{path}/purposes");
    let purpose = browser.submit(path, &purposes, &[]).await.location().to_owned();
    write(browser, &purpose, claims, "0").await;
}

/// Writes a purpose.
pub(super) async fn write(browser: &mut Browser, purpose: &str, claims: &[(&str, &str)], days: &str) {
    let mut fields = vec![
        ("text_en", "You must be 18 to buy this."),
        ("channel", "online"),
        ("retention_days", days),
    ];
    let named: Vec<(String, &str)> = claims
        .iter()
        .map(|(claim, how)| (format!("person-identification.{claim}"), *how))
        .collect();
    fields.extend(named.iter().map(|(name, how)| (name.as_str(), *how)));
    let saved = browser.submit(purpose, purpose, &fields).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
}

/// The application file of an organisation with keys of its own.
pub(super) fn application_file(kind: &str, line: &str) -> serde_json::Value {
    json!({"kind": kind, "did_log_line": line, "name": {"en": "Corner Shop"}})
}

/// That of a business, which has an access certificate already.
pub(super) fn business_file(line: &str) -> String {
    let mut file = application_file("business", line);
    file["scope"] = json!({
        "access_certificates": [jose::base64url::encode([7_u8; 32])], "purposes": [], "valid_until": NOW,
    });
    file.to_string()
}

/// Hands over an application file, and a request for a certificate.
pub(super) async fn hand_over(browser: &mut Browser, path: &str, file: &str, csr: &str) -> browser::Page {
    let token = browser.get(path).await.field("form_token").unwrap();
    let parts = [("form_token", token.as_str()), ("file", file), ("csr", csr)];
    let mut body: String = parts
        .iter()
        .map(|(name, value)| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"\"\r\n\r\n{value}\r\n")
        })
        .collect();
    body.push_str("--x--\r\n");
    let kind = "multipart/form-data; boundary=x";
    browser.post_as(&format!("{path}/file"), kind, body.into_bytes()).await
}

/// Hands an application in.
pub(super) async fn hand_in(browser: &mut Browser, path: &str) {
    let sent = browser.submit(path, &format!("{path}/submit"), &[]).await;
    assert_eq!(sent.location(), path, "{}", sent.text());
}

/// What a form of a page shows in `secret` when the very same one is sent twice.
pub(super) async fn sent_twice(
    shop: &mut Browser,
    page: &str,
    to: &str,
    fields: &[(&str, &str)],
) -> [Option<String>; 2] {
    let token = shop.get(page).await.field("form_token").unwrap();
    let fields = [&[("form_token", token.as_str()), ("once", "0123456789abcdef")], fields].concat();
    let first = shop.post(to, &fields).await.field("secret");
    [first, shop.post(to, &fields).await.field("secret")]
}

/// An organisation that may ask whether people are 18 or older: its browser, its application, its DID.
pub(super) async fn registered(office: &Office) -> (Browser, String, String) {
    registered_for(office, &[("age_over_18", "needed")]).await
}

/// The same for other claims that say yes or no.
pub(super) async fn registered_for(office: &Office, claims: &[(&str, &str)]) -> (Browser, String, String) {
    let mut shop = office.applicant("Corner Shop").await;
    let path = begin(&mut shop, "business").await;
    ask(&mut shop, &path, claims).await;
    hand_in(&mut shop, &path).await;
    let did = office.verifier.did(id(&path));
    (shop, path, did)
}

/// The id of an application, which is that of the business too where it is the first.
pub(super) fn id(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

#[tokio::test]
async fn the_list_that_browsers_go_by_is_that_of_the_router() {
    let office = Office::open().await;
    let listed: std::collections::BTreeMap<String, String> =
        serde_json::from_str(include_str!("../../../src/portal/web/places.json")).unwrap();
    // Files to keep are no pages.
    let is_page = |path: &&str| !path.ends_with(".toml") && !path.ends_with(".pem") && !path.ends_with(".jwt");
    let routed = testkit::routes::routed(&office.router());
    let pages: std::collections::BTreeSet<String> = routed
        .iter()
        .filter_map(|route| route.strip_prefix("GET "))
        .filter(is_page)
        .map(str::to_owned)
        .collect();
    assert_eq!(listed.into_values().collect::<std::collections::BTreeSet<_>>(), pages);
}

#[tokio::test]
async fn every_route_for_programs_is_described() {
    let office = Office::open().await;
    let own = testkit::routes::described(&anchor::description::log_with_portal().to_json());
    let log = testkit::routes::described(&anchor::description::log().to_json());
    let routed = testkit::routes::routed(&office.router());
    let for_programs: Vec<&String> = routed.iter().filter(|route| !route.contains(" /portal")).collect();
    assert_eq!(own.difference(&log).collect::<Vec<_>>(), for_programs);
}
