//! What a caller gets: events, streams, lists of rules, health, an orderly end.

use std::collections::BTreeMap;
use std::time::Duration;

use dateline::api::v1;
use dateline::api::v1::extract_stream_response::Result as Item;
use dateline::event::schema::EventTypes;
use prost_reflect::DynamicMessage;
use tokio_stream::StreamExt as _;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::support::{PATIENCE, Running, article, request, settings, start, start_with};

#[tokio::test]
async fn an_article_gives_its_event_with_words_and_rule() {
    let running = start().await;
    let body = "SEOUL. North Korea launched two rockets on Friday.";
    let response = running.extraction().extract(request(body)).await.unwrap().into_inner();
    assert_eq!(response.article_id, "a");
    let [event] = &response.events[..] else { panic!("{:?}", response.events) };
    assert_eq!((event.category.as_str(), event.event_type.as_str()), ("MOBILIZE", "dateline.events.v1.WeaponLaunch"));
    assert_eq!(event.actors[0].country, "PRK");
    let evidence = &event.evidence[0];
    assert_eq!(&body[evidence.start as usize..evidence.end as usize], "launched");
    let rule = event.rule.as_ref().unwrap();
    assert_eq!((rule.id.as_str(), rule.version.as_str(), rule.pack.as_str()), ("rocket_launch", "1.2.3", "core"));
    let detail = event.detail.as_ref().unwrap();
    assert_eq!(detail.type_url, "type.googleapis.com/dateline.events.v1.WeaponLaunch");
    let types = EventTypes::new(&BTreeMap::new()).unwrap();
    let message = DynamicMessage::decode(types.message(&event.event_type).unwrap(), &*detail.value).unwrap();
    let launcher = message.get_field_by_name("launcher").unwrap().into_owned();
    let first = launcher.as_list().unwrap()[0].as_message().unwrap().get_field_by_name("country").unwrap().into_owned();
    assert_eq!(first.as_str(), Some("PRK"));
    let ruleset = response.ruleset.unwrap();
    assert_eq!(ruleset.digest.len(), 64);
    assert!(ruleset.loaded_at.unwrap().seconds > 0);
}

#[tokio::test]
async fn offsets_come_in_the_encoding_that_was_asked_for() {
    let running = start().await;
    let body = "Łódź — 𝄞. Iran launched rockets.";
    let word = "launched";
    let byte = body.find(word).unwrap();
    let units16 = body[..byte].encode_utf16().count();
    let scalars = body[..byte].chars().count();
    for (encoding, start) in
        [(v1::OffsetEncoding::Utf8, byte), (v1::OffsetEncoding::Utf16, units16), (v1::OffsetEncoding::Utf32, scalars)]
    {
        let options = v1::ExtractOptions { offset_encoding: encoding.into(), ..Default::default() };
        let request = v1::ExtractRequest { options: Some(options), ..request(body) };
        let response = running.extraction().extract(request).await.unwrap().into_inner();
        let span = &response.events[0].evidence[0];
        assert_eq!((span.start as usize, span.end as usize), (start, start + word.len()), "{encoding:?}");
    }
}

#[tokio::test]
async fn a_bad_article_in_a_stream_is_an_item_among_the_others() {
    let running = start().await;
    let bodies = ["Iran launched rockets.", "", "Greece launched rockets.", "Nothing happened."];
    let requests: Vec<v1::ExtractStreamRequest> = bodies
        .iter()
        .enumerate()
        .map(|(index, body)| v1::ExtractStreamRequest {
            article: Some(article(&index.to_string(), body)),
            options: None,
        })
        .collect();
    let mut results = running.extraction().extract_stream(tokio_stream::iter(requests)).await.unwrap().into_inner();
    let mut seen = BTreeMap::new();
    while let Some(result) = results.message().await.unwrap() {
        let said = match result.result.unwrap() {
            Item::Response(response) => {
                assert_eq!(response.article_id, result.article_id);
                response.events.iter().map(|event| event.actors[0].country.clone()).collect()
            }
            Item::Error(error) => {
                assert_eq!(error.code, Code::InvalidArgument as i32);
                error.field_violations.iter().map(|violation| violation.field.clone()).collect()
            }
        };
        seen.insert(result.article_id, said);
    }
    let expected: [(&str, Vec<&str>); 4] =
        [("0", vec!["IRN"]), ("1", vec!["article.body"]), ("2", vec!["GRC"]), ("3", vec![])];
    let expected: BTreeMap<String, Vec<String>> =
        expected.iter().map(|(id, said)| ((*id).to_owned(), said.iter().map(|s| (*s).to_owned()).collect())).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn options_of_a_stream_hold_until_others_are_sent() {
    let running = start().await;
    let none = v1::ExtractOptions { min_confidence: 1.0, ..Default::default() };
    let all = v1::ExtractOptions::default();
    let requests = [None, Some(none), None, Some(all), None].into_iter().enumerate().map(|(index, options)| {
        v1::ExtractStreamRequest { article: Some(article(&index.to_string(), "Iran launched rockets.")), options }
    });
    let requests: Vec<_> = requests.collect();
    let results = running.extraction().extract_stream(tokio_stream::iter(requests)).await.unwrap().into_inner();
    let results: Vec<_> = results.map(|result| result.unwrap()).collect().await;
    let counts: BTreeMap<&str, usize> = results
        .iter()
        .map(|result| match &result.result {
            Some(Item::Response(response)) => (result.article_id.as_str(), response.events.len()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(counts.into_values().collect::<Vec<_>>(), [1, 0, 0, 1, 1]);
}

#[tokio::test]
async fn a_reader_that_stops_holds_back_the_sender() {
    let running = start().await;
    let body = "Iran launched rockets. ".repeat(200);
    let (send, receive) = tokio::sync::mpsc::channel::<v1::ExtractStreamRequest>(1);
    let mut client = running.extraction();
    let call = client.extract_stream(tokio_stream::wrappers::ReceiverStream::new(receive));
    let writer = tokio::spawn(async move {
        let mut sent = 0;
        while sent < 5_000 {
            let request = v1::ExtractStreamRequest { article: Some(article("x", &body)), options: None };
            match tokio::time::timeout(Duration::from_secs(3), send.send(request)).await {
                Ok(Ok(())) => sent += 1,
                _ => break,
            }
        }
        sent
    });
    // The results are not read.
    let results = call.await.unwrap();
    let sent = writer.await.unwrap();
    assert!(sent < 1_000, "{sent} articles went into a stream that nobody reads");
    drop(results);
}

#[tokio::test]
async fn rules_come_in_pages_and_event_types_with_their_fields() {
    let running = start().await;
    let all = running.rules().list_rules(v1::ListRulesRequest::default()).await.unwrap().into_inner();
    assert!(all.next_page_token.is_empty());
    let mut paged = Vec::new();
    let mut token = String::new();
    loop {
        let request = v1::ListRulesRequest { page_size: 1, page_token: token, ..Default::default() };
        let page = running.rules().list_rules(request).await.unwrap().into_inner();
        assert_eq!(page.rules.len(), 1);
        paged.extend(page.rules);
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(paged, all.rules);
    assert_eq!(paged.len(), running.ruleset().await.rule_count as usize);
    let request = v1::ListRulesRequest { kind: "event".to_owned(), ..Default::default() };
    let events = running.rules().list_rules(request).await.unwrap().into_inner().rules;
    assert_eq!(events[0].emits, "dateline.events.v1.WeaponLaunch");
    assert!(events[0].line > 20, "{}", events[0].line);

    let types = running.rules().list_event_types(v1::ListEventTypesRequest {}).await.unwrap().into_inner().event_types;
    assert_eq!(types.len(), 1);
    assert_eq!(
        (&types[0].categories[..], &types[0].rules[..]),
        (&["MOBILIZE".to_owned()][..], &["rocket_launch".to_owned()][..])
    );
    assert!(!types[0].description.is_empty());
    let launcher = types[0].fields.iter().find(|field| field.name == "launcher").unwrap();
    assert_eq!((launcher.r#type.as_str(), launcher.repeated), ("dateline.v1.Actor", true));
    assert_eq!(launcher.description, "Those who launch.");
}

async fn health(running: &Running, service: &str) -> ServingStatus {
    let mut client = HealthClient::new(running.channel.clone());
    let request = HealthCheckRequest { service: service.to_owned() };
    client.check(request).await.unwrap().into_inner().status()
}

#[tokio::test]
async fn health_follows_the_life_of_the_service() {
    let mut settings = settings();
    settings.life.drain = Duration::from_millis(1500);
    let mut running = start_with(settings).await;
    running.service.ready().await.unwrap();
    for service in ["", "dateline.v1.ExtractionService", "dateline.v1.RuleService"] {
        assert_eq!(health(&running, service).await, ServingStatus::Serving, "{service}");
    }
    let mut watch = HealthClient::new(running.channel.clone())
        .watch(HealthCheckRequest { service: String::new() })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    let client = running.extraction();
    let end = tokio::spawn(running.service.end());
    assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
    // While routers take notice, calls are still served.
    client.clone().extract(request("Iran launched rockets.")).await.unwrap();
    // The open watch must not keep the server.
    tokio::time::timeout(PATIENCE, end).await.unwrap().unwrap().unwrap();
    assert!(client.clone().extract(request("Iran launched rockets.")).await.is_err());
}

#[tokio::test]
async fn a_service_whose_first_rules_are_broken_ends_and_says_why() {
    let listeners = dateline::service::Listeners::bind(&settings()).await.unwrap();
    let files = dateline::service::RuleFiles {
        base: vec![dateline::rules::source::PackFiles::from_texts("bad", [("pack.toml", "[pack]\nid = 7\n")])],
        folders: Vec::new(),
        candidate: Vec::new(),
    };
    let mut service = dateline::service::Service::start(listeners, files, settings()).unwrap();
    let error = service.ready().await.unwrap_err();
    let dateline::service::ServeError::Rules(attempt) = error else { panic!("{error}") };
    assert!(attempt.diagnostics.iter().any(|d| d.file.ends_with("pack.toml") && d.line == 2), "{attempt:?}");
}
