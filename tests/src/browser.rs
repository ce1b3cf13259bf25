//! A browser, as far as pages without scripts need one: it keeps cookies, fills in forms, and says where it is sent.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::{Position, Url};

/// The browser of one person.
#[derive(Debug, Default)]
pub struct Browser {
    /// Name and value of each cookie, by host.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
}

/// What a host answered.
#[derive(Debug)]
pub struct Page {
    /// The status of HTTP.
    pub status: u16,
    url: Url,
    location: Option<String>,
    html: String,
}

impl Browser {
    /// Opens an address.
    ///
    /// # Errors
    /// Nobody answers.
    pub async fn get(&mut self, url: &str) -> Result<Page> {
        self.visit(url, None).await
    }

    /// Sends a form to an address.
    ///
    /// # Errors
    /// Nobody answers.
    pub async fn post(&mut self, url: &str, fields: &[(&str, &str)]) -> Result<Page> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        self.visit(url, Some(&form.finish())).await
    }

    async fn visit(&mut self, url: &str, form: Option<&str>) -> Result<Page> {
        let url: Url = url.parse()?;
        let port = url.port().with_context(|| format!("no port in {url}"))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let request = self.request(&url, (&host, port), form);
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        let answer = String::from_utf8_lossy(&answer);
        self.read(url, &answer)
            .with_context(|| format!("{host}: {}", answer.lines().next().unwrap_or_default()))
    }

    /// Of version 1.0, so that no answer comes in pieces.
    fn request(&self, url: &Url, (host, port): (&str, u16), form: Option<&str>) -> String {
        let verb = form.map_or("GET", |_| "POST");
        let target = &url[Position::BeforePath..Position::AfterQuery];
        let mut request = format!("{verb} {target} HTTP/1.0\r\nhost: {host}:{port}\r\nconnection: close\r\n");
        let cookies = self.cookies.get(host).into_iter().flatten();
        let cookies: Vec<String> = cookies.map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request.push_str(&format!("cookie: {}\r\n", cookies.join("; ")));
        }
        let form = form.unwrap_or_default();
        request.push_str(&format!(
            "content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            form.len()
        ));
        request
    }

    fn read(&mut self, url: Url, answer: &str) -> Result<Page> {
        let (head, html) = answer.split_once("\r\n\r\n").context("no answer")?;
        let status = head.split_whitespace().nth(1).context("no status")?.parse()?;
        let mut location = None;
        let cookies = self
            .cookies
            .entry(url.host_str().unwrap_or_default().to_owned())
            .or_default();
        for (name, value) in head.lines().filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            if name.eq_ignore_ascii_case("location") {
                location = Some(value.to_owned());
            } else if name.eq_ignore_ascii_case("set-cookie") {
                let cookie = value.split(';').next().and_then(|cookie| cookie.split_once('='));
                let (name, value) = cookie.with_context(|| format!("no cookie: {value}"))?;
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(Page {
            status,
            url,
            location,
            html: html.to_owned(),
        })
    }
}

impl Page {
    /// Where the browser is sent.
    ///
    /// # Errors
    /// It is to stay here.
    pub fn sent_on(&self) -> Result<String> {
        let to = self.location.as_deref();
        let to = to.with_context(|| {
            format!(
                "{} does not send the browser on: {} {}",
                self.url, self.status, self.html
            )
        })?;
        if Url::parse(to).is_ok() {
            return Ok(to.to_owned());
        }
        Ok(self.url.join(to)?.into())
    }

    /// What the form for a path sends along that nobody fills in.
    ///
    /// # Errors
    /// There is no such form on the page.
    pub fn form(&self, path: &str) -> Result<Vec<(String, String)>> {
        let action = format!("action=\"{path}\"");
        let is_for = |form: &&str| form.split('>').next().is_some_and(|tag| tag.contains(&action));
        let mut forms = self.html.split("<form ").skip(1);
        let form = forms.find(is_for);
        let form =
            form.with_context(|| format!("no form for {path} at {}: {} {}", self.url, self.status, self.html))?;
        let form = form.split("</form>").next().unwrap_or_default();
        let hidden = form.split("<input type=\"hidden\" ").skip(1);
        hidden
            .map(|input| {
                let value = |name: &str| {
                    let (_, rest) = input.split_once(&format!("{name}=\""))?;
                    Some(rest.split('"').next()?.to_owned())
                };
                value("name")
                    .zip(value("value"))
                    .context("a hidden field without name or value")
            })
            .collect()
    }

    /// The value that a field shows.
    ///
    /// # Errors
    /// There is no such field on the page.
    pub fn shows(&self, name: &str) -> Result<String> {
        let shown = self.html.split_once(&format!("name=\"{name}\" value=\""));
        let value = shown.and_then(|(_, rest)| rest.split('"').next());
        let missing = || format!("no {name} at {}: {} {}", self.url, self.status, self.html);
        value.map(str::to_owned).with_context(missing)
    }
}

/// Opens the address that a wallet gives, signs somebody in, and gives the
/// address that leads back to the wallet.
///
/// # Errors
/// Somebody does not answer, or does not send the browser on.
pub async fn sign_in(url: &str, person: &str, password: &str) -> Result<String> {
    let mut browser = Browser::default();
    let provider = browser.get(url).await?.sent_on()?;
    let is_marked = browser.cookies.values().any(|cookies| !cookies.is_empty());
    ensure!(is_marked, "the agency does not mark the browser");
    let form = [("person", person), ("password", password)];
    let back = browser.post(&provider, &form).await?.sent_on()?;
    browser.get(&back).await?.sent_on()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(browser: &mut Browser, answer: &str) -> Page {
        let url = "http://a.localhost:20000/portal/x?y=z".parse().unwrap();
        browser.read(url, answer).unwrap()
    }

    #[test]
    fn the_browser_goes_where_it_is_sent_and_keeps_the_cookies_of_a_host() {
        let mut browser = Browser::default();
        let answer = "HTTP/1.0 303 See Other\r\nLocation: http://b.localhost/x?y=z:1\r\nset-cookie: a=b; Path=/\r\n\
                      set-cookie: c=; Max-Age=0\r\n\r\n";
        assert_eq!(
            read(&mut browser, answer).sent_on().unwrap(),
            "http://b.localhost/x?y=z:1"
        );
        let near = read(&mut browser, "HTTP/1.0 303 See Other\r\nlocation: /portal\r\n\r\n");
        assert_eq!(near.sent_on().unwrap(), "http://a.localhost:20000/portal");
        assert!(read(&mut browser, "HTTP/1.0 200 OK\r\n\r\n").sent_on().is_err());
        let request = |host| browser.request(&near.url, (host, 20_000), None);
        assert!(request("a.localhost").contains("\r\ncookie: a=b; c=\r\n"));
        assert!(!request("b.localhost").contains("cookie"));
    }

    #[test]
    fn a_form_is_that_of_its_path_with_what_is_hidden_in_it() {
        let page = "HTTP/1.0 200 OK\r\n\r\n<form method=\"post\" action=\"/out\"><input type=\"hidden\" name=\"t\" \
                    value=\"1\"></form><form method=\"post\" action=\"/in\"><input type=\"hidden\" name=\"t\" \
                    value=\"2\"><input id=\"code\" name=\"code\" value=\"K\"></form>";
        let page = read(&mut Browser::default(), page);
        assert_eq!(page.form("/in").unwrap(), [("t".to_owned(), "2".to_owned())]);
        assert!(page.form("/elsewhere").is_err());
        assert_eq!(page.shows("code").unwrap(), "K");
    }
}
