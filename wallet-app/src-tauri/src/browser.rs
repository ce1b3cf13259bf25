//! The system browser, for the page where those who asked go on.

use url::Url;

/// Opens a page, without a shell in between. What is no web page is not opened, whatever app may
/// have registered itself for it. The host that was opened, as shown.
pub(crate) fn open(page: &Url) -> Option<String> {
    let host = host_of_page(page)?;
    if let Err(error) = tell_the_system(page) {
        tracing::warn!(kind = %error.kind(), "the browser was not opened");
        return None;
    }
    Some(host)
}

#[cfg(desktop)]
fn tell_the_system(page: &Url) -> std::io::Result<()> {
    ::open::that_detached(page.as_str())
}

/// On a phone an intent would do it; this app is not built for one yet.
#[cfg(mobile)]
fn tell_the_system(_: &Url) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

/// The wallet gave out https alone, or this machine under development; here no other scheme gets
/// through either.
fn host_of_page(page: &Url) -> Option<String> {
    if !matches!(page.scheme(), "https" | "http") {
        return None;
    }
    let host = page.host_str()?;
    Some(
        page.port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("https://shop.example/done#code" => Some("shop.example".into()) ; "page")]
    #[test_case("http://shop.localhost:8080/done" => Some("shop.localhost:8080".into()) ; "page of this machine")]
    #[test_case("javascript:alert(1)" => None ; "script")]
    #[test_case("file:///etc/passwd" => None ; "file")]
    #[test_case("intent://scan/#Intent;scheme=zxing;end" => None ; "another app")]
    #[test_case("tel:112" => None ; "telephone")]
    fn opened(page: &str) -> Option<String> {
        host_of_page(&Url::parse(page).expect("a link"))
    }
}
