//! People who sign in: the provider, a browser, and a wallet that can also misbehave.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::middleware::Next;
use axum::response::Response;
use http::Request;
use issuer::development_provider::{DEFAULT, Own, Provider};
use jose::Signer as _;
use oid4vci::PkceVerifier;
use service::TestClock;
use url::Url;

use crate::wallet::Wallet;
use crate::world::{Answer, PUBLIC_URL, World, send};

/// Where the provider's metadata are. OpenID Connect Discovery 1.0 §4
pub(crate) const DISCOVERY: &str = "/.well-known/openid-configuration";
pub(crate) const CLIENT: &str = "holdfast-wallet";
pub(crate) const CALLBACK: &str = "http://127.0.0.1:4711/authorized";
/// What the issuer proves to the provider who it is with.
pub(crate) const CLIENT_SECRET: &str = "zR8-tests-and-nothing-else";

/// Makes what is answered in place of the provider's metadata.
type Fault = Box<dyn Fn() -> Response + Send>;

/// The development provider on a port of its own: the issuer speaks to it over HTTP, the browser of these tests to its
/// router.
pub(crate) struct SignInService {
    pub(crate) provider: Provider,
    pub(crate) port: u16,
    pub(crate) server: tokio::task::JoinHandle<()>,
    /// How often its metadata was asked for.
    pub(crate) discoveries: Arc<AtomicUsize>,
    fault: Arc<Mutex<Option<Fault>>>,
    _folder: tempfile::TempDir,
}

impl SignInService {
    pub(crate) async fn start(clock: Arc<TestClock>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let path = folder.path().join("sign-in.toml");
        let data_dir = folder.path().join("data");
        let text = format!(
            r#"
            profile = "development"
            data_dir = {data_dir:?}
            public_url = "http://login.localhost:{port}"
            [[clients]]
            client_id = "agency"
            client_secret = "{CLIENT_SECRET}"
            redirect_uris = ["{PUBLIC_URL}/signed-in"]
            "#
        );
        std::fs::write(&path, text).unwrap();
        let config = || service::config::load::<Own>(DEFAULT, Some(&path), []).unwrap();
        Provider::create(&config()).unwrap();
        let provider = Provider::open(config(), clock).unwrap();
        let (discoveries, fault) = (Arc::<AtomicUsize>::default(), Arc::<Mutex<Option<Fault>>>::default());
        let (counted, faults) = (Arc::clone(&discoveries), Arc::clone(&fault));
        let watched = move |request: Request<Body>, next: Next| {
            let mut answer = None;
            if request.uri().path() == DISCOVERY {
                counted.fetch_add(1, Ordering::SeqCst);
                answer = faults.lock().unwrap().as_ref().map(|fault| fault());
            }
            async move {
                match answer {
                    Some(answer) => answer,
                    None => next.run(request).await,
                }
            }
        };
        let router = provider.router().layer(axum::middleware::from_fn(watched));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            provider,
            port,
            server,
            discoveries,
            fault,
            _folder: folder,
        }
    }

    /// From now on this is answered in place of the metadata.
    pub(crate) fn answer_discovery(&self, fault: impl Fn() -> Response + Send + 'static) {
        *self.fault.lock().unwrap() = Some(Box::new(fault));
    }

    /// From now on the metadata are there again.
    pub(crate) fn mend(&self) {
        *self.fault.lock().unwrap() = None;
    }

    /// What the issuer is configured with.
    pub(crate) fn settings(&self) -> String {
        format!(
            "outbound_ports = [{port}]\n[citizens]\nissuer = \"http://login.localhost:{port}\"\n\
             client_id = \"agency\"\nclient_secret = \"{CLIENT_SECRET}\"\n",
            port = self.port
        )
    }
}

/// Parameters of an authorization request, which tests change.
pub(crate) struct Push {
    pub(crate) verifier: PkceVerifier,
    pub(crate) parameters: Vec<(String, String)>,
}

impl Push {
    pub(crate) fn of(scope: &str) -> Self {
        let verifier = PkceVerifier::generate(&mut service::random::fill);
        let challenge = verifier.challenge();
        let parameters = [
            ("response_type", "code"),
            ("client_id", CLIENT),
            ("redirect_uri", CALLBACK),
            ("state", "wallet-state"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
            ("scope", scope),
        ];
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            parameters: parameters.map(owned).to_vec(),
            verifier,
        }
    }

    /// With another value, or without the parameter.
    pub(crate) fn with(mut self, name: &str, value: Option<&str>) -> Self {
        self.parameters.retain(|(known, _)| known != name);
        if let Some(value) = value {
            self.parameters.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    pub(crate) fn form(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.parameters)
            .finish()
    }

    /// Pushes it, without a DPoP proof.
    pub(crate) async fn send(&self, world: &World) -> Answer {
        self.send_with(world, None).await
    }

    pub(crate) async fn send_with(&self, world: &World, dpop: Option<&str>) -> Answer {
        let mut request = Request::post("/par").header("content-type", "application/x-www-form-urlencoded");
        if let Some(dpop) = dpop {
            request = request.header("dpop", dpop);
        }
        world.send(request.body(Body::from(self.form())).unwrap()).await
    }

    /// The address that the browser opens.
    pub(crate) async fn pushed(&self, world: &World) -> String {
        let answer = self.send(world).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        opened(answer.json()["request_uri"].as_str().unwrap())
    }

    /// The form that redeems the code.
    pub(crate) fn redeeming(&self, code: &str) -> String {
        code_form(code, CALLBACK, self.verifier.as_str())
    }
}

pub(crate) fn opened(request_uri: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", CLIENT)
        .append_pair("request_uri", request_uri)
        .finish();
    format!("/authorize?{query}")
}

pub(crate) fn code_form(code: &str, redirect_uri: &str, verifier: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("code_verifier", verifier)
        .append_pair("client_id", CLIENT)
        .finish()
}

pub(crate) fn refresh_form(refresh_token: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "refresh_token")
        .append_pair("refresh_token", refresh_token)
        .append_pair("client_id", CLIENT)
        .finish()
}

/// A browser with its cookies, by name.
#[derive(Clone, Default)]
pub(crate) struct Browser {
    cookies: BTreeMap<String, String>,
}

impl Browser {
    /// Opens an address of the issuer; where it leads.
    pub(crate) async fn open(&mut self, world: &World, target: &str) -> Answer {
        let mut request = Request::get(target);
        if !self.cookies.is_empty() {
            let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            request = request.header("cookie", pairs.collect::<Vec<_>>().join("; "));
        }
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        if let Some(set) = answer.header("set-cookie") {
            let mut parts = set.split("; ");
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            if parts.any(|part| part == "Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Signs somebody in at the provider; the address at the issuer that this leads to.
    pub(crate) async fn sign_in(&self, world: &World, at: &Url, person: &str) -> String {
        let provider = &world.citizens.as_ref().unwrap().provider;
        let password = provider.passwords().of(person).unwrap();
        let answer = typed(provider.router(), at, person, &password).await;
        let back = location(&answer);
        assert!(back.as_str().starts_with(&format!("{PUBLIC_URL}/signed-in?")), "{back}");
        format!("{}?{}", back.path(), back.query().unwrap())
    }

    /// From the pushed request to the wallet's own address.
    pub(crate) async fn whole(&mut self, world: &World, target: &str, person: &str) -> Url {
        let at = location(&self.open(world, target).await);
        let back = self.sign_in(world, &at, person).await;
        location(&self.open(world, &back).await)
    }
}

/// Types into the form of the provider.
pub(crate) async fn typed(provider: Router, at: &Url, person: &str, password: &str) -> Answer {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("person", person)
        .append_pair("password", password)
        .finish();
    let request = Request::post(format!("{}?{}", at.path(), at.query().unwrap_or_default()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form));
    send(provider, request.unwrap()).await
}

/// Where an answer leads.
pub(crate) fn location(answer: &Answer) -> Url {
    assert_eq!(answer.status, 303, "{answer:?}");
    answer.header("location").unwrap().parse().unwrap()
}

pub(crate) fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

/// A code for a person who signed in.
pub(crate) async fn code(world: &World, push: &Push, person: &str) -> String {
    let target = push.pushed(world).await;
    let url = Browser::default().whole(world, &target, person).await;
    parameter(&url, "code").unwrap_or_else(|| panic!("{url}"))
}

impl Wallet {
    /// A token request with any form and a good proof.
    pub(crate) async fn redeem(&self, world: &World, form: String) -> Answer {
        let dpop = self.dpop(world, "/token", None).await;
        self.token_with(world, &dpop, form).await
    }

    /// The thumbprint of its key as `dpop_jkt`.
    pub(crate) fn jkt(&self) -> String {
        jose::base64url::encode(self.dpop_key.public_jwk().thumbprint())
    }
}
