//! The table of errors in the README: what a caller gets in each case. `bad_input` and `limits` have those that are tried
//! there: INVALID_REQUEST, TOO_MANY_WAITING, DEADLINE_PASSED, ARTICLE_TOO_SLOW, and CANCELLED, which no caller sees. What takes
//! a fault of the service is tried beside `CallError`.

use dateline::api::v1;
use dateline::rules::source;
use dateline::service::RuleFiles;
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use super::support::{PATIENCE, Running, request, settings, start, start_files};

const SOME: &str = "Iran launched rockets.";

/// Code and reason; every error says whose reason it is.
fn said(status: &Status) -> (Code, String) {
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("no ErrorInfo: {status:?}"));
    assert_eq!(info.domain, "dateline");
    (status.code(), info.reason.clone())
}

/// Sends a message that a method may or may not expect.
async fn sent<M>(running: &Running, path: &'static str, message: M) -> Status
where
    M: prost::Message + Send + Sync + 'static,
{
    let mut grpc = tonic::client::Grpc::new(running.channel.clone());
    grpc.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<M, v1::ExtractResponse>::default();
    let path = tonic::codegen::http::uri::PathAndQuery::from_static(path);
    grpc.unary(Request::new(message), path, codec).await.unwrap_err()
}

#[tokio::test]
async fn what_was_sent_cannot_be_answered() {
    let running = start().await;
    let large = running.extraction().extract(request(&"a".repeat(20_000_000))).await.unwrap_err();
    assert_eq!(said(&large), (Code::OutOfRange, "MESSAGE_TOO_LARGE".to_owned()));
    for path in ["/dateline.v1.ExtractionService/Nothing", "/dateline.v1.RuleService/Nothing", "/no.Service/Nothing"] {
        let nothing = sent(&running, path, request(SOME)).await;
        assert_eq!(said(&nothing), (Code::Unimplemented, "NOT_IMPLEMENTED".to_owned()), "{path}");
    }
    // What should be an article is text.
    let text = prost_types::Any { type_url: "abc".to_owned(), value: Vec::new() };
    let malformed = sent(&running, "/dateline.v1.ExtractionService/Extract", text).await;
    assert_eq!(said(&malformed), (Code::Internal, "MESSAGE_MALFORMED".to_owned()));
    let unknown = HealthCheckRequest { service: "no.such.Service".to_owned() };
    let unknown = HealthClient::new(running.channel.clone()).check(unknown).await.unwrap_err();
    assert_eq!(said(&unknown), (Code::NotFound, "NOT_FOUND".to_owned()));
    let options = v1::ExtractOptions { candidate: true, ..v1::ExtractOptions::default() };
    let tried = v1::ExtractRequest { options: Some(options), ..request(SOME) };
    let none = running.extraction().extract(tried).await.unwrap_err();
    assert_eq!(said(&none), (Code::FailedPrecondition, "NO_CANDIDATE_RULES".to_owned()));
    running.extraction().extract(request(SOME)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn before_rules_are_live_another_replica_should_be_asked() {
    // Those of the binary take a while, with their tests.
    let mut running = start_files(RuleFiles { base: source::embedded(), ..RuleFiles::default() }, settings()).await;
    let early = running.extraction().extract(request(SOME)).await.unwrap_err();
    assert_eq!(said(&early), (Code::Unavailable, "RULES_NOT_LIVE".to_owned()));
    running.service.ready().await.unwrap();
    running.extraction().extract(request(SOME)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_open_at_the_end_hears_of_it() {
    let running = start().await;
    let (_send, receive) = tokio::sync::mpsc::channel::<v1::ExtractStreamRequest>(1);
    let articles = tokio_stream::wrappers::ReceiverStream::new(receive);
    let mut results = running.extraction().extract_stream(articles).await.unwrap().into_inner();
    let Running { service, channel: _keep, folder: _folder } = running;
    tokio::time::timeout(PATIENCE, service.end()).await.unwrap().unwrap();
    assert_eq!(said(&results.message().await.unwrap_err()), (Code::Unavailable, "SHUTTING_DOWN".to_owned()));
}

#[tokio::test]
async fn an_error_in_a_stream_is_an_item_with_the_same_code_and_fields() {
    let running = start().await;
    let status = running.extraction().extract(request("")).await.unwrap_err();
    let articles = vec![v1::ExtractStreamRequest { article: request("").article, options: None }];
    let mut results = running.extraction().extract_stream(tokio_stream::iter(articles)).await.unwrap().into_inner();
    let item = results.message().await.unwrap().unwrap();
    let Some(v1::extract_stream_response::Result::Error(error)) = item.result else { panic!("{item:?}") };
    let fields: Vec<_> = error.field_violations.iter().map(|own| own.field.as_str()).collect();
    assert_eq!((error.code, fields), (status.code() as i32, vec!["article.body"]));
    assert!(results.message().await.unwrap().is_none());
}
