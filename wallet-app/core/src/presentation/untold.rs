//! What whoever asked may be told when the wallet does not answer. It is sent on the person's word
//! only: every reply says something about who holds the wallet. OpenID4VP 1.0 §8.5, §15.9

use super::ShareError;
use super::send::FORM;
use crate::history::annotate;
use crate::wallet::Wallet;
use oid4vp::{AuthenticatedRequest, ErrorCode, FormBody, PresentationRequest};
use outbound::{Limits, Request, Response};
use url::Url;

/// An error response that was made and not sent. To drop it is to send nothing.
#[derive(Clone)]
pub struct Untold {
    target: Url,
    body: FormBody,
    code: ErrorCode,
    /// The line of the history about the request, once there is one.
    history_id: Option<i64>,
}

impl Untold {
    /// The specification's code for what is wrong with a request; `None` where it does not say where
    /// to answer.
    pub(super) fn of_broken(request: &AuthenticatedRequest, code: ErrorCode) -> Option<Self> {
        let (target, response) = request.error_response(code)?;
        Some(Self {
            target,
            body: response.to_form(),
            code,
            history_id: None,
        })
    }

    /// `access_denied`: the same whether there is no card, the person does not want to, or those who
    /// ask may not have it.
    pub(super) fn denied(request: PresentationRequest) -> Self {
        let (target, body) = request.refuse();
        Self {
            target,
            body,
            code: ErrorCode::AccessDenied,
            history_id: None,
        }
    }

    /// The line of the history that is about it.
    pub(super) fn note(&mut self, history_id: i64) {
        self.history_id = Some(history_id);
    }

    /// The code that would be sent, and nothing else.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code.as_str()
    }
}

impl std::fmt::Debug for Untold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Untold")
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

impl Wallet {
    /// Tells whoever asked, because the person says so. Gives where the browser should go on.
    pub async fn tell_asker(&self, untold: Untold) -> Result<Option<Url>, ShareError> {
        let request = Request::post(untold.target, FORM, untold.body.as_str());
        let reply = self.client.send(request, &Limits::MESSAGE).await;
        let reply = reply.and_then(Response::success).map_err(ShareError::NotSent)?;
        if let Some(id) = untold.history_id {
            self.vault.write(|transaction| annotate(transaction, id, "_told"))?;
        }
        Ok(self.redirect(&reply))
    }
}
