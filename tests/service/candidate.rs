//! Candidate rules: asked for by a request, at work in the shadow of the live ones, loaded and taken away meanwhile.

use std::path::Path;

use dateline::api::v1;
use tempfile::TempDir;
use tonic::Code;

use super::plain_http::{EXTRACT, send};
use super::support::{Running, copy_folder, data, request, settings, start_with};

const SEIZURE: &str = "acme.shipping.v1.VesselSeizure";

/// A service with a folder for candidates, and a share of articles for them.
async fn start(shadow: f64) -> (Running, TempDir) {
    let folder = TempDir::new().unwrap();
    let mut settings = settings();
    settings.rules.candidate = vec![folder.path().to_owned()];
    settings.rules.shadow = shadow;
    let mut running = start_with(settings).await;
    running.service.ready().await.unwrap();
    (running, folder)
}

async fn with_candidate(running: &Running, folder: &Path) -> v1::CandidateRuleset {
    copy_folder(&data("shipping"), &folder.join("shipping"));
    let loaded = |ruleset: &v1::GetRulesetResponse| {
        ruleset.candidate.as_ref().is_some_and(|candidate| !candidate.digest.is_empty())
    };
    running.ruleset_when(loaded).await.candidate.unwrap()
}

fn tried(body: &str) -> v1::ExtractRequest {
    let options = v1::ExtractOptions { candidate: true, ..v1::ExtractOptions::default() };
    v1::ExtractRequest { options: Some(options), ..request(body) }
}

async fn events(running: &Running, request: v1::ExtractRequest) -> Vec<String> {
    let response = running.extraction().extract(request).await.unwrap().into_inner();
    response.events.into_iter().map(|event| event.event_type).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_can_ask_for_candidate_rules_and_nobody_else_gets_them() {
    let (running, folder) = start(0.0).await;
    let before = running.ruleset().await;
    assert_eq!(before.candidate.unwrap(), v1::CandidateRuleset::default());
    let none = running.extraction().extract(tried("Iran seized a tanker.")).await.unwrap_err();
    assert_eq!(none.code(), Code::FailedPrecondition, "{none}");

    let candidate = with_candidate(&running, folder.path()).await;
    assert_eq!((candidate.packs.len(), candidate.test_count), (2, 4));
    let ruleset = running.ruleset().await;
    assert_eq!((ruleset.digest, ruleset.loaded_at), (before.digest, before.loaded_at));
    assert!(events(&running, request("Iran seized a tanker.")).await.is_empty());
    assert_eq!(events(&running, tried("Iran seized a tanker.")).await, [SEIZURE]);

    // As JSON too, whose writer must know a type that is not live.
    let body = r#"{"article": {"body": "Iran seized a tanker."}, "options": {"candidate": true}}"#;
    let headers = ["content-type: application/json"];
    let said = send(running.service.address(), "POST", EXTRACT, &headers, body).await.json();
    assert_eq!(said["events"][0]["detail"]["seizer"][0]["country"], "IRN", "{said}");

    let explained = v1::ExplainRequest {
        article: request("Iran seized a tanker.").article,
        options: tried("").options,
        page: false,
    };
    let explained = running.rules().explain(explained).await.unwrap().into_inner();
    assert_eq!(explained.events[0].rule, "event.vessel_seizure");

    // Taken away again there is none.
    std::fs::remove_dir_all(folder.path().join("shipping")).unwrap();
    running.ruleset_when(|ruleset| ruleset.candidate == Some(v1::CandidateRuleset::default())).await;
    let none = running.extraction().extract(tried("Iran seized a tanker.")).await.unwrap_err();
    assert_eq!(none.code(), Code::FailedPrecondition);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_candidate_leaves_the_one_before_and_the_live_rules_in_force() {
    let (running, folder) = start(1.0).await;
    let good = with_candidate(&running, folder.path()).await;
    let file = folder.path().join("shipping/pack.toml");
    let rules = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, rules.replace("when.patient", "when.patent")).unwrap();
    let reloaded = running.rules().reload_rules(v1::ReloadRulesRequest {}).await.unwrap().into_inner();
    let attempt = reloaded.last_candidate_attempt.unwrap();
    assert!(!attempt.live && !attempt.diagnostics.is_empty(), "{attempt:?}");
    assert!(reloaded.last_attempt.unwrap().live);
    assert_eq!(running.ruleset().await.candidate.unwrap().digest, good.digest);
    assert_eq!(events(&running, tried("Iran seized a tanker.")).await, [SEIZURE]);
    assert_eq!(events(&running, request("Iran launched rockets.")).await.len(), 1);
    // A file that is being written may be refused half written, too.
    let refused = |line: &str| line.starts_with("dateline_candidate_loads_total{outcome=\"refused\"} ");
    running.metrics_have("refusal of candidate rules", &refused).await;

    // A new version of what is live reaches the candidate that stands on it.
    std::fs::write(&file, rules.replace("0.3.0", "0.4.0")).unwrap();
    let newer = |ruleset: &v1::GetRulesetResponse| {
        ruleset.candidate.as_ref().is_some_and(|own| own.packs.iter().any(|pack| pack.version == "0.4.0"))
    };
    running.ruleset_when(newer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_shadow_of_the_live_rules_what_would_change_is_counted() {
    let (running, folder) = start(1.0).await;
    with_candidate(&running, folder.path()).await;
    assert!(events(&running, request("Iran seized a tanker.")).await.is_empty());
    running.metrics_say("dateline_candidate_articles_total{outcome=\"different\"} 1").await;
    running.metrics_say("dateline_candidate_events_total{category=\"COERCE\",difference=\"added\"} 1").await;
    assert_eq!(events(&running, request("Iran launched three rockets.")).await.len(), 1);
    running.metrics_say("dateline_candidate_articles_total{outcome=\"same\"} 1").await;
    running.metrics_say("dateline_candidate_events_total{category=\"MOBILIZE\",difference=\"same\"} 1").await;
    // What a candidate answered is compared with nothing.
    assert_eq!(events(&running, tried("Iran seized a ferry.")).await.len(), 1);
    let text = running.service.metrics().render();
    assert!(text.contains("dateline_candidate_articles_total{outcome=\"different\"} 1"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_can_keep_rules_from_firing() {
    for rule in ["event.rocket_launch", "pack:core", "category:MOBILIZE"] {
        let mut settings = settings();
        settings.rules.disabled = vec![rule.to_owned(), "event.no_such".to_owned()];
        let mut running = start_with(settings).await;
        running.service.ready().await.unwrap();
        assert!(events(&running, request("Iran launched three rockets.")).await.is_empty(), "{rule}");
        assert_eq!(running.ruleset().await.disabled, [rule]);
    }
}
