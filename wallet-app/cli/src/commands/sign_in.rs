//! `accept` for a card that needs a sign-in: the browser is opened by the person, and comes back to a port of this
//! machine, or its last address is given with `--redirected`.

use crate::failure::{Exit, Failure};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};
use url::Url;
use wallet::{Arrival, IssuanceError, OpenOffer, SignIn, Wallet};

/// Where answers go that a window would receive. RFC 8252 §7.1
const PRIVATE: &str = "org.holdfast.wallet:/authorized";
/// How long the person may be away.
const AWAY: Duration = Duration::from_secs(900);
/// Longest first line of a request.
const LINE: u64 = 16 * 1024;

/// Begins a sign-in whose answer is given in another command.
pub(super) async fn begin(wallet: &Wallet, offer: &OpenOffer) -> Result<SignIn, Failure> {
    let redirect_uri = Url::parse(PRIVATE).map_err(|_| Failure::new(Exit::WalletRefused, "network_unusable"))?;
    Ok(wallet.begin_sign_in(offer, &redirect_uri).await?)
}

/// Begins a sign-in, prints what the browser opens, and waits for it to come back. RFC 8252 §7.3
pub(super) async fn listen(wallet: &Wallet, offer: &OpenOffer) -> Result<Arrival, Failure> {
    let unusable = || Failure::new(Exit::WalletRefused, "network_unusable");
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).map_err(|_| unusable())?;
    let port = listener.local_addr().map_err(|_| unusable())?.port();
    let redirect_uri = Url::parse(&format!("http://127.0.0.1:{port}/authorized")).map_err(|_| unusable())?;
    let sign_in = wallet.begin_sign_in(offer, &redirect_uri).await?;
    // Beside the answer, which is one object on the other stream.
    eprintln!("Open this address in your browser and sign in: {}", sign_in.url);
    let came = tokio::task::spawn_blocking(move || came_back(&listener, &redirect_uri)).await;
    let address = came.ok().flatten().ok_or(IssuanceError::NoSuchSignIn)?;
    Ok(wallet.finish_sign_in(&address).await?)
}

/// Waits for the browser; whatever else calls here is sent away.
fn came_back(listener: &TcpListener, redirect_uri: &Url) -> Option<String> {
    listener.set_nonblocking(true).ok()?;
    let until = Instant::now() + AWAY;
    while Instant::now() < until {
        match listener.accept() {
            Ok((stream, _)) => {
                if let Some(address) = answered(stream, redirect_uri) {
                    return Some(address);
                }
            }
            Err(_) => std::thread::sleep(Duration::from_millis(100)),
        }
    }
    None
}

fn answered(stream: TcpStream, redirect_uri: &Url) -> Option<String> {
    stream.set_nonblocking(false).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let mut line = String::new();
    BufReader::new((&stream).take(LINE)).read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let address = redirect_uri.join(target).ok().filter(|address| {
        method == "GET" && address.origin() == redirect_uri.origin() && address.path() == redirect_uri.path()
    });
    let (status, text) = match address {
        Some(_) => ("200 OK", "Go back to your wallet. You can close this page."),
        None => ("404 Not Found", "There is nothing here."),
    };
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nreferrer-policy: no-referrer\r\nconnection: close\r\n\r\n{text}",
        text.len()
    );
    let _ = (&stream).write_all(answer.as_bytes());
    address.map(String::from)
}

#[cfg(test)]
mod tests {
    use super::answered;
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use url::Url;

    fn call(line: &str) -> (Option<String>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let line = format!("{line}\r\nhost: x\r\n\r\n");
        let caller = std::thread::spawn(move || {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            stream.write_all(line.as_bytes()).unwrap();
            let mut answer = String::new();
            // The rest of the request is not read, so the connection may be reset.
            let _ = stream.read_to_string(&mut answer);
            answer
        });
        let redirect_uri = Url::parse(&format!("http://127.0.0.1:{port}/authorized")).unwrap();
        let address = answered(listener.accept().unwrap().0, &redirect_uri);
        (
            address.map(|text| text.replace(&port.to_string(), "PORT")),
            caller.join().unwrap(),
        )
    }

    #[test]
    fn the_browser_comes_back_with_an_address() {
        let (address, answer) = call("GET /authorized?code=c&state=s HTTP/1.1");
        assert_eq!(
            address.as_deref(),
            Some("http://127.0.0.1:PORT/authorized?code=c&state=s")
        );
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }

    #[test]
    fn whatever_else_calls_is_sent_away() {
        for line in [
            "GET /favicon.ico HTTP/1.1",
            "POST /authorized?code=c HTTP/1.1",
            "GET //evil.example/authorized HTTP/1.1",
            "",
        ] {
            assert_eq!(call(line).0, None, "{line}");
        }
    }
}
