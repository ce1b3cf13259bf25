//! Redirects, time, size and type.

use std::time::{Duration, Instant};

use outbound::{Limits, OutboundError, Redirects, Request};

use crate::server::{Answer, Server, http};

#[tokio::test]
async fn a_plain_answer_arrives() {
    let server = Server::start(http(
        "200 OK",
        "content-type: application/json; charset=utf-8\r\n",
        b"{}",
    ))
    .await;
    let answer = server
        .client()
        .get(&server.url("/x"), &Limits::METADATA)
        .await
        .unwrap()
        .success()
        .unwrap();
    assert_eq!(answer.body(), b"{}");
    assert_eq!(answer.content_type().as_deref(), Some("application/json"));
}

#[tokio::test]
async fn a_status_is_no_error_until_success_is_asked_for() {
    let server = Server::start(http("404 Not Found", "", b"no")).await;
    let answer = server.client().get(&server.url("/x"), &Limits::METADATA).await.unwrap();
    assert_eq!(answer.status(), 404);
    assert!(matches!(answer.success(), Err(OutboundError::Status(status)) if status == 404));
}

#[tokio::test]
async fn e6_a_redirect_is_not_followed() {
    let target = Server::start(http("200 OK", "", b"secret")).await;
    let server = Server::start(http(
        "307 Temporary Redirect",
        &format!("location: {}\r\n", target.url("/")),
        b"",
    ))
    .await;
    let client = outbound::Client::new(outbound::Policy::Development {
        ports: vec![server.port, target.port],
    })
    .unwrap();
    let got = client.get(&server.url("/request"), &Limits::MESSAGE).await;
    assert!(matches!(got, Err(OutboundError::Redirect)), "{got:?}");
    let got = client
        .post(&server.url("/response"), "text/plain", "personal", &Limits::MESSAGE)
        .await;
    assert!(matches!(got, Err(OutboundError::Redirect)), "{got:?}");
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn a_post_is_never_redirected_even_if_asked() {
    let server = Server::start(http("307 Temporary Redirect", "location: /other\r\n", b"")).await;
    let limits = Limits::MESSAGE.with_redirects(Redirects::Follow(3));
    let got = server
        .client()
        .post(&server.url("/"), "text/plain", "personal", &limits)
        .await;
    assert!(matches!(got, Err(OutboundError::Redirect)), "{got:?}");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn e7_a_redirect_loop_ends_after_three() {
    let server = Server::start(http("302 Found", "location: /again\r\n", b"")).await;
    let got = server.client().get(&server.url("/"), &Limits::METADATA).await;
    assert!(matches!(got, Err(OutboundError::Redirect)), "{got:?}");
    assert_eq!(server.connections(), 4);
}

#[tokio::test]
async fn e7_a_redirect_target_is_checked_like_the_first_address() {
    let server = Server::start(http("302 Found", "location: http://127.0.0.1:1/\r\n", b"")).await;
    let client = server.client();
    let got = client.get(&server.url("/"), &Limits::METADATA).await;
    assert!(matches!(got, Err(OutboundError::Blocked)), "{got:?}");
    assert_eq!(client.blocked_total(), 1);
}

#[tokio::test]
async fn e8_an_endless_body_is_cut_off_at_the_limit() {
    let server = Server::start(Answer::Endless(b' ', 0)).await;
    let got = server.client().get(&server.url("/"), &Limits::METADATA).await;
    assert!(
        matches!(got, Err(OutboundError::TooLarge { limit: 262_144 })),
        "{got:?}"
    );
}

#[tokio::test]
async fn e8_an_announced_length_over_the_limit_is_refused_unread() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 999999999\r\n\r\n";
    let server = Server::start(Answer::Bytes(head.to_vec())).await;
    let got = server.client().get(&server.url("/"), &Limits::METADATA).await;
    assert!(matches!(got, Err(OutboundError::TooLarge { .. })), "{got:?}");
}

#[tokio::test]
async fn e8_one_byte_at_a_time_runs_into_the_total_time() {
    let server = Server::start(Answer::Endless(b' ', 50)).await;
    let started = Instant::now();
    let limits = Limits::METADATA.with_total(Duration::from_millis(400));
    let got = server.client().get(&server.url("/"), &limits).await;
    assert!(matches!(got, Err(OutboundError::Timeout)), "{got:?}");
    assert!(started.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn d5_a_silent_server_runs_into_the_total_time() {
    let server = Server::start(Answer::Silence).await;
    let limits = Limits::STATUS_LIST.with_total(Duration::from_millis(300));
    let got = server.client().get(&server.url("/"), &limits).await;
    assert!(matches!(got, Err(OutboundError::Timeout)), "{got:?}");
}

#[tokio::test]
async fn e8_a_wrong_or_missing_content_type_is_refused() {
    for headers in ["content-type: text/html\r\n", ""] {
        let server = Server::start(http("200 OK", headers, b"<html>")).await;
        let got = server.client().get(&server.url("/"), &Limits::STATUS_LIST).await;
        assert!(matches!(got, Err(OutboundError::ContentType)), "{got:?}");
    }
}

#[tokio::test]
async fn e8_a_compressed_body_is_refused() {
    let headers = "content-type: application/json\r\ncontent-encoding: gzip\r\n";
    let server = Server::start(http("200 OK", headers, &[0x1f, 0x8b, 0])).await;
    let got = server.client().get(&server.url("/"), &Limits::METADATA).await;
    assert!(matches!(got, Err(OutboundError::ContentEncoding)), "{got:?}");
}

#[tokio::test]
async fn a_refused_connection_is_named_and_holds_no_url() {
    let port = Server::start(Answer::Silence).await.port;
    let client = outbound::Client::new(outbound::Policy::Development { ports: vec![port, 1] }).unwrap();
    let request = Request::get("http://localhost:1/?code=SECRET".parse().unwrap());
    let error = client.send(request, &Limits::MESSAGE).await.unwrap_err();
    assert!(matches!(error, OutboundError::Connect(_)), "{error:?}");
    assert!(!format!("{error:?}").contains("SECRET"));
}
