//! The rules that answer now, and how the last attempt to load others ended.

use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::{ArcSwap, ArcSwapOption};
use prost_reflect::DescriptorPool;
use prost_types::Timestamp;
use tokio::sync::{Notify, watch};

use super::background;
use super::errors::CallError;
use super::reflection;
use crate::api::v1;
use crate::config;
use crate::rules::Ruleset;
use crate::rules::diagnostic::DiagnosticRecord;
use crate::rules::source::PackFiles;

/// A ruleset that answers calls.
#[derive(Debug)]
pub struct Live {
    /// The rules.
    pub ruleset: Arc<Ruleset>,
    /// When they went live.
    pub loaded_at: Timestamp,
    /// How many tests passed when they were loaded.
    pub test_count: u32,
    /// Rules that may not fire here, of those that there are.
    pub disabled: Vec<String>,
    /// What reflection serves: the types of the rules and the services.
    pub(super) pool: DescriptorPool,
}

/// An attempt to load rules.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// When it was made.
    pub at: Timestamp,
    /// Whether the rules went live.
    pub live: bool,
    /// SHA-256 of the files, in hexadecimal.
    pub digest: String,
    /// What was wrong.
    pub diagnostics: Vec<DiagnosticRecord>,
}

/// The live ruleset, shared by all services. Readers never wait.
#[derive(Debug)]
pub struct LiveRules {
    /// Rules that may not fire here.
    disabled: Vec<String>,
    /// Rules that are tried beside these, if there is a folder for some.
    candidate: Option<Arc<LiveRules>>,
    current: ArcSwapOption<Live>,
    attempt: ArcSwapOption<Attempt>,
    /// Counts the attempts.
    attempts: watch::Sender<u64>,
    /// The packs that the live rules were loaded from.
    packs: ArcSwap<Vec<PackFiles>>,
    /// Asks for a look at the folders.
    ask: Notify,
    /// Counts the looks at the folders; nothing if nobody looks any more.
    looks: watch::Sender<Option<u64>>,
}

impl Default for LiveRules {
    fn default() -> Self {
        Self {
            disabled: Vec::new(),
            candidate: None,
            current: ArcSwapOption::empty(),
            attempt: ArcSwapOption::empty(),
            attempts: watch::Sender::new(0),
            packs: ArcSwap::default(),
            ask: Notify::new(),
            looks: watch::Sender::new(Some(0)),
        }
    }
}

impl LiveRules {
    /// No rules yet, with a place for candidates where the settings have a folder for them.
    pub fn new(settings: &config::Rules) -> Self {
        let own = || Self { disabled: settings.disabled.clone(), ..Self::default() };
        let candidate = (!settings.candidate.is_empty()).then(|| Arc::new(own()));
        Self { candidate, ..own() }
    }

    /// Rules that are tried beside these, if there is a folder for some.
    pub fn candidate(&self) -> Option<&Arc<LiveRules>> {
        self.candidate.as_ref()
    }

    /// The rules that a caller asks for.
    pub(super) fn chosen(&self, options: Option<&v1::ExtractOptions>) -> Result<Arc<Live>, CallError> {
        match options.is_some_and(|options| options.candidate) {
            true => self.candidate.as_ref().and_then(|own| own.current()).ok_or(CallError::NoCandidate),
            false => self.current().ok_or(CallError::NoRules),
        }
    }

    /// The rules that are live now, if any are yet.
    pub fn current(&self) -> Option<Arc<Live>> {
        self.current.load_full()
    }

    /// The last attempt to load rules.
    pub fn attempt(&self) -> Option<Arc<Attempt>> {
        self.attempt.load_full()
    }

    /// How many attempts to load rules have ended.
    pub fn attempts(&self) -> watch::Receiver<u64> {
        self.attempts.subscribe()
    }

    /// The packs that the live rules were loaded from.
    pub(super) fn packs(&self) -> Arc<Vec<PackFiles>> {
        self.packs.load_full()
    }

    /// Notes the packs of rules that are about to go live.
    pub(super) fn keep(&self, packs: Vec<PackFiles>) {
        self.packs.store(Arc::new(packs));
    }

    /// Waits until somebody asks for a look at the folders.
    pub(super) async fn asked(&self) {
        self.ask.notified().await;
    }

    /// Notes that the folders were looked at; `last` that nobody will look again.
    pub(super) fn looked(&self, last: bool) {
        self.looks.send_modify(|count| *count = if last { None } else { count.map(|count| count + 1) });
    }

    /// Has the folders looked at, and waits for it. Gives whether rules were loaded; nothing if no folder is watched.
    pub(super) async fn look(&self) -> Option<bool> {
        let (mut looks, attempts) = (self.looks.subscribe(), self.attempts.subscribe());
        let (begin, before) = ((*looks.borrow_and_update())?, *attempts.borrow());
        self.ask.notify_one();
        // A look that had begun by now may have missed what was just written; the one after it cannot.
        let done = looks.wait_for(|count| count.is_none_or(|count| count > begin)).await;
        done.ok().and_then(|count| *count)?;
        Some(*attempts.borrow() > before)
    }

    /// Lets rules go live.
    pub(super) fn swap(&self, ruleset: Ruleset, test_count: u32, diagnostics: Vec<DiagnosticRecord>) {
        let at = now();
        let digest = ruleset.digest().to_owned();
        let pool = reflection::pool(ruleset.event_types());
        let names = ruleset.names_of_events();
        let (disabled, unknown): (Vec<String>, Vec<String>) =
            self.disabled.iter().cloned().partition(|rule| names.contains(rule));
        for rule in unknown {
            tracing::warn!(rule, "a rule is disabled that there is not");
        }
        let live = Live { ruleset: Arc::new(ruleset), loaded_at: at, test_count, disabled, pool };
        self.goes_live(Some(Arc::new(live)));
        self.attempt.store(Some(Arc::new(Attempt { at, live: true, digest, diagnostics })));
        self.attempts.send_modify(|count| *count += 1);
    }

    fn goes_live(&self, live: Option<Arc<Live>>) {
        if let Some(old) = self.current.swap(live) {
            background::drop_later(old);
        }
    }

    /// Takes the rules away: there is no pack of theirs any more.
    pub(super) fn withdraw(&self) {
        self.goes_live(None);
        self.attempt.store(None);
        self.packs.store(Arc::default());
        self.attempts.send_modify(|count| *count += 1);
    }

    /// Notes an attempt that failed; the rules that were live stay so.
    pub(super) fn refuse(&self, digest: String, diagnostics: Vec<DiagnosticRecord>) {
        self.attempt.store(Some(Arc::new(Attempt { at: now(), live: false, digest, diagnostics })));
        self.attempts.send_modify(|count| *count += 1);
    }
}

fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}
