//! Every setting, once.

use std::path::PathBuf;
use std::time::Duration;

use super::value::{Input, bytes, duration};
use super::{LogFormat, Settings};

/// A command that settings are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// `dateline serve`
    Serve,
    /// `dateline work`
    Work,
}

/// A setting.
pub struct Setting {
    /// Its key in the file: `work.queue`.
    pub key: &'static str,
    /// Its flag without the dashes: `queue`.
    pub flag: &'static str,
    /// What stands behind the flag; nothing where the flag alone says it.
    pub value: &'static str,
    /// What it means.
    pub help: &'static str,
    /// The commands that have the flag.
    pub commands: &'static [Command],
    /// Reads it.
    pub set: fn(&mut Settings, &Input) -> Result<(), String>,
    /// Prints it, as `set` reads it.
    pub show: fn(&Settings) -> String,
}

impl Setting {
    /// Its variable: `DATELINE_WORK_QUEUE`.
    pub fn variable(&self) -> String {
        let name = self.key.replace(['.', '-'], "_").to_ascii_uppercase();
        format!("DATELINE_{name}")
    }
}

impl std::fmt::Debug for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.key)
    }
}

const BOTH: &[Command] = &[Command::Serve, Command::Work];
const SERVE: &[Command] = &[Command::Serve];
const WORK: &[Command] = &[Command::Work];

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

const FORMATS: &[(&str, LogFormat)] =
    &[("auto", LogFormat::Auto), ("text", LogFormat::Text), ("json", LogFormat::Json)];

fn off<T>(value: Option<&T>, show: impl FnOnce(&T) -> String) -> String {
    value.map_or_else(|| "off".to_owned(), show)
}

/// One row of the table: the last two are how it is read (`s` the settings, `v` the value) and how it is shown.
macro_rules! setting {
    ($commands:ident, $key:literal, $flag:literal, $value:literal, $help:literal,
     |$s:ident, $v:ident| $set:expr, |$t:ident| $show:expr) => {
        Setting {
            key: $key,
            flag: $flag,
            value: $value,
            help: $help,
            commands: $commands,
            set: |$s, $v| {
                $set;
                Ok(())
            },
            show: |$t| $show,
        }
    };
}

/// All settings, in the order in which they are shown.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    setting!(SERVE, "listen", "listen", "ADDR", "Address and port to listen on; port 0 takes a free one",
        |s, v| s.listen = v.address()?, |s| s.listen.to_string()),
    setting!(BOTH, "rules.folders", "rules", "DIR",
        "Folder with rule packs; a pack with the id of an embedded one replaces it. May be given more than once",
        |s, v| s.rules.folders = folders(v)?, |s| shown(&s.rules.folders)),
    setting!(BOTH, "rules.skip-tests", "skip-tests", "", "Let rules go live without running the tests under them",
        |s, v| s.rules.skip_tests = v.switch()?, |s| s.rules.skip_tests.to_string()),
    setting!(BOTH, "rules.poll", "rules-poll", "TIME", "How often folders with rules are looked at, beside being watched",
        |s, v| s.rules.poll = v.duration(10 * MS..=DAY)?, |s| duration(s.rules.poll)),
    setting!(BOTH, "rules.disabled", "disable", "RULE",
        "Rule that may not fire: event.x, pack:x or category:X. May be given more than once",
        |s, v| s.rules.disabled = v.list()?, |s| s.rules.disabled.join(",")),
    setting!(BOTH, "rules.candidate", "candidate", "DIR",
        "Folder with packs to be tried, beside the live ones or in their place. May be given more than once",
        |s, v| s.rules.candidate = folders(v)?, |s| shown(&s.rules.candidate)),
    setting!(BOTH, "rules.shadow", "shadow", "SHARE",
        "Share of the articles that the candidate rules work on too, to count what they would change",
        |s, v| s.rules.shadow = v.share()?, |s| s.rules.shadow.to_string()),
    setting!(BOTH, "limits.body", "max-body", "SIZE", "Longest body of an article",
        |s, v| s.limits.body_bytes = v.bytes(1..=256 << 20)?, |s| bytes(s.limits.body_bytes)),
    setting!(SERVE, "limits.message", "max-message", "SIZE", "Longest message on the wire, after decompression",
        |s, v| s.limits.message_bytes = v.bytes(1024..=1 << 30)?, |s| bytes(s.limits.message_bytes)),
    setting!(BOTH, "limits.time", "max-time", "TIME", "Longest time of one article, whatever the deadline of its caller",
        |s, v| s.limits.time = v.duration(MS..=HOUR)?, |s| duration(s.limits.time)),
    setting!(BOTH, "limits.events", "max-events", "N", "Events of one article; beyond them it is not read on, and a warning says so",
        |s, v| s.limits.events = v.count(1..=1_000_000)?, |s| s.limits.events.to_string()),
    setting!(BOTH, "work.threads", "threads", "N", "Extractions at once",
        |s, v| s.work.threads = v.count(1..=1024)?, |s| s.work.threads.to_string()),
    setting!(SERVE, "work.queue", "queue", "N", "Single calls that may wait for a thread; more are turned away",
        |s, v| s.work.queue = v.count(0..=1_000_000)?, |s| s.work.queue.to_string()),
    setting!(SERVE, "work.stream-articles", "stream-articles", "N", "Articles of one stream that are held at once",
        |s, v| s.work.stream_articles = v.count(1..=100_000)?, |s| s.work.stream_articles.to_string()),
    setting!(SERVE, "connections.most", "max-connections", "N", "Connections at once",
        |s, v| s.connections.most = v.count(1..=1_000_000)?, |s| s.connections.most.to_string()),
    setting!(SERVE, "connections.handshake", "handshake", "TIME", "How long a peer may take to shake hands",
        |s, v| s.connections.handshake = v.duration(MS..=HOUR)?, |s| duration(s.connections.handshake)),
    setting!(SERVE, "connections.keepalive", "keepalive", "TIME", "How often an idle peer is asked whether it is there",
        |s, v| s.connections.keepalive = v.duration(MS..=DAY)?, |s| duration(s.connections.keepalive)),
    setting!(SERVE, "connections.keepalive-timeout", "keepalive-timeout", "TIME", "How long it may take to answer",
        |s, v| s.connections.keepalive_timeout = v.duration(MS..=HOUR)?, |s| duration(s.connections.keepalive_timeout)),
    setting!(SERVE, "connections.age", "max-age", "TIME",
        "Age at which a connection is asked to close, up to a tenth earlier; or off",
        |s, v| s.connections.age = v.or_off(|v| v.duration(10 * MS..=30 * DAY))?,
        |s| off(s.connections.age.as_ref(), |age| duration(*age))),
    setting!(SERVE, "connections.age-grace", "age-grace", "TIME", "How long the calls of an old connection may still take",
        |s, v| s.connections.age_grace = v.duration(MS..=DAY)?, |s| duration(s.connections.age_grace)),
    setting!(SERVE, "connections.streams", "max-streams", "N", "Calls at once on one connection",
        |s, v| s.connections.streams = u32::try_from(v.count(1..=100_000)?).unwrap_or(u32::MAX),
        |s| s.connections.streams.to_string()),
    setting!(SERVE, "tls.certificate", "tls-certificate", "FILE",
        "Certificate chain in PEM; with it the service speaks TLS. Files are read again when they change",
        |s, v| s.tls.certificate = v.or_off(Input::path)?,
        |s| off(s.tls.certificate.as_ref(), |path| path.display().to_string())),
    setting!(SERVE, "tls.key", "tls-key", "FILE", "Private key in PEM",
        |s, v| s.tls.key = v.or_off(Input::path)?, |s| off(s.tls.key.as_ref(), |path| path.display().to_string())),
    setting!(SERVE, "tls.client-ca", "tls-client-ca", "FILE",
        "Authorities of clients in PEM; with it every client needs a certificate",
        |s, v| s.tls.client_ca = v.or_off(Input::path)?,
        |s| off(s.tls.client_ca.as_ref(), |path| path.display().to_string())),
    setting!(SERVE, "tls.poll", "tls-poll", "TIME", "How often the files of TLS are looked at; or off",
        |s, v| s.tls.poll = v.or_off(|v| v.duration(10 * MS..=DAY))?, |s| off(s.tls.poll.as_ref(), |poll| duration(*poll))),
    setting!(SERVE, "http.origins", "origins", "URL",
        "Origin whose pages may call the service from a browser, or *. May be given more than once",
        |s, v| s.http.origins = v.list()?, |s| s.http.origins.join(",")),
    setting!(BOTH, "admin.listen", "admin", "ADDR", "Address of liveness, readiness and metrics; or off",
        |s, v| s.admin.listen = v.or_off(Input::address)?, |s| off(s.admin.listen.as_ref(), ToString::to_string)),
    setting!(BOTH, "life.drain", "drain", "TIME", "How long calls are still served after the end was asked for",
        |s, v| s.life.drain = v.duration(Duration::ZERO..=HOUR)?, |s| duration(s.life.drain)),
    setting!(BOTH, "life.deadline", "deadline", "TIME", "How long what runs may take to end after that",
        |s, v| s.life.deadline = v.duration(Duration::ZERO..=HOUR)?, |s| duration(s.life.deadline)),
    setting!(BOTH, "log.format", "log-format", "FORMAT", "How lines of the log look: auto, text or json",
        |s, v| s.log.format = v.choice(FORMATS)?,
        |s| FORMATS.iter().find(|(_, f)| *f == s.log.format).map_or("auto", |(name, _)| name).to_owned()),
    setting!(BOTH, "log.filter", "log", "FILTER", "What is logged: info, debug, warn,dateline=debug",
        |s, v| s.log.filter = filter(v)?, |s| s.log.filter.clone()),
    setting!(BOTH, "telemetry.otlp", "otlp", "URL", "OTLP collector (gRPC) for traces and metrics; or off",
        |s, v| s.telemetry.otlp = v.or_off(|v| url(v, &["http://"]))?, |s| off(s.telemetry.otlp.as_ref(), Clone::clone)),
    setting!(BOTH, "telemetry.sample", "sample", "SHARE", "Share of the calls without a sampled parent that are traced",
        |s, v| s.telemetry.sample = v.share()?, |s| s.telemetry.sample.to_string()),
    setting!(BOTH, "telemetry.name", "service-name", "NAME", "service.name in traces and metrics",
        |s, v| s.telemetry.name = v.text()?, |s| s.telemetry.name.clone()),
    setting!(BOTH, "telemetry.interval", "metrics-interval", "TIME", "How often metrics are sent to the collector",
        |s, v| s.telemetry.interval = v.duration(100 * MS..=HOUR)?, |s| duration(s.telemetry.interval)),
    setting!(WORK, "nats.url", "nats", "URL", "NATS servers with JetStream",
        |s, v| s.nats.url = v.or_off(|v| url(v, &["nats://", "tls://"]))?, |s| off(s.nats.url.as_ref(), Clone::clone)),
    setting!(WORK, "nats.credentials", "nats-credentials", "FILE", "Credentials for NATS; or off",
        |s, v| s.nats.credentials = v.or_off(Input::path)?,
        |s| off(s.nats.credentials.as_ref(), |path| path.display().to_string())),
    setting!(WORK, "nats.prefix", "nats-prefix", "NAME", "Prefix of the names of streams and subjects",
        |s, v| s.nats.prefix = prefix(v)?, |s| s.nats.prefix.clone()),
    setting!(WORK, "nats.batch", "nats-batch", "N", "Articles that one worker holds at once",
        |s, v| s.nats.batch = v.count(1..=10_000)?, |s| s.nats.batch.to_string()),
    setting!(WORK, "nats.attempts", "nats-attempts", "N", "Attempts at an article before it goes to the dead letters",
        |s, v| s.nats.attempts = v.count(1..=1000)?, |s| s.nats.attempts.to_string()),
    setting!(WORK, "nats.wait", "nats-wait", "TIME", "How long an article may be held before another worker gets it",
        |s, v| s.nats.wait = v.duration(SECOND..=DAY)?, |s| duration(s.nats.wait)),
    setting!(WORK, "nats.window", "nats-window", "TIME", "How long an event is known, so that it is not stored twice",
        |s, v| s.nats.window = v.duration(SECOND..=7 * DAY)?, |s| duration(s.nats.window)),
];

fn folders(input: &Input) -> Result<Vec<PathBuf>, String> {
    Ok(input.list()?.into_iter().map(PathBuf::from).collect())
}

fn shown(folders: &[PathBuf]) -> String {
    folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(",")
}

fn filter(input: &Input) -> Result<String, String> {
    let text = input.text()?;
    match tracing_subscriber::EnvFilter::try_new(&text) {
        Ok(_) => Ok(text),
        Err(error) => Err(format!("`{text}` is not a filter: {error}")),
    }
}

fn url(input: &Input, schemes: &[&str]) -> Result<String, String> {
    let text = input.text()?;
    let rest = schemes.iter().find_map(|scheme| text.strip_prefix(scheme));
    match rest.filter(|rest| !rest.is_empty()) {
        Some(_) => Ok(text),
        None => Err(format!("`{text}` does not begin with {} and a host", schemes.join(" or "))),
    }
}

/// A token of a NATS subject, which names streams as well.
fn prefix(input: &Input) -> Result<String, String> {
    let text = input.text()?;
    if text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        Ok(text)
    } else {
        Err(format!("`{text}` has other characters than letters, digits, - and _"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_defaults_can_be_written_down() {
        let defaults = Settings::default();
        for (index, setting) in SETTINGS.iter().enumerate() {
            for other in &SETTINGS[index + 1..] {
                assert!(setting.key != other.key && setting.flag != other.flag, "{setting:?}");
            }
            let mut own = defaults.clone();
            let shown = (setting.show)(&defaults);
            (setting.set)(&mut own, &Input::Text(shown.clone())).unwrap_or_else(|error| panic!("{setting:?}: {error}"));
            assert_eq!(own, defaults, "{setting:?} = {shown}");
        }
    }
}
