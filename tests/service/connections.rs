//! Peers that are silent, slow, many or old, and the end of the service with them.

use std::time::{Duration, Instant};

use dateline::api::v1;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::support::{PATIENCE, Running, request, settings, start, start_with};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Reads until the peer ends the connection.
async fn ended(stream: &mut TcpStream) {
    let mut bytes = Vec::new();
    let end = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    // A reset is an end as well.
    let _ = end.expect("the connection stays open");
}

#[tokio::test(flavor = "multi_thread")]
async fn peers_that_say_nothing_are_let_go() {
    let mut settings = settings();
    settings.connections.handshake = Duration::from_millis(200);
    let mut running = start_with(settings).await;
    running.service.ready().await.unwrap();
    let begin = Instant::now();
    for said in [&b""[..], &PREFACE[..10], PREFACE, b"GET / HT"] {
        let mut peer = TcpStream::connect(running.service.address()).await.unwrap();
        peer.write_all(said).await.unwrap();
        ended(&mut peer).await;
    }
    assert!(begin.elapsed() >= Duration::from_millis(800), "{:?}", begin.elapsed());
    // A channel that has shaken hands and says nothing stays.
    running.extraction().extract(request("Iran launched rockets.")).await.unwrap();
    let text = running.service.metrics().render();
    assert!(text.contains("dateline_connections_ended_total{reason=\"handshake\"}"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_connections_than_allowed_wait() {
    let mut settings = settings();
    settings.connections.most = 2;
    let mut running = start_with(settings).await;
    running.service.ready().await.unwrap();
    // The channel of the test is one.
    let second = TcpStream::connect(running.service.address()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let address = running.service.address();
    let third = tokio::spawn(async move {
        let mut peer = TcpStream::connect(address).await.unwrap();
        peer.write_all(b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        let mut said = String::new();
        peer.read_to_string(&mut said).await.unwrap();
        said
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!third.is_finished());
    drop(second);
    let said = tokio::time::timeout(PATIENCE, third).await.unwrap().unwrap();
    assert!(said.starts_with("HTTP/1.1 415"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "open: a call that meets the closing of an old connection can fail"]
async fn connections_that_get_old_fail_no_call() {
    let mut settings = settings();
    settings.connections.age = Some(Duration::from_millis(100));
    let mut running = start_with(settings).await;
    running.service.ready().await.unwrap();
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let mut client = running.extraction();
            tokio::spawn(async move {
                let begin = Instant::now();
                let mut calls = 0;
                while begin.elapsed() < Duration::from_millis(1500) {
                    match client.extract(request("Iran launched rockets.")).await {
                        Ok(_) => calls += 1,
                        // This client does not send again what it had not sent yet when it was asked to go.
                        Err(status) if status.message() == "operation was canceled" => {}
                        Err(status) => return Err(status),
                    }
                }
                Ok::<usize, tonic::Status>(calls)
            })
        })
        .collect();
    for caller in callers {
        assert!(caller.await.unwrap().unwrap() > 3);
    }
    let text = running.service.metrics().render();
    assert!(text.contains("dateline_connections_ended_total{reason=\"age\"}"), "{text}");
    // What arrived was answered.
    assert!(text.contains("rpc_response_status_code=\"OK\""), "{text}");
    assert!(!text.contains("error_type") && !text.contains("reason=\"grace\""), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_silent_peers_nor_open_streams_hold_the_end() {
    let running = start().await;
    let address = running.service.address();
    let silent = TcpStream::connect(address).await.unwrap();
    let mut greeted = TcpStream::connect(address).await.unwrap();
    greeted.write_all(PREFACE).await.unwrap();
    let mut watch =
        HealthClient::new(running.channel.clone()).watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    watch.message().await.unwrap().unwrap();
    let (_send, receive) = tokio::sync::mpsc::channel::<v1::ExtractStreamRequest>(1);
    let articles = tokio_stream::wrappers::ReceiverStream::new(receive);
    let mut results = running.extraction().extract_stream(articles).await.unwrap().into_inner();
    let Running { service, channel: _keep, folder: _folder } = running;
    let begin = Instant::now();
    tokio::time::timeout(PATIENCE, service.end()).await.unwrap().unwrap();
    // 0.1 s of drain, and 2 s at most for the peer that shook no hands.
    assert!(begin.elapsed() < Duration::from_secs(4), "{:?}", begin.elapsed());
    let status = results.message().await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::Unavailable, "{status:?}");
    drop((silent, greeted));
}

#[tokio::test]
async fn a_watch_of_an_unknown_service_stays_open() {
    let running = start().await;
    let mut health = HealthClient::new(running.channel.clone());
    let unknown = || HealthCheckRequest { service: "no.such.Service".to_owned() };
    let mut watch = health.watch(unknown()).await.unwrap().into_inner();
    assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::ServiceUnknown);
    assert!(tokio::time::timeout(Duration::from_millis(200), watch.message()).await.is_err());
    assert_eq!(health.check(unknown()).await.unwrap_err().code(), tonic::Code::NotFound);
}
