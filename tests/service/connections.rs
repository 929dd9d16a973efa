//! Peers that are silent, slow, many or old, and the end of the service with them.

use std::time::{Duration, Instant};

use dateline::api::v1;
use dateline::config::Settings;
use prost::Message as _;
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

/// A frame of HTTP/2: its kind, flags, stream and payload.
type Frame = (u8, u8, u32, Vec<u8>);

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
/// Of data and headers: the last of their stream. Of settings and pings: an answer.
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut out = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
    out.extend([kind, flags]);
    out.extend(stream.to_be_bytes());
    out.extend(payload);
    out
}

/// The next frame; nothing once the peer has ended the connection.
async fn next(peer: &mut TcpStream) -> Option<Frame> {
    let mut head = [0; 9];
    peer.read_exact(&mut head).await.ok()?;
    let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
    peer.read_exact(&mut payload).await.ok()?;
    Some((head[3], head[4], u32::from_be_bytes([head[5], head[6], head[7], head[8]]), payload))
}

/// The last stream that is answered, as a GOAWAY says.
fn last_stream(payload: &[u8]) -> u32 {
    u32::from_be_bytes(payload[..4].try_into().unwrap())
}

/// Settings under which connections soon get old.
fn aging() -> Settings {
    let mut settings = settings();
    settings.connections.age = Some(Duration::from_millis(100));
    settings
}

/// A peer that has shaken hands with a service that is ready.
async fn greeted(running: &mut Running) -> TcpStream {
    running.service.ready().await.unwrap();
    let mut peer = TcpStream::connect(running.service.address()).await.unwrap();
    peer.write_all(PREFACE).await.unwrap();
    peer.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
    peer
}

/// The headers of a call, written out in full.
fn headers(stream: u32) -> Vec<u8> {
    let fields = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/dateline.v1.ExtractionService/Extract"),
        (":authority", "test"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ];
    let literal = |(name, value): (&str, &str)| {
        let mut out = vec![0, u8::try_from(name.len()).unwrap()];
        out.extend(name.bytes());
        out.push(u8::try_from(value.len()).unwrap());
        out.extend(value.bytes());
        out
    };
    let headers: Vec<u8> = fields.into_iter().flat_map(literal).collect();
    frame(HEADERS, END_HEADERS, stream, &headers)
}

/// The frames of a call.
fn call(stream: u32) -> Vec<u8> {
    let message = request("Iran launched rockets.").encode_to_vec();
    let mut data = vec![0];
    data.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    data.extend(message);
    let mut out = headers(stream);
    out.extend(frame(DATA, END_STREAM, stream, &data));
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_meets_the_closing_of_its_connection_is_answered() {
    let mut running = start_with(aging()).await;
    let mut peer = greeted(&mut running).await;
    let (mut last, mut answered) = (Vec::new(), false);
    let talk = async {
        while let Some((kind, flags, stream, payload)) = next(&mut peer).await {
            match (kind, flags) {
                (SETTINGS, 0) => peer.write_all(&frame(SETTINGS, 1, 0, &[])).await.unwrap(),
                (GOAWAY, _) => last.push(last_stream(&payload)),
                // Asked to go: one call had been sent before that was read, another one comes too late.
                (PING, 0) if !last.is_empty() => {
                    let mut said = call(1);
                    said.extend(frame(PING, 1, 0, &payload));
                    peer.write_all(&said).await.unwrap();
                }
                (HEADERS, flags) if flags & END_STREAM != 0 => answered |= stream == 1,
                _ => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, talk).await.expect("the connection stays open");
    // First no more calls, then those that had been sent by then.
    assert_eq!((last, answered), (vec![u32::MAX >> 1, 1], true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_still_sends_when_its_connection_ends_may_do_so() {
    let mut running = start_with(aging()).await;
    let mut peer = greeted(&mut running).await;
    let mut last = Vec::new();
    let talk = async {
        while let Some((kind, flags, _, payload)) = next(&mut peer).await {
            match (kind, flags) {
                (GOAWAY, _) => last.push(last_stream(&payload)),
                (PING, 0) => {
                    // The first of these lets the service end.
                    for _ in 0..20 {
                        peer.write_all(&frame(PING, 1, 0, &payload)).await.unwrap();
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                }
                _ => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, talk).await.expect("the connection stays open");
    assert_eq!(last, [u32::MAX >> 1, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_taken_back_before_its_message_is_no_fault_of_the_service() {
    let mut running = start().await;
    let mut peer = greeted(&mut running).await;
    peer.write_all(&headers(1)).await.unwrap();
    running.metrics_say("dateline_calls_active 1").await;
    // CANCEL, which clients also send where they close a connection.
    peer.write_all(&frame(RST_STREAM, 0, 1, &8_u32.to_be_bytes())).await.unwrap();
    running.metrics_say("dateline_calls_active 0").await;
    let text = running.service.metrics().render();
    assert!(text.contains("rpc_response_status_code=\"CANCELLED\",rpc_system_name=\"grpc\"} 1"), "{text}");
    assert!(!text.contains("INTERNAL"), "{text}");
}

/// Whether the client itself says that a call never got to the service; a client of gRPC sends such a call again, over
/// another connection, and this one leaves that to its caller.
fn was_not_sent(status: &tonic::Status) -> bool {
    let cause = format!("{status:?}");
    cause.contains("GoAway(b\"\", NO_ERROR, Remote)") || cause.contains("Canceled")
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_get_old_fail_no_call() {
    let mut running = start_with(aging()).await;
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
                        Err(status) if was_not_sent(&status) => {}
                        Err(status) => return Err(status),
                    }
                }
                Ok::<usize, tonic::Status>(calls)
            })
        })
        .collect();
    let mut calls = 0;
    for caller in callers {
        calls += caller.await.unwrap().unwrap();
    }
    assert!(calls > 12, "{calls}");
    let text = running.service.metrics().render();
    assert!(text.contains("dateline_connections_ended_total{reason=\"age\"}"), "{text}");
    // What arrived was answered, and what was answered arrived.
    let counted = format!(
        "rpc_server_call_duration_seconds_count{{rpc_method=\"dateline.v1.ExtractionService/Extract\",\
        rpc_response_status_code=\"OK\",rpc_system_name=\"grpc\"}} {calls}"
    );
    assert!(text.lines().any(|line| line == counted), "no `{counted}` in\n{text}");
    // A client that learns of the end between the headers and the message of a call takes the call back.
    let failed = |line: &str| line.contains("error_type") && !line.contains("error_type=\"CANCELLED\"");
    assert!(!text.lines().any(failed) && !text.contains("reason=\"grace\""), "{text}");
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
