//! The outside world: addresses with answers, and a record of what was asked.

use std::collections::HashMap;
use std::sync::Mutex;

use outbound::{Client, Limits, OutboundError, Policy};
use url::Url;
use verifier::{Fetch, Fetching};

/// What an address answers.
#[derive(Clone)]
pub(crate) enum Reply {
    Body(Vec<u8>),
    Status(u16),
    Silence,
    /// What a server on this port of the machine answers, over HTTP.
    Far(u16),
}

pub(crate) struct Site {
    replies: Mutex<HashMap<String, Reply>>,
    asked: Mutex<Vec<String>>,
    real: Client,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self {
            replies: Mutex::default(),
            asked: Mutex::default(),
            real: Client::new(Policy::Public).unwrap(),
        }
    }

    pub(crate) fn set(&self, address: &str, reply: Reply) {
        self.replies.lock().unwrap().insert(address.to_owned(), reply);
    }

    /// Answers at one address as at another.
    pub(crate) fn copy(&self, from: &str, to: &str) {
        let mut replies = self.replies.lock().unwrap();
        let reply = replies[from].clone();
        replies.insert(to.to_owned(), reply);
    }

    /// Every address asked so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// The client for addresses that no test has set up.
    pub(crate) fn client(&self) -> &Client {
        &self.real
    }

    fn reply(&self, url: &Url) -> Option<Reply> {
        self.asked.lock().unwrap().push(url.to_string());
        let mut plain = url.clone();
        let did = url
            .query_pairs()
            .find(|(name, _)| name == "did")
            .map(|(_, did)| did.into_owned());
        plain.set_query(None);
        let name = did.map_or(plain.to_string(), |did| format!("{plain}?{did}"));
        self.replies.lock().unwrap().get(&name).cloned()
    }
}

impl Fetch for Site {
    fn get<'a>(&'a self, url: &'a Url, limits: &'a Limits) -> Fetching<'a> {
        let reply = self.reply(url);
        Box::pin(async move {
            match reply {
                Some(Reply::Body(bytes)) if bytes.len() > limits.body => {
                    Err(OutboundError::TooLarge { limit: limits.body })
                }
                Some(Reply::Body(bytes)) => Ok(bytes),
                Some(Reply::Status(status)) => Err(OutboundError::Status(http::StatusCode::from_u16(status).unwrap())),
                Some(Reply::Silence) => Err(OutboundError::Timeout),
                Some(Reply::Far(port)) => {
                    let client = Client::new(Policy::Development { ports: vec![port] }).unwrap();
                    let far = format!("http://agency.localhost:{port}{}", url.path());
                    Fetch::get(&client, &far.parse().unwrap(), limits).await
                }
                // An address that no test has set up goes to the real client, which
                // must refuse it before it connects.
                None => Fetch::get(&self.real, url, limits).await,
            }
        })
    }
}
