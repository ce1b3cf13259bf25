//! An operator at the page's interface: signs in as a browser does.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use service::signin::{Operators, Password};

use crate::world::{Answer, World};

const PASSWORD: &str = "a long enough password";

pub(crate) struct Operator<'a> {
    world: &'a World,
    cookie: String,
}

impl<'a> Operator<'a> {
    /// Adds an operator and signs in.
    pub(crate) async fn new(world: &'a World, role: &str) -> Self {
        let name = format!("a-{role}");
        let operators = Operators::new(world.app.store().file());
        let password = Password::new(PASSWORD).unwrap();
        operators.add(&name.parse().unwrap(), role, &password, 0).await.unwrap();
        let mut operator = Self {
            world,
            cookie: String::new(),
        };
        let credentials = json!({ "name": name, "password": PASSWORD });
        let answer = operator.post("/sign-in", None, credentials).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let cookie = answer.header("set-cookie").unwrap();
        cookie.split(';').next().unwrap().clone_into(&mut operator.cookie);
        operator
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let request = Request::get(format!("/console/api/v1{path}")).header("cookie", &self.cookie);
        self.world.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, key: Option<&str>, body: Value) -> Answer {
        self.world.send(self.request(path, key, &body)).await
    }

    /// A request as the page makes it.
    pub(crate) fn request(&self, path: &str, key: Option<&str>, body: &Value) -> Request<Body> {
        let mut request = Request::post(format!("/console/api/v1{path}"))
            .header("cookie", &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/json");
        if let Some(key) = key {
            request = request.header("idempotency-key", format!("\"{key}\""));
        }
        request.body(Body::from(body.to_string())).unwrap()
    }

    /// The same with a key of its own.
    pub(crate) async fn act(&self, path: &str, body: Value) -> Answer {
        self.post(path, Some(&service::random::id()), body).await
    }

    /// Offers a residence card to the first person; the answer.
    pub(crate) async fn offer(&self) -> Value {
        let wanted = json!({ "card_type": "residence", "subject": "SYN-000001" });
        let answer = self.act("/offers", wanted).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }
}
