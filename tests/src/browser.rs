//! A browser, as far as a sign-in needs one: it goes where it is sent, keeps
//! one cookie, and fills in one form.

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::{Position, Url};

/// Where an answer sends the browser, and what it shall bring along then.
struct Sent {
    to: String,
    cookie: Option<String>,
}

/// Opens the address that a wallet gives, signs somebody in, and gives the
/// address that leads back to the wallet.
///
/// # Errors
/// Somebody does not answer, or does not send the browser on.
pub async fn sign_in(url: &str, person: &str, password: &str) -> Result<String> {
    let agency = visit(url, None, None).await?;
    let cookie = agency.cookie.context("the agency does not mark the browser")?;
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("person", person)
        .append_pair("password", password)
        .finish();
    let provider = visit(&agency.to, None, Some(&form)).await?;
    Ok(visit(&provider.to, Some(&cookie), None).await?.to)
}

/// One request; the answer must send the browser on.
async fn visit(url: &str, cookie: Option<&str>, form: Option<&str>) -> Result<Sent> {
    let url: Url = url.parse()?;
    let port = url.port().with_context(|| format!("no port in {url}"))?;
    let verb = form.map_or("GET", |_| "POST");
    let target = &url[Position::BeforePath..Position::AfterQuery];
    let host = url.host_str().unwrap_or_default();
    let mut request = format!("{verb} {target} HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n");
    if let Some(cookie) = cookie {
        request.push_str(&format!("cookie: {cookie}\r\n"));
    }
    let form = form.unwrap_or_default();
    request.push_str(&format!(
        "content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    ));
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    read(&String::from_utf8_lossy(&answer)).with_context(|| format!("{verb} {host}: {}", first_line(&answer)))
}

fn read(answer: &str) -> Result<Sent> {
    let (head, _) = answer.split_once("\r\n\r\n").context("no answer")?;
    let header = |wanted: &str| {
        let pairs = head.lines().filter_map(|line| line.split_once(':'));
        let mut found = pairs.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.next().map(|(_, value)| value.trim().to_owned())
    };
    let cookie = header("set-cookie");
    let cookie = cookie.and_then(|cookie| Some(cookie.split(';').next()?.to_owned()));
    Ok(Sent {
        to: header("location").context("the browser is not sent on")?,
        cookie,
    })
}

fn first_line(answer: &[u8]) -> String {
    let text = String::from_utf8_lossy(answer);
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn the_browser_goes_where_it_is_sent_and_keeps_the_cookie() {
        let answer =
            "HTTP/1.1 303 See Other\r\nLocation: http://b.localhost/x?y=z:1\r\nset-cookie: a=b; Path=/\r\n\r\n";
        let sent = read(answer).unwrap();
        assert_eq!(
            (sent.to.as_str(), sent.cookie.as_deref()),
            ("http://b.localhost/x?y=z:1", Some("a=b"))
        );
        assert!(read("HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
