//! Names of metrics and their attributes, in one place: the semantic conventions of OpenTelemetry still rename some.

/// Time of a call. <https://opentelemetry.io/docs/specs/semconv/rpc/rpc-metrics/>
pub const CALL_DURATION: &str = "rpc.server.call.duration";
/// The buckets that the conventions give for it, in seconds.
pub const CALL_BUCKETS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
/// Attribute: the system of remote calls.
pub const RPC_SYSTEM: &str = "rpc.system.name";
/// Attribute: service and method.
pub const RPC_METHOD: &str = "rpc.method";
/// Attribute: the status that a call ended with, by name.
pub const RPC_STATUS: &str = "rpc.response.status_code";
/// Attribute: the class of an error; only where there is one.
pub const ERROR_TYPE: &str = "error.type";
/// What stands for a method that the service does not have: callers must not make up series.
pub const OTHER: &str = "_OTHER";

/// Calls that are under way.
pub const CALLS_ACTIVE: &str = "dateline.calls.active";
/// Articles that were answered.
pub const ARTICLES: &str = "dateline.articles";
/// Events that were found.
pub const EVENTS: &str = "dateline.events";
/// Time of the rules over one article.
pub const EXTRACTION_DURATION: &str = "dateline.extraction.duration";
/// Its buckets, in seconds.
pub const EXTRACTION_BUCKETS: [f64; 12] = [0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];
/// Time that an article waits for a thread.
pub const QUEUE_DURATION: &str = "dateline.queue.duration";
/// Articles that wait for a thread.
pub const QUEUE_WAITING: &str = "dateline.queue.waiting";
/// Articles that are worked on.
pub const WORK_RUNNING: &str = "dateline.work.running";
/// Threads that extract.
pub const WORK_THREADS: &str = "dateline.work.threads";
/// Calls that were turned away.
pub const SHEDS: &str = "dateline.sheds";
/// Faults of the engine that were caught.
pub const PANICS: &str = "dateline.panics";
/// Articles that took longer than they may.
pub const BUDGET_EXHAUSTED: &str = "dateline.budget.exhausted";
/// Attempts to load rules.
pub const RULE_LOADS: &str = "dateline.rules.loads";
/// Attempts to load candidate rules.
pub const CANDIDATE_LOADS: &str = "dateline.candidate.loads";
/// Articles that candidate rules worked on beside the live ones.
pub const CANDIDATE_ARTICLES: &str = "dateline.candidate.articles";
/// Events of these articles.
pub const CANDIDATE_EVENTS: &str = "dateline.candidate.events";
/// The digest of the live rules, as an attribute of the value 1.
pub const RULESET: &str = "dateline.ruleset";
/// Rules that are live.
pub const RULESET_RULES: &str = "dateline.ruleset.rules";
/// When the live rules went live, in seconds of Unix time.
pub const RULESET_LOADED: &str = "dateline.ruleset.loaded";
/// Connections that are open.
pub const CONNECTIONS: &str = "dateline.connections.active";
/// Connections that ended, by what ended them.
pub const CONNECTIONS_ENDED: &str = "dateline.connections.ended";
/// Resident memory of the process.
pub const MEMORY: &str = "process.memory.usage";
/// Time that the process had on cores.
pub const CPU: &str = "process.cpu.time";
/// Articles of the queue that nobody has taken yet.
pub const QUEUE_LAG: &str = "dateline.queue.lag";
/// Articles of the queue that were taken and not acknowledged yet.
pub const QUEUE_HELD: &str = "dateline.queue.held";

/// Attribute: how something ended.
pub const OUTCOME: &str = "outcome";
/// Attribute: the category of an event.
pub const CATEGORY: &str = "category";
/// Attribute: what becomes of an event under candidate rules.
pub const DIFFERENCE: &str = "difference";
/// Attribute: why.
pub const REASON: &str = "reason";
/// Attribute: the digest of rules.
pub const DIGEST: &str = "digest";
