//! Runs the tests of packs: those under the rules, and the articles in a pack's `tests` folder.

mod articles;
mod coverage;
mod judge;
mod junit;
pub mod snapshot;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

pub use self::articles::{ArticleReport, run_articles};
pub use self::coverage::{Coverage, Share};
pub use self::junit::junit;
use crate::rules::diagnostic::{Code, Diagnostic};
use crate::rules::ruleset::{RuleTest, Ruleset};
use crate::rules::syntax::Place;

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As expected.
    Passed,
    /// Otherwise than expected.
    Failed,
    /// Known to fail, and failing.
    Todo,
    /// Known to fail, and passing.
    TodoPassed,
    /// A rule of another pack, put before this one by its priority, tells the event in its stead.
    Superseded,
    /// There was no time left for it.
    Skipped,
}

/// One test.
#[derive(Clone, Debug)]
pub struct TestResult {
    /// `event.weapon_launch`
    pub rule: String,
    pub name: String,
    pub outcome: Outcome,
    /// What is otherwise than expected, and what came near.
    pub problems: Vec<String>,
    pub took: Duration,
    /// Where the test's name stands.
    pub at: Place,
}

/// How the tests of a ruleset went.
#[derive(Clone, Debug, Default)]
pub struct TestReport {
    pub passed: usize,
    pub failed: usize,
    /// Known to fail, and failing.
    pub todo: usize,
    /// Of rules that one of another pack goes before.
    pub superseded: usize,
    /// Not run, for want of time.
    pub skipped: usize,
    /// One for each test that failed or is superseded, and for each `todo` test that passes.
    pub diagnostics: Vec<Diagnostic>,
    /// All tests, in the order of the rules.
    pub results: Vec<TestResult>,
    /// What the tests exercise.
    pub coverage: Coverage,
}

/// Runs all tests of a ruleset, on all cores.
pub fn run_tests(rules: &Ruleset) -> TestReport {
    run_some(rules, &|_, _| true, None)
}

/// Runs the tests that `wanted` picks by rule and name. With a budget they run beside the work of a service: on half of the
/// cores, each of which has so much time for them; what else the machine does meanwhile does not count. Tests for which
/// there is no time left are skipped.
pub fn run_some(rules: &Ruleset, wanted: &dyn Fn(&str, &str) -> bool, budget: Option<Duration>) -> TestReport {
    let tests: Vec<&RuleTest> = rules.tests.iter().filter(|test| wanted(&test.rule, &test.table.name)).collect();
    let next = AtomicUsize::new(0);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cores = if budget.is_some() { (cores / 2).max(1) } else { cores };
    let threads = cores.min(tests.len().max(1));
    let mut done: Vec<(usize, Done)> = std::thread::scope(|scope| {
        let work = || {
            let mut own = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(test) = tests.get(index) else { return own };
                own.push((index, one(rules, test, budget)));
            }
        };
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().filter_map(|handle| handle.join().ok()).flatten().collect()
    });
    done.sort_by_key(|(index, _)| *index);
    let mut report = TestReport::default();
    let mut seen = coverage::Seen::default();
    for (index, done) in done {
        let Some(test) = tests.get(index) else { continue };
        seen.add(test, &done.verdict);
        report.take(rules, test, done);
    }
    report.coverage = seen.coverage(rules, tests.len() < rules.tests.len());
    report.diagnostics.sort_by(Diagnostic::by_place);
    report
}

/// A test that was run.
struct Done {
    verdict: judge::Verdict,
    took: Duration,
    skipped: bool,
}

fn one(rules: &Ruleset, test: &RuleTest, budget: Option<Duration>) -> Done {
    let begin = Instant::now();
    if budget.is_some_and(|budget| on_core() > budget) {
        return Done { verdict: judge::Verdict::default(), took: Duration::ZERO, skipped: true };
    }
    // A fault of the engine is a test that fails, not one that is lost.
    let verdict = catch_unwind(AssertUnwindSafe(|| judge::run(rules, test))).unwrap_or_else(|_| judge::Verdict {
        problems: vec!["the engine failed inside over this text".to_owned()],
        ..judge::Verdict::default()
    });
    Done { verdict, took: begin.elapsed(), skipped: false }
}

/// Time that this thread had on a core.
fn on_core() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    let nanos = now.tv_sec.saturating_mul(1_000_000_000).saturating_add(now.tv_nsec);
    Duration::from_nanos(u64::try_from(nanos).unwrap_or_default())
}

impl TestReport {
    fn take(&mut self, rules: &Ruleset, test: &RuleTest, done: Done) {
        let Done { verdict, took, skipped } = done;
        let outcome = match (skipped, verdict.problems.is_empty(), test.table.todo) {
            (true, ..) => Outcome::Skipped,
            (_, true, false) => Outcome::Passed,
            (_, false, false) if verdict.superseded_by.is_some() => Outcome::Superseded,
            (_, false, false) => Outcome::Failed,
            (_, true, true) => Outcome::TodoPassed,
            (_, false, true) => Outcome::Todo,
        };
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed => {
                self.failed += 1;
                let mut message = format!("`{}` of {} failed", test.table.name, test.rule);
                verdict.problems.iter().for_each(|problem| message.push_str(&format!("\n  {problem}")));
                self.diagnostics.push(Diagnostic::error(Code::TestFailed, test.table.at.clone(), message));
            }
            Outcome::Todo => self.todo += 1,
            Outcome::Superseded => {
                self.superseded += 1;
                if let Some(by) = &verdict.superseded_by {
                    let message =
                        format!("`{}` of {}: {} of pack {} goes before it", test.table.name, test.rule, by.id, by.pack);
                    self.diagnostics.push(Diagnostic::warning(Code::Superseded, test.table.at.clone(), message));
                }
            }
            Outcome::TodoPassed => {
                self.passed += 1;
                let message = format!("`{}`: this test is marked `todo` and passes", test.table.name);
                self.diagnostics.push(Diagnostic::warning(Code::TodoPasses, test.table.at.clone(), message));
            }
            Outcome::Skipped => self.skipped += 1,
        }
        if verdict.is_dear(rules, test) {
            let message = format!("{} takes far more steps than this text is worth", test.rule);
            let help = Some("narrow its gaps and repetitions, or begin its patterns with a word".to_owned());
            self.diagnostics
                .push(Diagnostic::warning(Code::StepBudget, test.table.at.clone(), message).with_help(help));
        }
        self.results.push(TestResult {
            rule: test.rule.to_string(),
            name: test.table.name.clone(),
            outcome,
            problems: verdict.problems,
            took,
            at: test.table.at.clone(),
        });
    }
}
