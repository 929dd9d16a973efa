//! Watches the folders with rules: what changes is read, checked, tested, and goes live whole or not at all.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use notify::{RecursiveMode, Watcher};
use tokio::sync::{Notify, watch};

use super::live::{Live, LiveRules};
use crate::rules::diagnostic::{Code, Diagnostic, DiagnosticRecord, Level, Sources};
use crate::rules::source::{self, PackFiles};
use crate::rules::{self};
use crate::telemetry::Metrics;
use crate::telemetry::metrics::RulesetGauge;
use crate::testing;

/// Diagnostics that are kept of one attempt.
const MAX_DIAGNOSTICS: usize = 500;
/// How long files must rest before they are believed to be complete.
const SETTLE: Duration = Duration::from_millis(150);
/// Time that the tests of a ruleset may take.
const TEST_TIME: Duration = Duration::from_secs(60);
/// After so many looks at files that do not rest, they are read as they are.
const MAX_LOOKS: usize = 40;

/// Where the rules of a service come from.
#[derive(Clone, Debug)]
pub struct RuleFiles {
    /// Packs in memory, those of the binary as a rule.
    pub base: Vec<PackFiles>,
    /// Folders that are watched; a pack there with the id of one in memory takes its place.
    pub folders: Vec<PathBuf>,
}

impl Default for RuleFiles {
    fn default() -> Self {
        Self { base: source::embedded(), folders: Vec::new() }
    }
}

/// What stood in the folders at one moment.
struct Found {
    packs: Vec<PackFiles>,
    problems: Vec<Diagnostic>,
    /// Changes with every byte and every problem.
    digest: String,
}

impl RuleFiles {
    fn read(&self) -> Found {
        let (mut extra, mut problems) = (Vec::new(), Vec::new());
        for folder in &self.folders {
            // A folder that nothing was put into yet is no problem for a service that watches it.
            if source::is_empty(folder) {
                continue;
            }
            let (packs, wrong) = source::from_folder(folder);
            extra.extend(packs);
            problems.extend(wrong);
        }
        let packs = rules::packs_over(self.base.clone(), extra);
        let mut digest = source::digest(&packs);
        problems.iter().for_each(|problem| digest.push_str(&problem.message));
        Found { packs, problems, digest }
    }

    /// Reads the folders until they do not change any more: whoever copies a pack is given time to end.
    fn read_settled(&self) -> Found {
        let mut found = self.read();
        for _ in 0..MAX_LOOKS {
            std::thread::sleep(SETTLE);
            let again = self.read();
            if again.digest == found.digest {
                break;
            }
            found = again;
        }
        found
    }
}

/// Loads packs and lets them go live if nothing is wrong with them; `test` runs the tests under their rules first.
fn load(live: &LiveRules, found: Found, test: bool) -> bool {
    let digest = source::digest(&found.packs);
    // A fault of the loader must not end the watching.
    let result = catch_unwind(AssertUnwindSafe(|| try_load(live, found, test)));
    let diagnostics = match result {
        Ok(Ok(())) => {
            tracing::info!(digest, "rules are live");
            return true;
        }
        Ok(Err(diagnostics)) => diagnostics,
        Err(_) => {
            let message = "the loader failed inside; this is a fault of the engine".to_owned();
            vec![Diagnostic::new(Code::Unreadable, Level::Error, message).record(&Sources::default())]
        }
    };
    for problem in diagnostics.iter().filter(|problem| problem.level == Level::Error) {
        let DiagnosticRecord { code, message, file, line, column, .. } = problem;
        tracing::error!(code, file, line, column, "{message}");
    }
    tracing::error!(digest, "these rules do not go live");
    live.refuse(digest, diagnostics);
    false
}

fn try_load(live: &LiveRules, found: Found, test: bool) -> Result<(), Vec<DiagnosticRecord>> {
    let loaded = rules::load(&found.packs);
    let mut all = found.problems;
    all.extend(loaded.diagnostics);
    let record = |all: &[Diagnostic]| all.iter().take(MAX_DIAGNOSTICS).map(|d| d.record(&loaded.sources)).collect();
    let errors = all.iter().any(|problem| problem.level == Level::Error);
    let Some(ruleset) = loaded.ruleset.filter(|_| !errors) else { return Err(record(&all)) };
    let mut passed = 0;
    if test {
        let report = testing::run_tests_within(&ruleset, TEST_TIME);
        let mut tested = report.diagnostics;
        loaded.policy.apply(&mut tested, true);
        all.extend(tested);
        if report.skipped > 0 {
            let message = format!("{} tests were not run: the others took {TEST_TIME:?}", report.skipped);
            all.push(Diagnostic::new(Code::TestFailed, Level::Error, message));
        }
        if report.failed > 0 || report.skipped > 0 || all.iter().any(|problem| problem.level == Level::Error) {
            return Err(record(&all));
        }
        passed = report.passed;
    }
    live.keep(found.packs);
    live.swap(ruleset, u32::try_from(passed).unwrap_or(u32::MAX), record(&all));
    Ok(())
}

/// Loads the rules, then keeps watching until `stop` says so.
///
/// Changes are noticed at once where the system tells of them, and every `poll` in any case: a mounted volume that is
/// swapped by a link, or a folder on a network, may not say so.
pub(crate) async fn watch(
    files: RuleFiles,
    live: Arc<LiveRules>,
    test: bool,
    poll: Duration,
    metrics: Arc<Metrics>,
    mut stop: watch::Receiver<bool>,
) {
    let changed = Arc::new(Notify::new());
    let _watcher = watcher(&files, changed.clone());
    let files = Arc::new(files);
    let mut last: Option<String> = None;
    loop {
        let (task_files, task_live, seen, told) = (files.clone(), live.clone(), last.clone(), metrics.clone());
        let round = tokio::task::spawn_blocking(move || {
            let mut found = task_files.read();
            if seen.as_ref() == Some(&found.digest) {
                return None;
            }
            if seen.is_some() {
                found = task_files.read_settled();
            }
            let digest = found.digest.clone();
            let went_live = load(&task_live, found, test);
            told.loaded(task_live.current().filter(|_| went_live).map(|live| gauge(&live)));
            Some(digest)
        });
        match round.await {
            Ok(Some(digest)) => last = Some(digest),
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "a look at the rules failed"),
        }
        live.looked(files.folders.is_empty());
        if files.folders.is_empty() {
            return;
        }
        tokio::select! {
            () = changed.notified() => {}
            () = live.asked() => {}
            () = tokio::time::sleep(poll) => {}
            _ = stop.wait_for(|stopped| *stopped) => return,
        }
    }
}

/// What metrics say about rules.
fn gauge(live: &Live) -> RulesetGauge {
    RulesetGauge {
        digest: live.ruleset.digest().to_owned(),
        rules: u64::try_from(live.ruleset.rules().len()).unwrap_or(u64::MAX),
        loaded: live.loaded_at.seconds,
    }
}

/// Has the system tell of changes, where it can.
fn watcher(files: &RuleFiles, changed: Arc<Notify>) -> Option<notify::RecommendedWatcher> {
    let tell = move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !event.kind.is_access()) {
            changed.notify_one();
        }
    };
    let watching = notify::recommended_watcher(tell).and_then(|mut watcher| {
        files.folders.iter().try_for_each(|folder| watcher.watch(folder, RecursiveMode::Recursive))?;
        Ok(watcher)
    });
    watching.inspect_err(|error| tracing::warn!(%error, "changes of the rules are noticed by polling only")).ok()
}
