//! The commands that talk to a service, as a user runs them.

use std::process::{Command, Output};

use super::support::{copy_folder, data, start};

fn dateline(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dateline")).args(arguments).output().unwrap()
}

#[test]
fn the_demo_shows_events_and_how_to_go_on() {
    let output = dateline(&["demo"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.starts_with("Lavrov: North Korea's actions should not be pretext for military build-up"), "{said}");
    for word in ["WeaponLaunch", "North Korea", "2016-03-18", "grpcurl", "buf curl", "pip install grpcio"] {
        assert!(said.contains(word), "no `{word}` in {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn call_shows_the_fields_of_a_type_that_came_with_a_pack() {
    let running = start().await;
    copy_folder(&data("shipping"), &running.folder.path().join("shipping"));
    running.ruleset_when(|ruleset| ruleset.packs.len() == 2).await;
    let address = running.service.address().to_string();
    let file = running.folder.path().join("..news.txt");
    std::fs::write(&file, "Iran seized a ferry.").unwrap();
    let call = move |format: &'static str| {
        let (file, address) = (file.clone(), address.clone());
        tokio::task::spawn_blocking(move || {
            dateline(&["call", file.to_str().unwrap(), "--to", &address, "--format", format])
        })
    };
    let output = call("jsonl").await.unwrap();
    let response: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let detail = &response["events"][0]["detail"];
    assert_eq!(detail["@type"], "type.googleapis.com/acme.shipping.v1.VesselSeizure");
    assert_eq!(detail["kind"], "VESSEL_KIND_FERRY");
    let text = String::from_utf8(call("text").await.unwrap().stdout).unwrap();
    assert!(text.contains("VesselSeizure") && text.contains("ferry"), "{text}");
}

#[test]
fn call_says_why_there_is_no_answer() {
    let article = data("../../examples/tass-2016-03-25.txt");
    let output = dateline(&["call", article.to_str().unwrap(), "--to", "127.0.0.1:1"]);
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("no service answers at 127.0.0.1:1"), "{said}");
}
