//! How a service runs: one typed structure, filled from a TOML file, the environment and flags, in this order; what
//! comes later wins.
//!
//! Every setting stands once in [`table`]: its key in the file, its flag, its variable, what it means and how it is
//! read. All that is wrong in all three sources is reported at once, before anything is opened.

mod read;
mod table;
mod value;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

pub use self::read::{Flags, Problem, Problems, Serve, Sources, Work as WorkCommand};
pub use self::table::{Command, SETTINGS, Setting};
pub use self::value::Input;

/// Exit status of a process whose configuration is wrong (`EX_USAGE` of sysexits).
pub const EXIT_CONFIG: u8 = 64;

/// All that can be set.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Address of the service.
    pub listen: SocketAddr,
    /// Where rules come from.
    pub rules: Rules,
    /// What a request may cost.
    pub limits: Limits,
    /// How much is worked on at once.
    pub work: Work,
    /// What a connection may do.
    pub connections: Connections,
    /// TLS, if any.
    pub tls: Tls,
    /// JSON over HTTP.
    pub http: Http,
    /// Liveness and metrics.
    pub admin: Admin,
    /// The orderly end.
    pub life: Life,
    /// What is written to standard error.
    pub log: Log,
    /// What is sent to a collector.
    pub telemetry: Telemetry,
    /// The queue of `dateline work`.
    pub nats: Nats,
}

/// Where rules come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// Folders with packs, beside those of the binary; they are watched.
    pub folders: Vec<PathBuf>,
    /// Let rules go live without running their tests.
    pub skip_tests: bool,
    /// How often folders are looked at, beside being watched.
    pub poll: Duration,
    /// Rules that may not fire here: `event.x`, `pack:x`, `category:X`.
    pub disabled: Vec<String>,
    /// Folders with packs of candidate rules, over the live ones; they are watched too.
    pub candidate: Vec<PathBuf>,
    /// Share of the articles that the candidate rules work on too, off the answer's path.
    pub shadow: f64,
}

/// What a request may cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Bytes of an article's body.
    pub body_bytes: usize,
    /// Bytes of a message on the wire, after decompression. Beyond it a call ends before its fields are looked at, so
    /// it leaves room for bodies that are too large to be refused by name.
    pub message_bytes: usize,
    /// How long one article may take, whatever the deadline of its caller.
    pub time: Duration,
    /// Events of one article; beyond them it is not read on.
    pub events: usize,
}

impl Limits {
    /// Bytes of a headline, an id and such.
    pub const FIELD_BYTES: usize = 64 << 10;
}

/// How much is worked on at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Work {
    /// Extractions at once.
    pub threads: usize,
    /// Single calls that may wait for a thread; more are turned away.
    pub queue: usize,
    /// Articles of one stream that are worked on, or wait to be read, at once.
    pub stream_articles: usize,
}

/// What a connection may do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Connections {
    /// Connections at once; more wait in the system's backlog.
    pub most: usize,
    /// How long a peer may take to shake hands: TLS and the first frame.
    pub handshake: Duration,
    /// How often an idle peer is asked whether it is there.
    pub keepalive: Duration,
    /// How long it may take to answer.
    pub keepalive_timeout: Duration,
    /// Age at which a connection is asked to close, up to a tenth earlier.
    pub age: Option<Duration>,
    /// How long its calls may still take then.
    pub age_grace: Duration,
    /// Calls at once on one connection.
    pub streams: u32,
}

/// TLS, if any.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tls {
    /// PEM file with the certificate chain.
    pub certificate: Option<PathBuf>,
    /// PEM file with the private key.
    pub key: Option<PathBuf>,
    /// PEM file with the authorities of clients; with it every client needs a certificate.
    pub client_ca: Option<PathBuf>,
    /// How often the files are looked at for a change.
    pub poll: Option<Duration>,
}

/// JSON over HTTP.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Http {
    /// Origins whose pages may call the service from a browser; `*` is any.
    pub origins: Vec<String>,
}

/// Liveness and metrics.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Admin {
    /// Address of liveness, readiness and metrics.
    pub listen: Option<SocketAddr>,
}

/// The orderly end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Life {
    /// How long calls are still served after the end was asked for, so that routers notice.
    pub drain: Duration,
    /// How long calls may take to end after that.
    pub deadline: Duration,
}

/// How lines of the log look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Text,
    /// One object a line.
    Json,
}

/// What is written to standard error.
#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    /// How lines look.
    pub format: LogFormat,
    /// What is written, as `tracing` filters are: `info`, `dateline=debug,warn`.
    pub filter: String,
}

/// What is sent to a collector.
#[derive(Clone, Debug, PartialEq)]
pub struct Telemetry {
    /// OTLP collector (gRPC) that traces and metrics are sent to.
    pub otlp: Option<String>,
    /// Share of the calls without a sampled parent that are traced.
    pub sample: f64,
    /// `service.name` in traces and metrics.
    pub name: String,
    /// How often metrics are sent.
    pub interval: Duration,
}

/// The queue of `dateline work`.
#[derive(Clone, Debug, PartialEq)]
pub struct Nats {
    /// Servers.
    pub url: Option<String>,
    /// File with credentials, if the server wants some.
    pub credentials: Option<PathBuf>,
    /// Prefix of the names of streams and subjects.
    pub prefix: String,
    /// Articles one worker holds at once.
    pub batch: usize,
    /// After so many attempts an article goes to the dead letters.
    pub attempts: usize,
    /// How long an article may be held before another worker gets it.
    pub wait: Duration,
    /// How long an event is known, so that it is not stored twice.
    pub window: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 50051)),
            rules: Rules {
                folders: Vec::new(),
                skip_tests: false,
                poll: Duration::from_secs(10),
                disabled: Vec::new(),
                candidate: Vec::new(),
                shadow: 0.0,
            },
            limits: Limits {
                body_bytes: 1 << 20,
                message_bytes: 16 << 20,
                time: Duration::from_secs(30),
                events: 1000,
            },
            work: Work::default(),
            connections: Connections::default(),
            tls: Tls { poll: Some(Duration::from_secs(30)), ..Tls::default() },
            http: Http::default(),
            admin: Admin::default(),
            life: Life { drain: Duration::from_millis(1500), deadline: Duration::from_secs(15) },
            log: Log { format: LogFormat::Auto, filter: "info".to_owned() },
            telemetry: Telemetry {
                otlp: None,
                sample: 1.0,
                name: "dateline".to_owned(),
                interval: Duration::from_secs(60),
            },
            nats: Nats {
                url: None,
                credentials: None,
                prefix: "dateline".to_owned(),
                batch: 4 * cores(),
                attempts: 5,
                wait: Duration::from_secs(60),
                window: Duration::from_secs(600),
            },
        }
    }
}

impl Default for Work {
    fn default() -> Self {
        Self { threads: cores(), queue: 32 * cores(), stream_articles: 2 * cores() }
    }
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            most: 4096,
            handshake: Duration::from_secs(10),
            keepalive: Duration::from_secs(60),
            keepalive_timeout: Duration::from_secs(20),
            age: Some(Duration::from_secs(30 * 60)),
            age_grace: Duration::from_secs(5 * 60),
            streams: 1024,
        }
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
