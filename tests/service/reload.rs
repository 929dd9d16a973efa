//! Rules that change while the service runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use dateline::api::v1;
use dateline::pipeline::Article;
use dateline::service::client::Client;
use prost_reflect::{DescriptorPool, DynamicMessage};

use super::reflection::{self, Answer, Ask, messages};
use super::support::{copy_folder, data, request, start};

const SEIZURE: &str = "acme.shipping.v1.VesselSeizure";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_pack_with_a_new_message_is_served_without_a_failed_call() {
    let running = start().await;
    assert!(matches!(reflection::v1(&running.channel, Ask::Symbol(SEIZURE)).await, Answer::Error(_)));
    let before = running.ruleset().await;
    assert_eq!((before.packs.len(), before.test_count), (1, 2));

    // Callers who know nothing of all this.
    let (stop, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let callers: Vec<_> = (0..3)
        .map(|_| {
            let (mut client, stop, calls) = (running.extraction(), stop.clone(), calls.clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let response = client.extract(request("Iran launched three rockets.")).await?.into_inner();
                    assert_eq!(response.events.len(), 1);
                    calls.fetch_add(1, Ordering::Relaxed);
                }
                Ok::<(), tonic::Status>(())
            })
        })
        .collect();

    copy_folder(&data("shipping"), &running.folder.path().join("shipping"));
    let after = running.ruleset_when(|ruleset| ruleset.packs.len() == 2).await;
    assert_eq!(after.test_count, 4);
    assert_ne!(after.digest, before.digest);
    assert!(after.last_attempt.unwrap().live);

    // The very next call finds the new event.
    let response = running.extraction().extract(request("Iran seized a tanker.")).await.unwrap().into_inner();
    assert_eq!(response.ruleset.unwrap().digest, after.digest);
    let event = &response.events[0];
    assert_eq!(event.event_type, SEIZURE);
    // Whoever asks reflection can read it.
    let answer = reflection::v1(&running.channel, Ask::Symbol(SEIZURE)).await;
    assert_eq!(answer, reflection::v1alpha(&running.channel, Ask::Symbol(SEIZURE)).await);
    assert!(messages(&answer).contains(SEIZURE));
    let Answer::Files(files) = answer else { panic!() };
    let mut pool = DescriptorPool::new();
    pool.add_file_descriptor_protos(files).unwrap();
    let descriptor = pool.get_message_by_name(SEIZURE).unwrap();
    let message = DynamicMessage::decode(descriptor, &*event.detail.as_ref().unwrap().value).unwrap();
    assert_eq!(message.get_field_by_name("kind").unwrap().as_enum_number(), Some(1));
    let types = running.rules().list_event_types(v1::ListEventTypesRequest {}).await.unwrap().into_inner().event_types;
    let own = types.iter().find(|own| own.name == SEIZURE).unwrap();
    assert_eq!(own.description, "A state takes a ship.");

    // The client of the command line learns the type on its way.
    let mut client = Client::connect(&running.service.address().to_string()).await.unwrap();
    assert!(client.types().message(SEIZURE).is_none());
    let article = Article { body: "Iran seized a ferry.".to_owned(), ..Article::default() };
    assert_eq!(client.extract(&article).await.unwrap().events[0].event_type, SEIZURE);
    assert!(client.types().message(SEIZURE).unwrap().get_field_by_name("seizer").is_some());

    // Taken away again it is gone.
    std::fs::remove_dir_all(running.folder.path().join("shipping")).unwrap();
    let gone = running.ruleset_when(|ruleset| ruleset.packs.len() == 1).await;
    assert_eq!(gone.digest, before.digest);

    stop.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    assert!(calls.load(Ordering::Relaxed) > 10, "{calls:?}");
}

#[tokio::test]
async fn a_broken_pack_keeps_the_old_rules_and_says_why() {
    let running = start().await;
    let before = running.ruleset().await;
    let pack = running.folder.path().join("shipping");
    copy_folder(&data("shipping"), &pack);
    let rules = std::fs::read_to_string(pack.join("pack.toml")).unwrap();
    std::fs::write(pack.join("pack.toml"), rules.replace("when.patient", "when.patent")).unwrap();

    let refused = |ruleset: &v1::GetRulesetResponse| ruleset.last_attempt.as_ref().is_some_and(|a| !a.live);
    let ruleset = running.ruleset_when(refused).await;
    assert_eq!((&ruleset.digest, ruleset.loaded_at), (&before.digest, before.loaded_at));
    let attempt = ruleset.last_attempt.unwrap();
    assert_ne!(attempt.digest, before.digest);
    let line = 1 + rules.lines().position(|line| line.contains("when.patient")).unwrap() as u32;
    let [problem, ..] = &attempt.diagnostics[..] else { panic!("no diagnostics") };
    assert_eq!((problem.level(), problem.line), (v1::DiagnosticLevel::Error, line), "{problem:?}");
    assert!(problem.file.ends_with("shipping/pack.toml"), "{}", problem.file);
    running.extraction().extract(request("Iran launched rockets.")).await.unwrap();

    // Rules that load but fail their own tests do not go live either.
    std::fs::write(pack.join("pack.toml"), rules.replace("\"IRN\"", "\"GRC\"")).unwrap();
    let failing = |ruleset: &v1::GetRulesetResponse| {
        let attempt = ruleset.last_attempt.as_ref();
        attempt.is_some_and(|a| a.diagnostics.iter().any(|d| d.code == "E-TEST-FAILED"))
    };
    assert_eq!(running.ruleset_when(failing).await.digest, before.digest);

    // Mended, they do.
    std::fs::write(pack.join("pack.toml"), &rules).unwrap();
    let mended = running.ruleset_when(|ruleset| ruleset.packs.len() == 2).await;
    assert!(mended.last_attempt.unwrap().diagnostics.is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn a_volume_that_is_swapped_by_a_link_is_noticed() {
    // As kubelet does it: the pack is a link into `..data`, which is a link that is replaced.
    let running = start().await;
    let root = running.folder.path();
    copy_folder(&data("shipping"), &root.join("..v1"));
    std::os::unix::fs::symlink("..v1", root.join("..data")).unwrap();
    std::os::unix::fs::symlink("..data", root.join("shipping")).unwrap();
    let first = running.ruleset_when(|ruleset| ruleset.packs.len() == 2).await;
    assert_eq!(first.packs[1].version, "0.3.0");
    copy_folder(&data("shipping"), &root.join("..v2"));
    let rules = std::fs::read_to_string(root.join("..v2/pack.toml")).unwrap();
    std::fs::write(root.join("..v2/pack.toml"), rules.replace("0.3.0", "0.4.0")).unwrap();
    std::os::unix::fs::symlink("..v2", root.join("..new")).unwrap();
    std::fs::rename(root.join("..new"), root.join("..data")).unwrap();
    running.ruleset_when(|ruleset| ruleset.packs.iter().any(|pack| pack.version == "0.4.0")).await;
}
