//! `dateline work` against a real `nats-server`: workers that are killed in the middle, articles that cannot be worked on.
//!
//! Needs `nats-server` on the path, which `.ci/run` installs; elsewhere the test passes over what it cannot do.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use async_nats::HeaderMap;
use async_nats::jetstream::{self, Context};
use dateline::api::v1;
use prost::Message as _;

const ARTICLES: usize = 400;
const PATIENCE: Duration = Duration::from_secs(120);

/// A process that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn worker(url: &str, log: &std::path::Path) -> Process {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
    let arguments = ["work", "--skip-tests", "--nats-wait", "2s", "--nats-batch", "16", "--nats", url];
    Process(command.args(arguments).stdout(Stdio::null()).stderr(log).spawn().unwrap())
}

async fn connect(url: &str) -> Context {
    let begin = Instant::now();
    loop {
        match async_nats::connect(url).await {
            Ok(client) => return jetstream::new(client),
            Err(error) => assert!(begin.elapsed() < PATIENCE, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn messages(jetstream: &Context, stream: &str) -> u64 {
    match jetstream.get_stream(stream).await {
        Ok(mut stream) => stream.info().await.unwrap().state.messages,
        Err(_) => 0,
    }
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !holds().await {
        assert!(begin.elapsed() < PATIENCE, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// All messages of a stream, from its first.
async fn all(jetstream: &Context, name: &str) -> Vec<(String, HeaderMap, Vec<u8>)> {
    let count = messages(jetstream, name).await;
    let stream = jetstream.get_stream(name).await.unwrap();
    let mut out = Vec::new();
    for sequence in 1..=count {
        let message = stream.get_raw_message(sequence).await.unwrap();
        out.push((message.subject.to_string(), message.headers, message.payload.to_vec()));
    }
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_doubled_when_workers_are_killed() {
    let there = Command::new("nats-server").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !there && std::env::var_os("CI").is_none() {
        return eprintln!("nats-server is not installed");
    }
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("nats://127.0.0.1:{port}");
    let mut server = Command::new("nats-server");
    server.args(["-js", "-a", "127.0.0.1", "-p", &port.to_string(), "-sd"]).arg(folder.path());
    let _server = Process(server.stderr(Stdio::null()).spawn().expect("nats-server is not installed"));
    let jetstream = connect(&url).await;
    let log = folder.path().join("log");
    let said = || std::fs::read_to_string(&log).unwrap_or_default();

    // The first worker makes the streams.
    let first = worker(&url, &log);
    until("the first worker is there", async || jetstream.get_stream("dateline-articles").await.is_ok()).await;
    for number in 0..ARTICLES {
        let body = format!("SEOUL. North Korea launched {} missiles on Friday, officials said.", number + 2);
        let article = v1::Article { id: format!("article-{number}"), body, ..v1::Article::default() };
        let subject = "dateline.articles.wire";
        let ack = if number % 2 == 0 {
            let json = serde_json::json!({ "id": article.id, "body": article.body }).to_string();
            jetstream.publish(subject, json.into()).await
        } else {
            let mut headers = HeaderMap::new();
            headers.insert("Content-Type", "application/protobuf");
            jetstream.publish_with_headers(subject, headers, article.encode_to_vec().into()).await
        };
        ack.unwrap().await.unwrap();
    }
    for wrong in ["{no json", "{\"id\": \"empty\"}", "{\"artikel\": 1}"] {
        jetstream.publish("dateline.articles.wire", wrong.into()).await.unwrap().await.unwrap();
    }
    let _second = worker(&url, &log);
    until("some events are stored", async || messages(&jetstream, "dateline-events").await > 20).await;
    // Without a chance to say anything; and another comes in its place.
    drop(first);
    let _third = worker(&url, &log);
    until("the queue is empty", async || messages(&jetstream, "dateline-articles").await == 0).await;

    let events = all(&jetstream, "dateline-events").await;
    let (mut ids, mut of_article) = (BTreeSet::new(), BTreeMap::<String, usize>::new());
    for (subject, headers, payload) in &events {
        assert_eq!(subject, "dateline.events.MOBILIZE", "{}", said());
        let header = |name: &str| headers.get(name).map(ToString::to_string).unwrap_or_default();
        let id = if header("Content-Type") == "application/json" {
            serde_json::from_slice::<serde_json::Value>(payload).unwrap()["id"].as_str().unwrap().to_owned()
        } else {
            v1::Event::decode(&payload[..]).unwrap().id
        };
        assert_eq!(id, header("Nats-Msg-Id"));
        assert!(ids.insert(id.clone()), "{id} is there twice");
        *of_article.entry(header("Dateline-Article")).or_default() += 1;
    }
    assert_eq!(of_article.len(), ARTICLES, "{}", said());
    assert!(of_article.values().all(|count| *count == 1), "{of_article:?}");
    let dead = all(&jetstream, "dateline-dead").await;
    let mut reasons: Vec<&str> = dead.iter().map(|(subject, _, _)| subject.as_str()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["dateline.dead.INVALID_REQUEST", "dateline.dead.MALFORMED", "dateline.dead.MALFORMED"]);
    assert!(dead.iter().any(|(_, _, payload)| payload == b"{no json"));
}
