//! Watches the folders with rules: what changes is read, checked, tested, and goes live whole or not at all.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use notify::{RecursiveMode, Watcher};
use tokio::sync::{Notify, watch};

use super::live::{Live, LiveRules};
use crate::config;
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
    /// Folders with packs of candidate rules, beside all these or in their place; they are watched too.
    pub candidate: Vec<PathBuf>,
}

impl Default for RuleFiles {
    fn default() -> Self {
        Self { base: source::embedded(), folders: Vec::new(), candidate: Vec::new() }
    }
}

/// What stood in the folders at one moment.
struct Found {
    packs: Vec<PackFiles>,
    problems: Vec<Diagnostic>,
    /// Changes with every byte and every problem.
    digest: String,
}

/// Which rules are watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Live,
    Candidate,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Candidate => "candidate",
        }
    }
}

impl RuleFiles {
    /// The packs of the binary and those of the folders that the settings name.
    pub fn of(settings: &config::Rules) -> Self {
        Self { base: source::embedded(), folders: settings.folders.clone(), candidate: settings.candidate.clone() }
    }

    /// The folders that rules of a role are made from.
    fn folders(&self, role: Role) -> impl Iterator<Item = &PathBuf> {
        let candidate = if role == Role::Candidate { self.candidate.as_slice() } else { &[] };
        self.folders.iter().chain(candidate)
    }

    /// Nothing where nobody has put a candidate into its folders.
    fn read(&self, role: Role) -> Option<Found> {
        if role == Role::Candidate && self.candidate.iter().all(|folder| source::is_empty(folder)) {
            return None;
        }
        let (mut extra, mut problems) = (Vec::new(), Vec::new());
        for folder in self.folders(role) {
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
        Some(Found { packs, problems, digest })
    }

    /// Reads the folders until they do not change any more: whoever copies a pack is given time to end.
    fn read_settled(&self, role: Role) -> Option<Found> {
        let mut found = self.read(role);
        for _ in 0..MAX_LOOKS {
            std::thread::sleep(SETTLE);
            let again = self.read(role);
            if again.as_ref().map(|again| &again.digest) == found.as_ref().map(|found| &found.digest) {
                break;
            }
            found = again;
        }
        found
    }
}

/// Loads packs and lets them go live if nothing is wrong with them; `test` runs the tests under their rules first.
fn load(live: &LiveRules, role: Role, found: Found, test: bool) -> bool {
    let digest = source::digest(&found.packs);
    // A fault of the loader must not end the watching.
    let result = catch_unwind(AssertUnwindSafe(|| try_load(live, found, test)));
    let diagnostics = match result {
        Ok(Ok(())) => {
            tracing::info!(digest, role = role.name(), "rules are live");
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
    tracing::error!(digest, role = role.name(), "these rules do not go live");
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

/// Loads the rules, then keeps watching them and their candidates until `stop` says so.
///
/// Changes are noticed at once where the system tells of them, and every `poll` in any case: a mounted volume that is
/// swapped by a link, or a folder on a network, may not say so.
pub(crate) async fn watch(
    files: RuleFiles,
    live: Arc<LiveRules>,
    settings: &config::Rules,
    metrics: Arc<Metrics>,
    stop: watch::Receiver<bool>,
) {
    let files = Arc::new(files);
    let own = Watch { files, live, test: !settings.skip_tests, poll: settings.poll, metrics, role: Role::Live };
    let candidate = own.live.candidate().cloned().map(|live| Watch { live, role: Role::Candidate, ..own.clone() });
    let mut first = own.live.attempts();
    let watch_candidate = async {
        if let Some(candidate) = candidate {
            // Whoever waits for the service waits for the rules that answer.
            let _ = first.wait_for(|count| *count > 0).await;
            candidate.run(stop.clone()).await;
        }
    };
    tokio::join!(own.run(stop.clone()), watch_candidate);
}

/// Watches the rules of one role.
#[derive(Clone)]
struct Watch {
    files: Arc<RuleFiles>,
    live: Arc<LiveRules>,
    test: bool,
    poll: Duration,
    metrics: Arc<Metrics>,
    role: Role,
}

impl Watch {
    /// One look at the folders: loads what is there if that is not `seen`. Gives what stands there now.
    fn look(&self, seen: Option<&Option<String>>) -> Option<String> {
        let digest = |found: &Option<Found>| found.as_ref().map(|found| found.digest.clone());
        let mut found = self.files.read(self.role);
        if seen == Some(&digest(&found)) {
            return digest(&found);
        }
        if seen.is_some() {
            found = self.files.read_settled(self.role);
        }
        let now = digest(&found);
        match (found, self.role) {
            (None, _) => self.live.withdraw(),
            (Some(found), role) => {
                let went_live = load(&self.live, role, found, self.test);
                match role {
                    Role::Live => {
                        self.metrics.loaded(self.live.current().filter(|_| went_live).map(|live| gauge(&live)));
                    }
                    Role::Candidate => self.metrics.candidate_loaded(went_live),
                }
            }
        }
        now
    }

    async fn run(self, mut stop: watch::Receiver<bool>) {
        let changed = Arc::new(Notify::new());
        let _watcher = watcher(&self.files, self.role, changed.clone());
        let last_look = self.files.folders(self.role).next().is_none();
        let mut last: Option<Option<String>> = None;
        loop {
            let (own, seen) = (self.clone(), last.clone());
            match tokio::task::spawn_blocking(move || own.look(seen.as_ref())).await {
                Ok(digest) => last = Some(digest),
                Err(error) => tracing::error!(%error, "a look at the rules failed"),
            }
            self.live.looked(last_look);
            if last_look {
                return;
            }
            tokio::select! {
                () = changed.notified() => {}
                () = self.live.asked() => {}
                () = tokio::time::sleep(self.poll) => {}
                _ = stop.wait_for(|stopped| *stopped) => return,
            }
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
fn watcher(files: &RuleFiles, role: Role, changed: Arc<Notify>) -> Option<notify::RecommendedWatcher> {
    let tell = move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !event.kind.is_access()) {
            changed.notify_one();
        }
    };
    let watching = notify::recommended_watcher(tell).and_then(|mut watcher| {
        files.folders(role).try_for_each(|folder| watcher.watch(folder, RecursiveMode::Recursive))?;
        Ok(watcher)
    });
    watching.inspect_err(|error| tracing::warn!(%error, "changes of the rules are noticed by polling only")).ok()
}
