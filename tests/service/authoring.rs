//! What authors ask of a running service: why, is this right, look again.

use std::time::Duration;

use dateline::api::v1;
use tonic::Code;

use super::support::{PATIENCE, article, copy_folder, data, request, settings, start, start_with};

fn draft(name: &str, files: &[(&str, &str)]) -> v1::DraftPack {
    let files = files.iter().map(|(path, content)| v1::DraftFile { path: (*path).into(), content: (*content).into() });
    v1::DraftPack { name: name.into(), files: files.collect() }
}

const MANIFEST: &str = "[pack]\nid = \"talks\"\nversion = \"1.0.0\"\n";
const RULE: &str = r#"
[event.praise]
emits = "dateline.events.v1.Coercion"
category = "SUPPORT"
status = "test"
trigger.verb = '''[lemma=praise]'''
[event.praise.slot]
authority = { role = "agent", type = "@Actor", required = true }
[[event.praise.test]]
name = "praise"
text = """Iran praised the rockets."""
expect.authority.country = "IRN"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn drafts_are_checked_and_tested_and_never_go_live() {
    let running = start().await;
    let before = running.ruleset().await;
    let good = draft("talks", &[("pack.toml", MANIFEST), ("praise.toml", RULE)]);
    let checked =
        running.rules().check_rules(v1::CheckRulesRequest { packs: vec![good.clone()] }).await.unwrap().into_inner();
    assert!(checked.valid, "{:?}", checked.diagnostics);
    assert_ne!(checked.digest, before.digest);
    let test = |pack: v1::DraftPack, drafts_only| v1::TestRulesRequest { packs: vec![pack], drafts_only };
    let tested = running.rules().test_rules(test(good.clone(), true)).await.unwrap().into_inner();
    assert_eq!((tested.valid, tested.passed, tested.failed), (true, 1, 0));
    let tested = running.rules().test_rules(test(good, false)).await.unwrap().into_inner();
    assert_eq!((tested.valid, tested.passed), (true, 3));

    let wrong = RULE.replace("\"IRN\"", "\"IRQ\"");
    let failing = draft("talks", &[("pack.toml", MANIFEST), ("praise.toml", &wrong)]);
    let tested = running.rules().test_rules(test(failing, true)).await.unwrap().into_inner();
    assert_eq!((tested.valid, tested.failed), (false, 1));
    assert!(
        tested.diagnostics.iter().any(|d| d.code == "E-TEST-FAILED" && d.file == "talks/praise.toml" && d.line > 1)
    );

    let broken = draft("talks", &[("pack.toml", MANIFEST), ("praise.toml", &RULE.replace("emits", "emit"))]);
    let checked =
        running.rules().check_rules(v1::CheckRulesRequest { packs: vec![broken] }).await.unwrap().into_inner();
    assert!(!checked.valid);
    assert!(checked.diagnostics.iter().any(|d| d.code == "E-UNKNOWN-KEY" && d.help.contains("emits")));

    let nothing = running.rules().check_rules(v1::CheckRulesRequest::default()).await.unwrap_err();
    assert_eq!(nothing.code(), Code::InvalidArgument);
    assert_eq!(running.ruleset().await.digest, before.digest);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explanation_comes_with_offsets_of_the_callers_own() {
    let running = start().await;
    let options = v1::ExtractOptions { offset_encoding: v1::OffsetEncoding::Utf16.into(), ..Default::default() };
    let request = v1::ExplainRequest {
        article: Some(article("a", "Up \u{1f680}.\n\nIran launched three rockets.\n\nTwo rockets were launched.")),
        options: Some(options),
        page: true,
    };
    let own = running.rules().explain(request).await.unwrap().into_inner();
    assert_eq!(own.events.len(), 1, "{own:?}");
    let event = &own.events[0];
    assert_eq!(event.rule, "event.rocket_launch");
    let trigger = &event.evidence[0];
    assert_eq!((trigger.start, trigger.end, trigger.text.as_str()), (13, 21, "launched"));
    assert!(event.slots.iter().any(|slot| slot.field == "launcher" && slot.bound_by == "active subject"));
    assert!(own.near_misses.iter().any(|miss| miss.rule == "event.rocket_launch" && miss.why.contains("launcher")));
    assert!(own.mentions.iter().any(|mention| mention.r#type == "Actor"));
    assert!(own.page.starts_with("<!doctype html>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_can_keep_rules_from_firing() {
    let running = start().await;
    let with = |name: &str| {
        let options = v1::ExtractOptions { disabled: vec![name.to_owned()], ..Default::default() };
        v1::ExtractRequest { options: Some(options), ..request("Iran launched three rockets.") }
    };
    for name in ["event.rocket_launch", "pack:core", "category:MOBILIZE"] {
        let response = running.extraction().extract(with(name)).await.unwrap().into_inner();
        assert!(response.events.is_empty(), "{name}");
    }
    let status = running.extraction().extract(with("event.rocket_lunch")).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("did you mean `event.rocket_launch`?"), "{}", status.message());
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_are_looked_at_when_asked() {
    let mut settings = settings();
    settings.rules.poll = Duration::from_secs(3600);
    let mut running = start_with(settings).await;
    running.service.ready().await.unwrap();
    let again = running.rules().reload_rules(v1::ReloadRulesRequest {}).await.unwrap().into_inner();
    assert!(!again.changed);
    copy_folder(&data("shipping"), &running.folder.path().join("shipping"));
    let mut rules = running.rules();
    let reload = rules.reload_rules(v1::ReloadRulesRequest {});
    let reloaded = tokio::time::timeout(PATIENCE, reload).await.unwrap().unwrap().into_inner();
    assert!(reloaded.last_attempt.unwrap().live);
    assert_eq!(running.ruleset_when(|ruleset| ruleset.packs.len() == 2).await.packs.len(), 2);
}

/// Kubernetes mounts a volume as a link to a link to a folder, and swaps the inner link.
#[tokio::test(flavor = "multi_thread")]
async fn a_mounted_volume_that_is_swapped_by_its_link_goes_live() {
    let running = start().await;
    let mount = running.folder.path();
    let version = |name: &str| mount.join(format!("..{name}"));
    copy_folder(&data("shipping"), &version("1").join("shipping"));
    std::os::unix::fs::symlink("..1", mount.join("..data")).unwrap();
    std::os::unix::fs::symlink("..data/shipping", mount.join("shipping")).unwrap();
    running.ruleset_when(|ruleset| ruleset.packs.len() == 2).await;

    copy_folder(&data("shipping"), &version("2").join("shipping"));
    let manifest = version("2").join("shipping/pack.toml");
    let text = std::fs::read_to_string(&manifest).unwrap().replacen("0.3.0", "0.4.0", 1);
    std::fs::write(&manifest, text).unwrap();
    std::os::unix::fs::symlink("..2", mount.join("..data_tmp")).unwrap();
    std::fs::rename(mount.join("..data_tmp"), mount.join("..data")).unwrap();
    running.ruleset_when(|ruleset| ruleset.packs.iter().any(|pack| pack.version == "0.4.0")).await;
}
