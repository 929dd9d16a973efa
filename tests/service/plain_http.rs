//! JSON over plain HTTP, byte by byte as `curl` sends it, and the admin port.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::support::{PATIENCE, Running, settings, start, start_with};

pub const EXTRACT: &str = "/dateline.v1.ExtractionService/Extract";

pub struct Answer {
    pub status: u16,
    head: String,
    body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.body))
    }
}

pub async fn send(to: SocketAddr, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
    let mut peer = TcpStream::connect(to).await.unwrap();
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    peer.write_all(request.as_bytes()).await.unwrap();
    let mut said = String::new();
    peer.read_to_string(&mut said).await.unwrap();
    let (head, body) = said.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

async fn post(running: &Running, path: &str, body: Value) -> Answer {
    send(running.service.address(), "POST", path, &["content-type: application/json"], &body.to_string()).await
}

#[tokio::test]
async fn an_article_in_json_gives_its_events_in_json() {
    let running = start().await;
    let answer = post(&running, EXTRACT, json!({ "article": { "id": "a", "body": "Iran launched rockets." } })).await;
    assert_eq!((answer.status, answer.head.contains("content-type: application/json")), (200, true), "{}", answer.head);
    let response = answer.json();
    assert_eq!(response["articleId"], "a");
    let detail = &response["events"][0]["detail"];
    assert_eq!(detail["@type"], "type.googleapis.com/dateline.events.v1.WeaponLaunch");
    assert_eq!(detail["launcher"][0]["country"], "IRN");
    let answer = post(&running, "/dateline.v1.RuleService/GetRuleset", json!({})).await;
    assert_eq!(answer.json()["packs"][0]["id"], "core");
}

#[tokio::test]
async fn errors_have_a_code_a_status_and_their_details() {
    let running = start().await;
    let cases = [
        (EXTRACT, json!({ "article": { "body": "" } }), 400, "invalid_argument", "article.body"),
        (EXTRACT, json!({ "artikel": {} }), 400, "invalid_argument", "artikel"),
        ("/dateline.v1.ExtractionService/Nothing", json!({}), 501, "unimplemented", "Nothing"),
        ("/dateline.v1.ExtractionService/ExtractStream", json!({}), 501, "unimplemented", "ExtractStream"),
        ("/nowhere", json!({}), 501, "unimplemented", "nowhere"),
        ("/grpc.health.v1.Health/Check", json!({ "service": "x" }), 404, "not_found", "`x`"),
    ];
    for (path, body, status, code, said) in cases {
        let answer = post(&running, path, body).await;
        let error = answer.json();
        assert_eq!((answer.status, error["code"].as_str()), (status, Some(code)), "{path}: {error}");
        assert!(error["message"].as_str().unwrap().contains(said), "{path}: {error}");
        assert_eq!(error["details"][0]["type"], "google.rpc.ErrorInfo", "{path}: {error}");
    }
    let address = running.service.address();
    let headers = ["content-type: application/json"];
    assert_eq!(send(address, "POST", EXTRACT, &headers, "{not json").await.status, 400);
    assert_eq!(send(address, "POST", EXTRACT, &["content-type: text/xml"], "<a/>").await.status, 415);
    assert_eq!(send(address, "POST", EXTRACT, &["content-type: application/grpc-web"], "").await.status, 415);
    // gRPC needs HTTP/2.
    assert_eq!(send(address, "POST", EXTRACT, &["content-type: application/grpc"], "").await.status, 415);
    assert_eq!(send(address, "GET", "/", &[], "").await.status, 405);
    let late = ["content-type: application/json", "connect-timeout-ms: 0"];
    let body = json!({ "article": { "body": "Iran launched rockets. ".repeat(2000) } }).to_string();
    let answer = send(address, "POST", EXTRACT, &late, &body).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (504, Some("deadline_exceeded")));
}

#[tokio::test]
async fn pages_of_allowed_origins_may_call_and_no_others() {
    let mut settings = settings();
    settings.http.origins = vec!["https://news.example".to_owned()];
    let mut running = start_with(settings).await;
    running.service.ready().await.unwrap();
    let address = running.service.address();
    let ours = ["origin: https://news.example", "access-control-request-method: POST"];
    let answer = send(address, "OPTIONS", EXTRACT, &ours, "").await;
    assert_eq!(answer.status, 204);
    assert!(answer.head.contains("access-control-allow-origin: https://news.example"), "{}", answer.head);
    assert!(answer.head.contains("access-control-allow-headers: content-type"), "{}", answer.head);
    let theirs = ["origin: https://other.example", "content-type: application/json"];
    for method in ["OPTIONS", "POST"] {
        let answer = send(address, method, EXTRACT, &theirs, "{}").await;
        assert!(!answer.head.contains("access-control"), "{}", answer.head);
    }
    let answer = send(address, "POST", EXTRACT, &[ours[0], theirs[1]], "{}").await;
    assert!(answer.head.contains("access-control-allow-origin: https://news.example"), "{}", answer.head);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_admin_port_tells_of_life_readiness_and_metrics() {
    let mut settings = settings();
    // Long enough to be seen on a machine that is busy.
    settings.life.drain = Duration::from_secs(2);
    let mut running = start_with(settings).await;
    let admin = running.service.admin().unwrap();
    assert_eq!(send(admin, "GET", "/livez", &[], "").await.status, 200);
    running.service.ready().await.unwrap();
    assert_eq!(send(admin, "GET", "/readyz", &[], "").await.status, 200);
    post(&running, EXTRACT, json!({ "article": { "body": "Iran launched rockets." } })).await;
    let digest = running.service.rules().current().unwrap().ruleset.digest().to_owned();
    let lines = [
        "dateline_events_total{category=\"MOBILIZE\"} 1",
        "dateline_articles_total{outcome=\"done\"} 1",
        "dateline_rules_loads_total{outcome=\"live\"} 1",
        "dateline_extraction_duration_seconds_count 1",
        &format!("dateline_ruleset{{digest=\"{digest}\"}} 1"),
        "rpc_server_call_duration_seconds_count{rpc_method=\"dateline.v1.ExtractionService/Extract\",\
            rpc_response_status_code=\"OK\",rpc_system_name=\"grpc\"} 1",
    ];
    for line in lines {
        // Rules are counted once they are live, which calls may find before it.
        let said = async {
            while !send(admin, "GET", "/metrics", &[], "").await.body.lines().any(|own| own == line) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, said).await.unwrap_or_else(|_| panic!("no `{line}`"));
    }
    assert_eq!(send(admin, "GET", "/", &[], "").await.status, 404);
    assert_eq!(send(admin, "POST", "/livez", &[], "").await.status, 405);
    // While it drains it is alive and not ready.
    let end = tokio::spawn(running.service.end());
    let drained = async {
        while send(admin, "GET", "/readyz", &[], "").await.status != 503 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        send(admin, "GET", "/livez", &[], "").await.status
    };
    assert_eq!(tokio::time::timeout(PATIENCE, drained).await.unwrap(), 200);
    end.await.unwrap().unwrap();
}
