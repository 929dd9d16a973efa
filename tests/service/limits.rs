//! Too much, too slow, too late.

use std::time::{Duration, Instant};

use dateline::api::v1;
use tokio_stream::StreamExt as _;
use tonic::{Code, Request};
use tonic_types::StatusExt as _;

use super::plain_http;
use super::support::{PATIENCE, Running, article, request, settings, start, start_with};

/// An article that takes far longer than the deadlines of these tests.
fn slow() -> v1::ExtractRequest {
    request(&"Iran launched three rockets and Greece launched two rockets on Friday. ".repeat(12_000))
}

async fn busy_service() -> Running {
    let mut settings = settings();
    (settings.work.threads, settings.work.queue) = (1, 1);
    let mut running = start_with(settings).await;
    running.service.ready().await.unwrap();
    running
}

#[tokio::test(flavor = "multi_thread")]
async fn one_call_too_many_is_turned_away_and_told_when_to_come_back() {
    let running = busy_service().await;
    let calls: Vec<_> = (0..2)
        .map(|_| {
            let mut client = running.extraction();
            tokio::spawn(async move { client.extract(slow()).await })
        })
        .collect();
    running.metrics_say("dateline_work_running 1").await;
    running.metrics_say("dateline_queue_waiting 1").await;
    let status = running.extraction().extract(request("Iran launched rockets.")).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
    let details = status.get_error_details();
    assert_eq!(details.error_info().unwrap().reason, "TOO_MANY_WAITING");
    let wait = details.retry_info().unwrap().retry_delay.unwrap();
    let pushback: u64 = status.metadata().get("grpc-retry-pushback-ms").unwrap().to_str().unwrap().parse().unwrap();
    assert_eq!(wait, Duration::from_millis(pushback));
    assert!((50..=10_000).contains(&pushback), "{pushback}");
    // Health answers all the while, and a stream waits where a call is turned away.
    let requests =
        vec![v1::ExtractStreamRequest { article: Some(article("s", "Iran launched rockets.")), options: None }];
    let results = running.extraction().extract_stream(tokio_stream::iter(requests)).await.unwrap().into_inner();
    let results: Vec<_> = results.collect().await;
    assert!(matches!(&results[..], [Ok(result)] if result.article_id == "s"), "{results:?}");
    for call in calls {
        call.await.unwrap().unwrap();
    }
    running.metrics_say("dateline_sheds_total 1").await;
    running.metrics_say("dateline_articles_total{outcome=\"shed\"} 1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_ends_a_call_and_its_work() {
    let running = busy_service().await;
    // Over plain HTTP: a gRPC client gives up by itself when its own deadline passes.
    let body = serde_json::json!({ "article": { "body": slow().article.unwrap().body } }).to_string();
    let headers = ["content-type: application/json", "connect-timeout-ms: 20"];
    let answer = plain_http::send(running.service.address(), "POST", plain_http::EXTRACT, &headers, &body).await;
    let error = answer.json();
    assert_eq!((answer.status, error["code"].as_str()), (504, Some("deadline_exceeded")), "{error}");
    let begin = Instant::now();
    running.metrics_say("dateline_work_running 0").await;
    eprintln!("the work stopped after {:?}", begin.elapsed());
    let line = "rpc_server_call_duration_seconds_count{error_type=\"DEADLINE_EXCEEDED\",\
        rpc_method=\"dateline.v1.ExtractionService/Extract\",rpc_response_status_code=\"DEADLINE_EXCEEDED\",\
        rpc_system_name=\"grpc\"} 1";
    running.metrics_say(line).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_ends_a_stream_that_nobody_feeds() {
    let running = start().await;
    let (_send, receive) = tokio::sync::mpsc::channel::<v1::ExtractStreamRequest>(1);
    let mut call = Request::new(tokio_stream::wrappers::ReceiverStream::new(receive));
    call.metadata_mut().insert("grpc-timeout", "100m".parse().unwrap());
    let mut results = running.extraction().extract_stream(call).await.unwrap().into_inner();
    let status = tokio::time::timeout(PATIENCE, results.message()).await.unwrap().unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status:?}");
    assert_eq!(status.get_error_details().error_info().unwrap().reason, "DEADLINE_PASSED");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_that_takes_too_long_is_ended_and_not_tried_again() {
    let mut settings = settings();
    settings.limits.time = Duration::from_millis(5);
    let mut running = start_with(settings).await;
    running.service.ready().await.unwrap();
    let status = running.extraction().extract(slow()).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status:?}");
    running.metrics_say("dateline_work_running 0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_takes_its_work_with_it() {
    let running = busy_service().await;
    let mut client = running.extraction();
    let call = tokio::spawn(async move { client.extract(slow()).await });
    running.metrics_say("dateline_work_running 1").await;
    call.abort();
    running.metrics_say("dateline_work_running 0").await;
    running.metrics_say("dateline_articles_total{outcome=\"stopped\"} 1").await;
    running.metrics_say("dateline_calls_active 0").await;
    let counted = running.service.metrics().render();
    assert!(counted.contains("rpc_response_status_code=\"CANCELLED\""), "{counted}");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_answers_while_all_threads_work() {
    let running = busy_service().await;
    let mut client = running.extraction();
    let call = tokio::spawn(async move { client.extract(slow()).await });
    running.metrics_say("dateline_work_running 1").await;
    let mut health = tonic_health::pb::health_client::HealthClient::new(running.channel.clone());
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        let begin = Instant::now();
        health.check(tonic_health::pb::HealthCheckRequest::default()).await.unwrap();
        slowest = slowest.max(begin.elapsed());
    }
    // Behind the work it would be seconds.
    assert!(slowest < Duration::from_millis(500), "{slowest:?}");
    call.abort();
}

#[tokio::test]
async fn an_article_that_tells_too_much_is_cut_and_the_answer_says_so() {
    let mut settings = settings();
    settings.limits.events = 3;
    let mut running = start_with(settings).await;
    running.service.ready().await.unwrap();
    for (sentences, cut) in [(3, false), (8, true)] {
        let body: String = (1..=sentences).map(|number| format!("Iran launched {number} rockets. ")).collect();
        let answer = running.extraction().extract(request(&body)).await.unwrap().into_inner();
        let warned = answer.warnings.iter().any(|warning| warning.code == "events-cut");
        assert_eq!((answer.events.len(), warned), (3, cut), "{:?}", answer.warnings);
    }
}

#[tokio::test]
async fn what_the_transport_says_has_a_reason_too() {
    let running = start().await;
    let status = running.extraction().extract(request(&"a".repeat(20_000_000))).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::OutOfRange, "MESSAGE_TOO_LARGE"));
    let path = tonic::codegen::http::uri::PathAndQuery::from_static("/dateline.v1.ExtractionService/Nothing");
    let mut grpc = tonic::client::Grpc::new(running.channel.clone());
    grpc.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<v1::ExtractRequest, v1::ExtractResponse>::default();
    let status = grpc.unary(Request::new(request("a")), path, codec).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unimplemented, "NOT_IMPLEMENTED"));
    // Whatever callers ask for, metrics have one name for it.
    running.metrics_say("dateline_calls_active 0").await;
    let text = running.service.metrics().render();
    assert!(text.contains("rpc_method=\"_OTHER\"") && !text.contains("Nothing"), "{text}");
}

fn reason(status: &tonic::Status) -> String {
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}
