//! A load run: what callers feel of a reload. Not a test of every day, for it takes a minute and measures:
//!
//! ```text
//! cargo test --release --test service a_reload_is_not_felt -- --ignored --nocapture
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use dateline::rules::source;
use dateline::service::RuleFiles;
use tokio::task::JoinSet;

use super::support::{Running, copy_folder, data, request, settings, start_files};

/// Calls a second.
const RATE: u32 = 200;
/// How long each of the two parts takes.
const PART: Duration = Duration::from_secs(20);
const TEXT: &str = "SEOUL, March 18 (Reuters) - North Korea launched two ballistic missiles into the Sea of Japan on \
    Friday, South Korea's military said. Tokyo condemned the launches.";

/// What callers saw in a while.
struct Seen {
    /// Times of the calls, sorted.
    times: Vec<Duration>,
    failed: usize,
}

impl Seen {
    fn at(&self, share: f64) -> Duration {
        let index = (self.times.len() as f64 * share) as usize;
        self.times.get(index.min(self.times.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

/// Calls at a steady rate, whether or not the ones before have ended.
async fn calls(running: &Running) -> Seen {
    let (mut tasks, mut tick) = (JoinSet::new(), tokio::time::interval(Duration::from_secs(1) / RATE));
    let end = Instant::now() + PART;
    while Instant::now() < end {
        tick.tick().await;
        let mut client = running.extraction();
        tasks.spawn(async move {
            let begin = Instant::now();
            let events = client.extract(request(TEXT)).await.map(|answer| answer.into_inner().events.len());
            (begin.elapsed(), events.is_ok_and(|events| events > 0))
        });
    }
    let mut seen = Seen { times: Vec::new(), failed: 0 };
    while let Some(call) = tasks.join_next().await {
        let (time, fine) = call.unwrap();
        seen.times.push(time);
        seen.failed += usize::from(!fine);
    }
    seen.times.sort();
    seen
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a load run of a minute, which measures"]
async fn a_reload_is_not_felt() {
    let files = RuleFiles { base: source::embedded(), ..RuleFiles::default() };
    let mut running = start_files(files, settings()).await;
    running.service.ready().await.unwrap();
    let before = calls(&running).await;

    let pack = running.folder.path().join("shipping");
    copy_folder(&data("shipping"), &pack);
    let text = std::fs::read_to_string(pack.join("pack.toml")).unwrap();
    let reloads = Arc::new(AtomicUsize::new(0));
    let (rules, done) = (running.service.rules().clone(), reloads.clone());
    let editing = tokio::spawn(async move {
        for version in 1.. {
            std::fs::write(pack.join("pack.toml"), text.replacen("0.3.0", &format!("0.{version}.9"), 1)).unwrap();
            let mut attempts = rules.attempts();
            attempts.borrow_and_update();
            attempts.changed().await.unwrap();
            assert!(rules.attempt().unwrap().live, "{:?}", rules.attempt());
            done.fetch_add(1, Ordering::Relaxed);
        }
    });
    let during = calls(&running).await;
    editing.abort();
    for (name, seen) in [("before", &before), ("during", &during)] {
        let (half, most, all) = (seen.at(0.5), seen.at(0.99), seen.at(1.0));
        println!("{name}: {} calls, {} failed, p50 {half:?}, p99 {most:?}, max {all:?}", seen.times.len(), seen.failed);
    }
    println!("reloads: {}", reloads.load(Ordering::Relaxed));
    assert_eq!((before.failed, during.failed), (0, 0));
    assert!(reloads.load(Ordering::Relaxed) > 0);
}
