//! Asks one service on this device for somebody who is outside of its network namespace: a request a line in, an answer
//! a line out. It keeps one cookie, as a browser does.
//!
//! ```text
//! {"method":"POST","path":"/desk/api/v1/sign-in","body":"{…}"}
//! {"status":200,"body":"{…}"}
//! ```

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    method: String,
    path: String,
    body: String,
}

struct Answered {
    status: u16,
    body: String,
    cookie: Option<String>,
}

fn main() -> Result<()> {
    let port: u16 = std::env::args().nth(1).context("the port of the service")?.parse()?;
    let mut cookie = None;
    for line in std::io::stdin().lines() {
        let asked: Asked = serde_json::from_str(&line?)?;
        let answered = send(port, &asked, cookie.as_deref())?;
        cookie = answered.cookie.or(cookie);
        println!("{}", json!({ "status": answered.status, "body": answered.body }));
    }
    Ok(())
}

fn send(port: u16, asked: &Asked, cookie: Option<&str>) -> Result<Answered> {
    let Asked { method, path, body } = asked;
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\nsec-fetch-site: same-origin\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nidempotency-key: {}\r\n",
        body.len(),
        service::random::id()
    );
    if let Some(cookie) = cookie {
        head.push_str(&format!("cookie: {cookie}\r\n"));
    }
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    read(&String::from_utf8_lossy(&answer)).with_context(|| format!("{method} {path}"))
}

fn read(answer: &str) -> Result<Answered> {
    let (head, body) = answer.split_once("\r\n\r\n").context("no answer")?;
    let status = head.split_whitespace().nth(1).context("no status")?.parse()?;
    let pairs = head.lines().filter_map(|line| line.split_once(':'));
    let mut cookies = pairs.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    let cookie = cookies.next().and_then(|(_, value)| value.trim().split(';').next());
    Ok(Answered {
        status,
        body: body.to_owned(),
        cookie: cookie.map(str::to_owned),
    })
}
