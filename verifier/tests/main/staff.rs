//! Somebody at the desk: signs in, and calls what the pages call.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use service::signin::{Operators, Password};

use crate::world::World;

const PASSWORD: &str = "correct horse battery staple";

/// A signed-in operator: the session's cookie.
pub(crate) struct Staff {
    cookie: String,
    /// Where the pages of their business begin: nothing, or `/b/` and its id.
    at: String,
}

impl Staff {
    /// An operator of this role, signed in.
    pub(crate) async fn sign_in(world: &World, name: &str, role: &str) -> Self {
        Self::sign_in_at(world, "", name, role).await
    }

    /// The same at the desk of a business that was added.
    pub(crate) async fn sign_in_at(world: &World, business: &str, name: &str, role: &str) -> Self {
        let at = if business.is_empty() {
            String::new()
        } else {
            format!("/b/{business}")
        };
        let file = world.folder.path().join(format!("{name}.password"));
        service::files::write_private(&file, PASSWORD.as_bytes()).unwrap();
        let password = Password::from_file(&file).unwrap();
        Operators::of_realm(world.app.store.sqlite(), business)
            .add(&name.parse().unwrap(), role, &password, 0)
            .await
            .unwrap();
        let body = json!({ "name": name, "password": PASSWORD });
        let response = world
            .send(
                post(&format!("{at}/desk/api/v1/sign-in"))
                    .body(body.to_string().into())
                    .unwrap(),
            )
            .await;
        assert_eq!(response.status(), StatusCode::OK);
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        Self {
            cookie: cookie.split(';').next().unwrap().to_owned(),
            at,
        }
    }

    pub(crate) fn cookie(&self) -> &str {
        &self.cookie
    }

    pub(crate) fn request(&self, path: &str) -> Request<Body> {
        Request::get(format!("{}/desk/api/v1{path}", self.at))
            .header("cookie", &self.cookie)
            .body(Body::empty())
            .unwrap()
    }

    pub(crate) async fn get(&self, world: &World, path: &str) -> (StatusCode, Value) {
        world.call(self.request(path)).await
    }

    pub(crate) async fn post(&self, world: &World, path: &str, body: &Value, key: &str) -> (StatusCode, Value) {
        let request = post(&format!("{}/desk/api/v1{path}", self.at))
            .header("cookie", &self.cookie)
            .header("idempotency-key", key)
            .body(Body::from(body.to_string()))
            .unwrap();
        world.call(request).await
    }

    /// Opens a session of a check.
    pub(crate) async fn ask(&self, world: &World, check: &str) -> Value {
        let key = service::random::id();
        let (status, opened) = self
            .post(world, &format!("/checks/{check}/sessions"), &json!({}), &key)
            .await;
        assert_eq!(status, StatusCode::OK, "{opened}");
        opened
    }

    /// Hands in what was read from a code.
    pub(crate) async fn hand_in(&self, world: &World, opened: &Value, response: &str) -> (StatusCode, Value) {
        let path = format!("/sessions/{}/answer", opened["id"].as_str().unwrap());
        self.post(world, &path, &json!({ "response": response }), "").await
    }
}

/// A request as a page of this service makes it.
pub(crate) fn post(path: &str) -> http::request::Builder {
    Request::post(path)
        .header("content-type", "application/json")
        .header("sec-fetch-site", "same-origin")
}
