//! Watches the folders with rules: what changes is read, checked, tested, and goes live whole or not at all.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use notify::{RecursiveMode, Watcher};
use tokio::sync::{Notify, watch};

use super::background::{self, Rank};
use super::live::{Live, LiveRules};
use crate::config;
use crate::rules::diagnostic::{Code, Diagnostic, DiagnosticRecord, Level, Sources};
use crate::rules::source::{self, PackFiles};
use crate::rules::{self, Ruleset};
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

/// Packs whose tests have passed in this process, with nothing to say about them: the digests of a pack and of all that it
/// requires, and how many tests there are under its rules.
#[derive(Clone, Debug, Default)]
struct Proven(Arc<Mutex<HashMap<String, usize>>>);

impl Proven {
    /// Packs that are remembered at most.
    const MOST: usize = 1_000;

    fn passed(&self, key: &str) -> Option<usize> {
        self.0.lock().ok()?.get(key).copied()
    }

    fn remember(&self, packs: impl Iterator<Item = (String, usize)>) {
        if let Ok(mut known) = self.0.lock() {
            if known.len() > Self::MOST {
                known.clear();
            }
            known.extend(packs);
        }
    }
}

/// For each pack by its id: the digests of its files and of those of all that it requires.
fn keys(packs: &[PackFiles]) -> BTreeMap<String, String> {
    let known: BTreeMap<String, (String, Vec<String>)> =
        packs.iter().map(|pack| (rules::pack_id(pack), (pack.digest(), required(pack)))).collect();
    let key = |id: &String| {
        let (mut all, mut next) = (BTreeSet::new(), vec![id.clone()]);
        while let Some(one) = next.pop() {
            if let Some((_, required)) = known.get(&one).filter(|_| !all.contains(&one)) {
                next.extend(required.iter().cloned());
                all.insert(one);
            }
        }
        let digests = all.iter().filter_map(|one| Some(format!("{one} {}\n", known.get(one)?.0)));
        (id.clone(), format!("{id}\n{}", digests.collect::<String>()))
    };
    known.keys().map(key).collect()
}

/// The packs that a manifest says it needs. What cannot be read needs nothing: it does not load either.
fn required(pack: &PackFiles) -> Vec<String> {
    let manifest = pack.files.get("pack.toml").and_then(|bytes| std::str::from_utf8(bytes).ok());
    let table = manifest.and_then(|text| text.parse::<toml::Table>().ok());
    let requires = table.as_ref().and_then(|table| table.get("pack")?.get("requires")?.as_table());
    requires.map(|requires| requires.keys().cloned().collect()).unwrap_or_default()
}

/// Runs the tests of those packs that are not proven. Gives the report of these, and how many tests of the others had
/// passed.
fn test(ruleset: &Ruleset, packs: &[PackFiles], proven: &Proven) -> (testing::TestReport, usize, Vec<(String, usize)>) {
    let keys = keys(packs);
    let known: BTreeMap<&str, usize> =
        keys.iter().filter_map(|(id, key)| Some((id.as_str(), proven.passed(key)?))).collect();
    let owners: HashMap<String, &str> =
        ruleset.rules().iter().map(|rule| (format!("{}.{}", rule.kind, rule.id), rule.pack.as_str())).collect();
    let owner = |rule: &str| owners.get(rule).copied().unwrap_or_default();
    let report = testing::run_some(ruleset, &|rule, _| !known.contains_key(owner(rule)), Some(TEST_TIME));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for result in report.results.iter().filter(|result| result.outcome == testing::Outcome::Passed) {
        *counts.entry(owner(&result.rule)).or_default() += 1;
    }
    let new = keys.iter().filter(|(id, _)| !known.contains_key(id.as_str()));
    let new = new.map(|(id, key)| (key.clone(), counts.get(id.as_str()).copied().unwrap_or_default())).collect();
    (report, known.values().sum(), new)
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

/// Loads packs and lets them go live if nothing is wrong with them. The tests under their rules are run first, save those
/// of packs that are `proven`; without that, none are.
fn load(live: &LiveRules, role: Role, found: Found, proven: Option<&Proven>) -> bool {
    let digest = source::digest(&found.packs);
    // A fault of the loader must not end the watching.
    let result = catch_unwind(AssertUnwindSafe(|| try_load(live, found, proven)));
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

fn try_load(live: &LiveRules, found: Found, proven: Option<&Proven>) -> Result<(), Vec<DiagnosticRecord>> {
    let loaded = rules::load(&found.packs);
    let mut all = found.problems;
    all.extend(loaded.diagnostics);
    let record = |all: &[Diagnostic]| all.iter().take(MAX_DIAGNOSTICS).map(|d| d.record(&loaded.sources)).collect();
    let errors = all.iter().any(|problem| problem.level == Level::Error);
    let Some(ruleset) = loaded.ruleset.filter(|_| !errors) else { return Err(record(&all)) };
    let mut passed = 0;
    if let Some(proven) = proven {
        let (report, before, new) = test(&ruleset, &found.packs, proven);
        let silent = report.diagnostics.is_empty();
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
        passed = before + report.passed;
        // Whatever there is to be said about tests is said again the next time.
        if silent {
            proven.remember(new.into_iter());
        }
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
    let proven = (!settings.skip_tests).then(Proven::default);
    let own = Watch { files, live, proven, poll: settings.poll, metrics, role: Role::Live };
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
    /// What has been tested; nothing if no tests are run.
    proven: Option<Proven>,
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
                let went_live = load(&self.live, role, found, self.proven.as_ref());
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
            // Only for the first rules does anybody wait.
            let rank = if last.is_none() && self.role == Role::Live { Rank::Equal } else { Rank::Last };
            match background::run(rank, move || own.look(seen.as_ref())).await {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(id: &str, requires: &str, rest: &str) -> PackFiles {
        let manifest = format!("[pack]\nid = \"{id}\"\nversion = \"1.0.0\"\nrequires = {{ {requires} }}\n{rest}");
        PackFiles::from_texts(id, [("pack.toml", manifest.as_str())])
    }

    #[test]
    fn a_pack_is_another_when_it_or_what_it_requires_has_changed() {
        let packs = |core: &str, weapons: &str| {
            keys(&[
                pack("core", "", core),
                pack("weapons", "core = \">=1.0\", gone = \"*\"", weapons),
                pack("ships", "weapons = \"*\", ships = \"*\"", ""),
                pack("alone", "", ""),
            ])
        };
        let before = packs("", "");
        let changed = |now: BTreeMap<String, String>| {
            let differs = now.into_iter().filter(|(id, key)| before.get(id) != Some(key));
            differs.map(|(id, _)| id).collect::<Vec<_>>()
        };
        assert!(changed(packs("", "")).is_empty());
        assert_eq!(changed(packs("", "# another")), ["ships", "weapons"]);
        assert_eq!(changed(packs("# another", "")), ["core", "ships", "weapons"]);
    }

    #[test]
    fn tests_of_what_has_not_changed_are_not_run_again_and_count_all_the_same() {
        let folder = |name: &str| {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
            source::from_folder(&path).0
        };
        let (proven, mut packs) = (Proven::default(), folder("basics"));
        let run = |packs: &[PackFiles]| {
            let ruleset = rules::load(packs).ruleset.unwrap();
            let (report, before, new) = test(&ruleset, packs, &proven);
            proven.remember(new.into_iter());
            (report.passed, before)
        };
        assert_eq!(run(&packs), (2, 0));
        packs.extend(folder("shipping"));
        assert_eq!(run(&packs), (2, 2));
        assert_eq!(run(&packs), (0, 4));
    }
}
