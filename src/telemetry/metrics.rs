//! What is counted and measured. Every attribute has few values: no caller can make up series.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use opentelemetry::KeyValue;
use opentelemetry::metrics::{AsyncInstrument, Counter, Histogram, Meter, MeterProvider as _, UpDownCounter};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;

use super::names;
use super::prometheus::{self, Reader};

/// Categories that are told apart at most; rules name them, so there are about as many as rules.
const MAX_CATEGORIES: usize = 64;

/// What stands for the rules in metrics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RulesetGauge {
    /// SHA-256 of the files.
    pub digest: String,
    /// How many rules there are.
    pub rules: u64,
    /// Seconds of Unix time.
    pub loaded: i64,
}

/// How an article ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With a result.
    Done,
    /// It was wrong.
    Invalid,
    /// It was turned away.
    Shed,
    /// Its caller went away, or was out of time.
    Stopped,
    /// A fault of the service.
    Failed,
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Invalid => "invalid",
            Self::Shed => "shed",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }
}

/// How candidate rules did on an article that others answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// They would have answered the same.
    Same,
    /// They would have answered otherwise.
    Different,
    /// They came to no end.
    Failed,
    /// There was no room for them.
    Skipped,
}

impl Comparison {
    fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// What becomes of an event under candidate rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It is as it was.
    Same,
    /// More, less or other things are said of it.
    Changed,
    /// It is not there.
    Missing,
    /// It was not there.
    Added,
}

impl Difference {
    fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Added => "added",
        }
    }
}

/// The instruments of one service.
#[derive(Debug)]
pub struct Metrics {
    provider: SdkMeterProvider,
    reader: Reader,
    calls: Histogram<f64>,
    calls_active: UpDownCounter<i64>,
    articles: Counter<u64>,
    events: Counter<u64>,
    extraction: Histogram<f64>,
    queue: Histogram<f64>,
    waiting: UpDownCounter<i64>,
    running: UpDownCounter<i64>,
    sheds: Counter<u64>,
    panics: Counter<u64>,
    budget: Counter<u64>,
    loads: Counter<u64>,
    candidate_loads: Counter<u64>,
    candidate_articles: Counter<u64>,
    candidate_events: Counter<u64>,
    connections: UpDownCounter<i64>,
    connections_ended: Counter<u64>,
    categories: std::sync::Mutex<Vec<String>>,
    ruleset: Arc<std::sync::Mutex<RulesetGauge>>,
    lag: Arc<[AtomicU64; 2]>,
}

impl Metrics {
    /// Instruments that Prometheus can read and that are sent to a collector, if one is given.
    ///
    /// # Errors
    /// The collector's address cannot be used.
    pub fn new(settings: &crate::config::Settings, resource: Resource) -> Result<Self, super::TelemetryError> {
        let reader = Reader::default();
        let mut provider = SdkMeterProvider::builder().with_resource(resource).with_reader(reader.clone());
        if let Some(periodic) = super::otlp::metrics(&settings.telemetry)? {
            provider = provider.with_reader(periodic);
        }
        let provider = provider.build();
        let meter = provider.meter("dateline");
        let count = |name: &'static str, unit: &'static str, what: &'static str| {
            meter.u64_counter(name).with_unit(unit).with_description(what).build()
        };
        let level = |name: &'static str, unit: &'static str, what: &'static str| {
            meter.i64_up_down_counter(name).with_unit(unit).with_description(what).build()
        };
        let time = |name: &'static str, what: &'static str, buckets: &[f64]| {
            let histogram = meter.f64_histogram(name).with_unit("s").with_description(what);
            histogram.with_boundaries(buckets.to_vec()).build()
        };
        let ruleset = Arc::new(std::sync::Mutex::new(RulesetGauge::default()));
        let lag = Arc::new([AtomicU64::new(u64::MAX), AtomicU64::new(u64::MAX)]);
        observe(&meter, &ruleset, &lag, settings.work.threads);
        Ok(Self {
            calls: time(names::CALL_DURATION, "Time of a call, to its last byte.", &names::CALL_BUCKETS),
            calls_active: level(names::CALLS_ACTIVE, "{call}", "Calls that are under way."),
            articles: count(names::ARTICLES, "{article}", "Articles that were answered, by outcome."),
            events: count(names::EVENTS, "{event}", "Events that were found, by category."),
            extraction: time(
                names::EXTRACTION_DURATION,
                "Time of the rules over one article.",
                &names::EXTRACTION_BUCKETS,
            ),
            queue: time(names::QUEUE_DURATION, "Time an article waits for a thread.", &names::EXTRACTION_BUCKETS),
            waiting: level(names::QUEUE_WAITING, "{article}", "Articles that wait for a thread."),
            running: level(names::WORK_RUNNING, "{article}", "Articles that are worked on."),
            sheds: count(names::SHEDS, "{call}", "Calls that were turned away because too many waited."),
            panics: count(names::PANICS, "{panic}", "Faults of the engine that were caught."),
            budget: count(names::BUDGET_EXHAUSTED, "{article}", "Articles that took longer than they may, by limit."),
            loads: count(names::RULE_LOADS, "{load}", "Attempts to load rules, by outcome."),
            candidate_loads: count(names::CANDIDATE_LOADS, "{load}", "Attempts to load candidate rules, by outcome."),
            candidate_articles: count(
                names::CANDIDATE_ARTICLES,
                "{article}",
                "Articles that candidate rules worked on beside the live ones, by outcome.",
            ),
            candidate_events: count(
                names::CANDIDATE_EVENTS,
                "{event}",
                "Events of these articles, by category and by what becomes of them.",
            ),
            connections: level(names::CONNECTIONS, "{connection}", "Connections that are open."),
            connections_ended: count(names::CONNECTIONS_ENDED, "{connection}", "Connections that ended, by reason."),
            categories: std::sync::Mutex::new(Vec::new()),
            provider,
            reader,
            ruleset,
            lag,
        })
    }

    /// All metrics, in the text format of Prometheus.
    pub fn render(&self) -> String {
        prometheus::render(&self.reader)
    }

    /// Sends what is left to the collector, if there is one. Blocks for as long as that takes, a few seconds at most.
    pub fn close(&self) {
        if let Err(error) = self.provider.shutdown_with_timeout(Duration::from_secs(3)) {
            tracing::debug!(%error, "metrics could not be sent");
        }
    }

    /// A call begins.
    pub fn call_begins(&self) {
        self.calls_active.add(1, &[]);
    }

    /// A call ends. `method` is of the service or [`names::OTHER`].
    pub fn call_ends(&self, method: Arc<str>, status: &'static str, time: Duration) {
        self.calls_active.add(-1, &[]);
        let (system, method) = (KeyValue::new(names::RPC_SYSTEM, "grpc"), KeyValue::new(names::RPC_METHOD, method));
        let code = KeyValue::new(names::RPC_STATUS, status);
        if status == "OK" {
            self.calls.record(time.as_secs_f64(), &[system, method, code]);
        } else {
            let error = KeyValue::new(names::ERROR_TYPE, status);
            self.calls.record(time.as_secs_f64(), &[system, method, code, error]);
        }
    }

    /// An article ends.
    pub fn article(&self, outcome: Outcome) {
        self.articles.add(1, &[KeyValue::new(names::OUTCOME, outcome.name())]);
    }

    /// An event of a category was found.
    pub fn event(&self, category: &str) {
        self.events.add(1, &[KeyValue::new(names::CATEGORY, self.known(category))]);
    }

    /// A category, or what stands for all beyond those that are told apart.
    fn known(&self, category: &str) -> String {
        let known = match self.categories.lock() {
            Ok(mut known) => {
                if !known.iter().any(|own| own == category) && known.len() < MAX_CATEGORIES {
                    known.push(category.to_owned());
                }
                known.iter().any(|own| own == category)
            }
            Err(_) => false,
        };
        if known { category.to_owned() } else { names::OTHER.to_owned() }
    }

    /// Candidate rules worked on an article, or should have.
    pub fn compared(&self, outcome: Comparison) {
        self.candidate_articles.add(1, &[KeyValue::new(names::OUTCOME, outcome.name())]);
    }

    /// What becomes of an event under candidate rules.
    pub fn differs(&self, category: &str, difference: Difference) {
        let category = KeyValue::new(names::CATEGORY, self.known(category));
        self.candidate_events.add(1, &[category, KeyValue::new(names::DIFFERENCE, difference.name())]);
    }

    /// An attempt to load candidate rules ended.
    pub fn candidate_loaded(&self, live: bool) {
        let outcome = if live { "live" } else { "refused" };
        self.candidate_loads.add(1, &[KeyValue::new(names::OUTCOME, outcome)]);
    }

    /// The rules went over an article.
    pub fn extracted(&self, time: Duration) {
        self.extraction.record(time.as_secs_f64(), &[]);
    }

    /// A call was turned away.
    pub fn shed(&self) {
        self.sheds.add(1, &[]);
    }

    /// A panic was caught.
    pub fn panicked(&self) {
        self.panics.add(1, &[]);
    }

    /// An article took longer than it may: by the `deadline` of its caller, or by the `limit` of the service.
    pub fn budget_exhausted(&self, reason: &'static str) {
        self.budget.add(1, &[KeyValue::new(names::REASON, reason)]);
    }

    /// An attempt to load rules ended.
    pub fn loaded(&self, live: Option<RulesetGauge>) {
        let outcome = if live.is_some() { "live" } else { "refused" };
        self.loads.add(1, &[KeyValue::new(names::OUTCOME, outcome)]);
        if let (Some(live), Ok(mut own)) = (live, self.ruleset.lock()) {
            *own = live;
        }
    }

    /// How far the queue is: articles that nobody has taken, and articles that are held.
    pub fn queue_is(&self, lag: u64, held: u64) {
        self.lag[0].store(lag, Ordering::Relaxed);
        self.lag[1].store(held, Ordering::Relaxed);
    }

    /// Something waits for a thread, until the guard is dropped.
    pub(crate) fn waits(self: &Arc<Self>) -> Level {
        let mut level = Level::new(self, |metrics| &metrics.waiting);
        level.since = Some(Instant::now());
        level
    }

    /// Something is worked on, until the guard is dropped.
    pub(crate) fn runs(self: &Arc<Self>) -> Level {
        Level::new(self, |metrics| &metrics.running)
    }

    /// A connection is open, until the guard is dropped.
    pub(crate) fn connects(self: &Arc<Self>) -> Level {
        Level::new(self, |metrics| &metrics.connections)
    }

    /// A connection ended.
    pub(crate) fn connection_ended(&self, reason: &'static str) {
        self.connections_ended.add(1, &[KeyValue::new(names::REASON, reason)]);
    }
}

/// One more of something, until it is dropped.
pub(crate) struct Level {
    metrics: Arc<Metrics>,
    of: fn(&Metrics) -> &UpDownCounter<i64>,
    /// Since when it waits, where that is measured.
    since: Option<Instant>,
}

impl Level {
    fn new(metrics: &Arc<Metrics>, of: fn(&Metrics) -> &UpDownCounter<i64>) -> Self {
        of(metrics).add(1, &[]);
        Self { metrics: metrics.clone(), of, since: None }
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        (self.of)(&self.metrics).add(-1, &[]);
        if let Some(since) = self.since {
            self.metrics.queue.record(since.elapsed().as_secs_f64(), &[]);
        }
    }
}

/// What is looked at when somebody asks.
fn observe(meter: &Meter, ruleset: &Arc<std::sync::Mutex<RulesetGauge>>, lag: &Arc<[AtomicU64; 2]>, threads: usize) {
    let own = ruleset.clone();
    let told = move |seen: &dyn AsyncInstrument<u64>| {
        if let Some(live) = own.lock().ok().filter(|live| !live.digest.is_empty()) {
            seen.observe(1, &[KeyValue::new(names::DIGEST, live.digest.clone())]);
        }
    };
    let what = "The rules that answer; the value is always 1.";
    meter.u64_observable_gauge(names::RULESET).with_description(what).with_callback(told).build();
    let own = ruleset.clone();
    let told = move |seen: &dyn AsyncInstrument<u64>| {
        if let Ok(live) = own.lock() {
            seen.observe(live.rules, &[]);
        }
    };
    let gauge = meter.u64_observable_gauge(names::RULESET_RULES).with_unit("{rule}");
    gauge.with_description("Rules that are live.").with_callback(told).build();
    let own = ruleset.clone();
    let told = move |seen: &dyn AsyncInstrument<i64>| {
        if let Some(live) = own.lock().ok().filter(|live| live.loaded > 0) {
            seen.observe(live.loaded, &[]);
        }
    };
    let gauge = meter.i64_observable_gauge(names::RULESET_LOADED).with_unit("s");
    gauge.with_description("When the rules went live, in Unix time.").with_callback(told).build();
    let count = u64::try_from(threads).unwrap_or(u64::MAX);
    let gauge = meter.u64_observable_gauge(names::WORK_THREADS).with_unit("{thread}");
    gauge.with_description("Threads that extract.").with_callback(move |seen| seen.observe(count, &[])).build();
    let queue = [
        (names::QUEUE_LAG, "Articles of the queue that nobody has taken yet."),
        (names::QUEUE_HELD, "Articles of the queue that were taken and not acknowledged yet."),
    ];
    for (index, (name, what)) in queue.into_iter().enumerate() {
        let own = lag.clone();
        let told = move |seen: &dyn AsyncInstrument<u64>| {
            let value = own.get(index).map_or(u64::MAX, |value| value.load(Ordering::Relaxed));
            // A service without a queue does not speak of one.
            if value != u64::MAX {
                seen.observe(value, &[]);
            }
        };
        meter.u64_observable_gauge(name).with_unit("{article}").with_description(what).with_callback(told).build();
    }
    let memory = meter.i64_observable_up_down_counter(names::MEMORY).with_unit("By");
    let told = |seen: &dyn AsyncInstrument<i64>| {
        if let Some(bytes) = resident() {
            seen.observe(bytes, &[]);
        }
    };
    memory.with_description("Resident memory of the process.").with_callback(told).build();
    let told = |seen: &dyn AsyncInstrument<f64>| {
        if let Some(seconds) = on_cores() {
            seen.observe(seconds, &[]);
        }
    };
    let cpu = meter.f64_observable_counter(names::CPU).with_unit("s");
    cpu.with_description("Time the process had on cores.").with_callback(told).build();
}

/// Bytes of resident memory, where the system tells.
fn resident() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<i64>().ok()?.checked_mul(1024)
}

/// Seconds on cores, where the system tells: fields 14 and 15 of `stat`, in hundredths.
fn on_cores() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the process, in brackets, may hold spaces.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let (user, system) = (fields.next()?.parse::<u32>().ok()?, fields.next()?.parse::<u32>().ok()?);
    Some((f64::from(user) + f64::from(system)) / 100.0)
}
