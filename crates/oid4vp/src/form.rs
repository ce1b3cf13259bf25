//! `application/x-www-form-urlencoded` bodies, as both ends read them.

/// A parameter stands there twice. RFC 6749 §3.1
pub(crate) struct Repeated;

/// The value of a parameter that may stand there once.
pub(crate) fn parameter(body: &[u8], name: &str) -> Result<Option<String>, Repeated> {
    let mut found = url::form_urlencoded::parse(body).filter(|(key, _)| key == name);
    let first = found.next().map(|(_, value)| value.into_owned());
    if found.next().is_some() {
        return Err(Repeated);
    }
    Ok(first)
}
