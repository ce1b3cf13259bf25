//! One witness or mirror, as the log sees it. c2sp.org/tlog-witness

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use outbound::{Client, Limits};
use tlog::{
    AddCheckpoint, CosignerKey, LogCheckpoint, SignatureLine, consistency_nodes, cosignatures_from_response,
    prove_consistency, size_from_conflict,
};
use url::Url;

use crate::store::{LogStore, ReadError};

/// How often a cosigner that names another size is asked again in one round.
const ATTEMPTS: usize = 3;

/// An answer of a cosigner.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// No answer came.
#[derive(Debug, thiserror::Error)]
#[error("the cosigner does not answer")]
pub struct Unreachable(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// How requests reach a cosigner.
pub trait Transport: Send + Sync + 'static {
    /// `POST url` with this body, for at most so long.
    fn post<'a>(
        &'a self,
        url: &'a Url,
        body: Vec<u8>,
        time: Duration,
    ) -> Pin<Box<dyn Future<Output = Result<Reply, Unreachable>> + Send + 'a>>;

    /// Waits so long for answers that are under way.
    fn wait(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(time))
    }
}

impl Transport for Client {
    fn post<'a>(
        &'a self,
        url: &'a Url,
        body: Vec<u8>,
        time: Duration,
    ) -> Pin<Box<dyn Future<Output = Result<Reply, Unreachable>> + Send + 'a>> {
        Box::pin(async move {
            let limits = Limits::MESSAGE.with_total(time);
            let answer = self.post(url, "text/plain; charset=utf-8", body, &limits).await;
            let answer = answer.map_err(|error| Unreachable(Box::new(error)))?;
            Ok(Reply {
                status: answer.status().as_u16(),
                body: answer.into_body(),
            })
        })
    }
}

/// A cosigner of the policy.
pub(super) struct Cosigner {
    pub(super) key: CosignerKey,
    pub(super) is_mirror: bool,
    url: Url,
    patience: Duration,
}

/// What asking a cosigner came to.
#[derive(Debug)]
pub(super) enum Answer {
    /// It cosigned.
    Cosigned(SignatureLine),
    /// It has a larger tree of this log.
    Ahead(u64),
    /// A witness has another tree of this log.
    Forked,
    /// It did not cosign, now.
    Silent,
}

impl Cosigner {
    /// A cosigner at a submission prefix.
    pub(super) fn new(key: CosignerKey, prefix: &str, is_mirror: bool, patience: Duration) -> Option<Self> {
        let url = format!("{}/add-checkpoint", prefix.trim_end_matches('/'))
            .parse()
            .ok()?;
        Some(Self {
            key,
            is_mirror,
            url,
            patience,
        })
    }

    pub(super) fn name(&self) -> &str {
        self.key.verifier_key().name().as_str()
    }

    /// Asks for a cosignature, from the size it is thought to have; it says when that is wrong.
    pub(super) async fn ask<S: LogStore>(
        &self,
        transport: &dyn Transport,
        store: &S,
        checkpoint: &LogCheckpoint,
        known: u64,
    ) -> Result<Answer, ReadError> {
        let size = checkpoint.checkpoint().size();
        let mut old = known.min(size);
        for _ in 0..ATTEMPTS {
            let request = AddCheckpoint {
                old_size: old,
                proof: consistency(store, old, size).await?,
                checkpoint: checkpoint.to_note(&[]),
            };
            let reply = match transport
                .post(&self.url, request.to_string().into_bytes(), self.patience)
                .await
            {
                Ok(reply) => reply,
                Err(error) => {
                    tracing::warn!(
                        cosigner = self.name(),
                        error = &error as &dyn std::error::Error,
                        "no answer"
                    );
                    return Ok(Answer::Silent);
                }
            };
            match (reply.status, size_from_conflict(&reply.body)) {
                (200, _) => return Ok(self.cosignatures(&reply.body, checkpoint)),
                (409, Some(ahead)) if ahead > size => return Ok(Answer::Ahead(ahead)),
                (409, Some(theirs)) => old = theirs,
                // One size, two roots, or a proof that does not fit: a witness never says
                // this to a log that only grew. A mirror also says it of a false map.
                (422, _) if !self.is_mirror => return Ok(Answer::Forked),
                (status, _) => {
                    tracing::warn!(cosigner = self.name(), status, "refused to cosign");
                    return Ok(Answer::Silent);
                }
            }
        }
        Ok(Answer::Silent)
    }

    fn cosignatures(&self, body: &[u8], checkpoint: &LogCheckpoint) -> Answer {
        match cosignatures_from_response(body, checkpoint.checkpoint(), &self.key) {
            Ok(lines) => self.newest(checkpoint, lines),
            Err(error) => {
                tracing::warn!(
                    cosigner = self.name(),
                    error = &error as &dyn std::error::Error,
                    "bad cosignature"
                );
                Answer::Silent
            }
        }
    }

    /// One line a cosigner: a note has room for so many, and one that answers with more must
    /// not make it unreadable.
    fn newest(&self, checkpoint: &LogCheckpoint, lines: Vec<SignatureLine>) -> Answer {
        let time = |line: &SignatureLine| self.key.verify(checkpoint.checkpoint(), line).ok();
        lines
            .into_iter()
            .max_by_key(time)
            .map_or(Answer::Silent, Answer::Cosigned)
    }
}

async fn consistency<S: LogStore>(store: &S, old: u64, new: u64) -> Result<Vec<tlog::Hash>, ReadError> {
    if old == 0 {
        return Ok(Vec::new());
    }
    let damaged = |_| ReadError::Damaged("tree");
    let nodes = store.nodes(consistency_nodes(old, new).map_err(damaged)?).await?;
    prove_consistency(old, new, &nodes).map_err(damaged)
}
