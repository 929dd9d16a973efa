//! Input that is wrong is refused with the fields that are; input that is odd ends in bounded time.

use std::time::{Duration, Instant};

use dateline::api::v1;
use tonic::Code;
use tonic::codec::CompressionEncoding;
use tonic_types::StatusExt as _;

use super::support::{article, request, start};

fn options(change: impl FnOnce(&mut v1::ExtractOptions)) -> v1::ExtractRequest {
    let mut options = v1::ExtractOptions::default();
    change(&mut options);
    v1::ExtractRequest { options: Some(options), ..request("Iran launched rockets.") }
}

fn with_article(change: impl FnOnce(&mut v1::Article)) -> v1::ExtractRequest {
    let mut article = article("a", "Iran launched rockets.");
    change(&mut article);
    v1::ExtractRequest { article: Some(article), options: None }
}

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(|item| (*item).to_owned()).collect()
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let running = start().await;
    let at = |seconds, nanos| Some(prost_types::Timestamp { seconds, nanos });
    let cases: Vec<(&str, v1::ExtractRequest, &[&str])> = vec![
        ("nothing", v1::ExtractRequest::default(), &["article"]),
        ("empty body", request(""), &["article.body"]),
        ("blank body", request(" \n\t"), &["article.body"]),
        ("body over the limit", request(&"word ".repeat(300_000)), &["article.body"]),
        ("10 MB body", request(&"a".repeat(10_000_000)), &["article.body"]),
        ("long headline", with_article(|a| a.headline = "a".repeat(70_000)), &["article.headline"]),
        ("media type", with_article(|a| a.media_type = "application/pdf".to_owned()), &["article.media_type"]),
        ("year 0", with_article(|a| a.published_at = at(-62_135_596_801, 0)), &["article.published_at"]),
        ("year 10000", with_article(|a| a.published_at = at(253_402_300_800, 0)), &["article.published_at"]),
        ("nanos", with_article(|a| a.published_at = at(0, -1)), &["article.published_at"]),
        ("no instant at all", with_article(|a| a.published_at = at(i64::MAX, i32::MAX)), &["article.published_at"]),
        ("enum", options(|o| o.offset_encoding = 99), &["options.offset_encoding"]),
        ("negative enum", options(|o| o.offset_encoding = -1), &["options.offset_encoding"]),
        ("pack", options(|o| o.packs = strings(&["core", "cores"])), &["options.packs[1]"]),
        ("category", options(|o| o.categories = strings(&["ASSAULTS"])), &["options.categories[0]"]),
        ("event type", options(|o| o.event_types = strings(&["WeaponLaunch"])), &["options.event_types[0]"]),
        ("confidence above 1", options(|o| o.min_confidence = 1.5), &["options.min_confidence"]),
        ("confidence that is no number", options(|o| o.min_confidence = f32::NAN), &["options.min_confidence"]),
        (
            "several at once",
            v1::ExtractRequest {
                article: Some(v1::Article { media_type: "video/mp4".to_owned(), ..v1::Article::default() }),
                options: Some(v1::ExtractOptions { min_confidence: -1.0, ..Default::default() }),
            },
            &["article.body", "article.media_type", "options.min_confidence"],
        ),
    ];
    for (name, request, fields) in cases {
        let status = running.extraction().extract(request).await.expect_err(name);
        assert_eq!(status.code(), Code::InvalidArgument, "{name}: {status:?}");
        let details = status.get_error_details();
        let info = details.error_info().expect(name);
        assert_eq!((info.reason.as_str(), info.domain.as_str()), ("INVALID_REQUEST", "dateline"), "{name}");
        let violations = &details.bad_request().expect(name).field_violations;
        assert_eq!(violations.iter().map(|v| v.field.as_str()).collect::<Vec<_>>(), fields, "{name}");
        assert!(violations.iter().all(|v| !v.description.is_empty()), "{name}");
    }
}

#[tokio::test]
async fn a_near_miss_is_answered_with_what_was_likely_meant() {
    let running = start().await;
    let status = running.extraction().extract(options(|o| o.categories = strings(&["MOBILISE"]))).await.unwrap_err();
    assert!(status.message().contains("`MOBILIZE`"), "{}", status.message());
}

#[tokio::test]
async fn wrong_pages_are_refused() {
    let running = start().await;
    for (request, field) in [
        (v1::ListRulesRequest { page_size: -1, ..Default::default() }, "page_size"),
        (v1::ListRulesRequest { page_token: "nonsense".to_owned(), ..Default::default() }, "page_token"),
    ] {
        let status = running.rules().list_rules(request).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(status.get_details_bad_request().unwrap().field_violations[0].field, field);
    }
}

#[tokio::test]
async fn a_message_over_the_limit_of_the_wire_ends_the_call_alone() {
    let running = start().await;
    let status = running.extraction().extract(request(&"a".repeat(20_000_000))).await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange, "{status:?}");
    running.extraction().extract(request("Iran launched rockets.")).await.unwrap();
}

#[tokio::test]
async fn odd_input_is_answered_in_bounded_time() {
    let running = start().await;
    let bytes: Vec<u8> = (0..300_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let binary = String::from_utf8_lossy(&bytes);
    let russian = "Россия выступает против дестабилизации ситуации на полуострове, заявил министр в пятницу после \
        переговоров, а также против наращивания военного потенциала в ответ на действия соседа.";
    let html = |body: &str| with_article(|a| (a.body, a.media_type) = (body.to_owned(), "text/html".to_owned()));
    let cases = [
        ("binary", request(&binary), false),
        ("brackets", request(&"[".repeat(1_000_000)), false),
        ("brackets and words", request(&"([{ Iran launched ".repeat(10_000)), true),
        ("one endless word", request(&"a".repeat(1_000_000)), false),
        ("one endless sentence", request(&"Iran and Greece and ".repeat(50_000)), false),
        ("a lone surrogate", html("<p>Iran launched &#xD800;&#55296;&#xDFFF; rockets.</p>"), true),
        ("a number that is no character", html("<p>Iran launched &#x110000;&#99999999999999; rockets.</p>"), true),
        ("a million tags", html(&"<b>".repeat(330_000)), false),
        ("a thousand tags around", html(&format!("{}Iran launched rockets.", "<div>".repeat(1000))), true),
        ("another language", request(russian), false),
        (
            "the first instant",
            with_article(|a| a.published_at = Some(prost_types::Timestamp { seconds: -62_135_596_800, nanos: 0 })),
            true,
        ),
        (
            "the last instant",
            with_article(|a| {
                a.published_at = Some(prost_types::Timestamp { seconds: 253_402_207_200, nanos: 999_999_999 })
            }),
            true,
        ),
    ];
    for (name, request, some) in cases {
        let begin = Instant::now();
        let mut client = running.extraction();
        let call = client.extract(request);
        let response = tokio::time::timeout(Duration::from_secs(20), call).await.expect(name).expect(name).into_inner();
        eprintln!("{name}: {:?}", begin.elapsed());
        if some {
            assert!(!response.events.is_empty(), "{name}");
        } else {
            assert!(response.events.is_empty(), "{name}: {:?}", response.events);
        }
        if matches!(name, "binary" | "brackets" | "another language") {
            assert!(!response.warnings.is_empty(), "{name}");
        }
    }
}

#[tokio::test]
async fn what_is_compressed_is_read_and_counts_as_large_as_it_is() {
    let running = start().await;
    let client = running.extraction().send_compressed(CompressionEncoding::Gzip);
    let mut client = client.accept_compressed(CompressionEncoding::Gzip);
    let response = client.extract(request("Iran launched rockets.")).await.unwrap();
    assert_eq!(response.metadata().get("grpc-encoding").unwrap(), "gzip");
    assert_eq!(response.into_inner().events.len(), 1);
    // A few kilobytes on the wire.
    let status = client.extract(request(&"a".repeat(40_000_000))).await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange, "{status:?}");
    client.extract(request("Iran launched rockets.")).await.unwrap();
}
