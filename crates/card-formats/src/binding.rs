//! What ties a presentation to one request.

use jose::PublicJwk;

/// To whom a presentation is made out, and for which request. OpenID4VP 1.0 §14.1.2
#[derive(Clone, Copy, Debug)]
pub struct Binding<'a> {
    /// Who asks: the full client identifier.
    pub audience: &'a str,
    /// The nonce of the request.
    pub nonce: &'a str,
    /// How the answer is handed over; `None` without a network.
    pub handover: Option<Handover<'a>>,
}

/// How an answer is handed over, for formats whose proof of possession is about that too. OpenID4VP 1.0 Appendix B.2.6
#[derive(Clone, Copy, Debug)]
pub struct Handover<'a> {
    /// `response_uri` of the request, as it stands there.
    pub response_uri: &'a str,
    /// The key that the answer is encrypted to; `None` where it is not.
    pub encryption_key: Option<&'a PublicJwk>,
}
