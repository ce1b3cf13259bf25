//! The way from a log to its cosigners: slow, lossy, and what was sent may come twice or late.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anchor::log::{Reply, Transport, Unreachable};
use tlog::AddCheckpoint;
use url::Url;

use crate::chance::{Chance, give_way};
use crate::lock;
use crate::node::{Node, Slot};
use crate::oracle::Observer;

/// Turns that a log waits for an answer.
const PATIENCE: u64 = 300;
/// Turns that it waits for stragglers.
const GRACE: u64 = 5;

/// The network of one run.
pub(crate) struct Network {
    pub(crate) nodes: Vec<Arc<Node>>,
    pub(crate) chance: Chance,
    pub(crate) observer: Observer,
    /// One in so many messages is lost, doubled or late; 0: none.
    pub(crate) trouble: AtomicU64,
}

impl Network {
    fn happens(&self) -> bool {
        let trouble = self.trouble.load(Ordering::Relaxed);
        trouble > 0 && self.chance.one_in(trouble)
    }

    async fn send(&self, url: &Url, body: Vec<u8>) -> Result<Reply, Unreachable> {
        if let Ok(request) = AddCheckpoint::parse(&body) {
            self.observer.signed(request.checkpoint.dangerous_checkpoint());
        }
        let node = self.nodes.iter().find(|node| url.host_str() == Some(node.name));
        let node = node.ok_or_else(|| Unreachable("no such host".into()))?;
        self.chance.pause().await;
        if node.now().is_away || self.happens() {
            return Err(Unreachable("lost on the way".into()));
        }
        if self.happens() {
            lock(&node.inbox).push_back((body.clone(), Slot::default()));
        }
        lock(&node.seen).push(body.clone());
        let slot = Slot::default();
        lock(&node.inbox).push_back((body, Arc::clone(&slot)));
        for _ in 0..PATIENCE {
            let reply = lock(&slot).take();
            match reply {
                // It was done, and nobody hears of it.
                Some(_) if self.happens() => return Err(Unreachable("lost on the way back".into())),
                Some(reply) => return Ok(reply),
                None => give_way().await,
            }
        }
        Err(Unreachable("no answer in time".into()))
    }
}

impl Transport for Network {
    fn post<'a>(
        &'a self,
        url: &'a Url,
        body: Vec<u8>,
        _patience: Duration,
    ) -> Pin<Box<dyn Future<Output = Result<Reply, Unreachable>> + Send + 'a>> {
        Box::pin(self.send(url, body))
    }

    fn wait(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async {
            for _ in 0..GRACE {
                give_way().await;
            }
        })
    }
}
