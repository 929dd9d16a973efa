//! `dateline serve`: the service, until it is told to end.

use std::process::ExitCode;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Failure, show};
use crate::config::{Flags, Problem, Problems, SETTINGS, Serve, Settings};
use crate::service::{Attempt, Listeners, RuleFiles, ServeError, Service};
use crate::telemetry::{self, Telemetry};

pub(super) type Arguments = Flags<Serve>;

pub(super) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let check = arguments.check;
    let settings = arguments.sources().settings()?;
    if check {
        print(&settings);
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = crate::service::runtime()?;
    let telemetry = runtime.block_on(async { Telemetry::start(&settings) })?;
    telemetry::log_panics();
    let ended = runtime.block_on(serve(settings));
    telemetry.close();
    // Work that does not look at its flag must not keep the process.
    runtime.shutdown_timeout(Duration::from_millis(100));
    ended?;
    Ok(ExitCode::SUCCESS)
}

/// Prints settings as a file of theirs would have them.
pub(super) fn print(settings: &Settings) {
    for setting in SETTINGS {
        anstream::println!("{} = {:?}", setting.key, (setting.show)(settings));
    }
}

/// The signals that ask a process to end.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From now on they do not end the process by themselves.
    pub fn new() -> Result<Self, Failure> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Waits for the next one, and has the one after it end the process at once: whoever asks twice does not want to wait.
    pub async fn last(mut self) {
        self.next().await;
        tokio::spawn(async move {
            self.next().await;
            tracing::warn!("asked twice: ending at once");
            std::process::exit(1);
        });
    }
}

async fn serve(settings: Settings) -> Result<(), Failure> {
    let mut signals = Signals::new()?;
    crate::service::check_tls(&settings.tls)
        .map_err(|error| Problems(vec![Problem { place: error.file, what: error.what }]))?;
    let listeners = Listeners::bind(&settings).await?;
    let files = RuleFiles::of(&settings.rules);
    let mut service = Service::start(listeners, files, settings)?;
    let ready = tokio::select! {
        ready = service.ready() => ready,
        () = signals.next() => return Ok(service.end().await?),
    };
    ready.map_err(explain)?;
    // Whoever starts the service on port 0 reads the port here.
    println!("listening on {}", service.address());
    if let Some(address) = service.admin() {
        println!("metrics on {address}");
    }
    service.until(signals.last()).await.map_err(explain)
}

/// What is wrong with the rules, in lines; the log has said the same for machines.
pub(super) fn explain(error: ServeError) -> Failure {
    if let ServeError::Rules(attempt) = &error {
        show_problems(attempt);
    }
    error.into()
}

/// What was wrong with rules that did not go live.
pub(super) fn show_problems(attempt: &Attempt) {
    for problem in &attempt.diagnostics {
        let place = match problem.file.as_str() {
            "" => String::new(),
            file => format!("{file}:{}:{}: ", problem.line, problem.column),
        };
        show::error(&format!("{place}{}", problem.message));
    }
}
