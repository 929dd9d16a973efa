//! `dateline work`: articles from a queue, until it is told to end.

use std::process::ExitCode;
use std::time::Duration;

use tokio::sync::watch;

use super::serve::{self, Signals};
use super::{Failure, show};
use crate::config::{Flags, Problem, Problems, Settings, WorkCommand};
use crate::service::RuleFiles;
use crate::telemetry::{self, Telemetry};
use crate::worker::{self, WorkError};

pub(super) type Arguments = Flags<WorkCommand>;

pub(super) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let check = arguments.check;
    let settings = arguments.sources().settings()?;
    if check {
        serve::print(&settings);
        return Ok(ExitCode::SUCCESS);
    }
    if settings.nats.url.is_none() {
        let what = "nats.url: a worker needs a queue; give --nats URL".to_owned();
        return Err(Problems(vec![Problem { place: String::new(), what }]).into());
    }
    let runtime = crate::service::runtime()?;
    let telemetry = runtime.block_on(async { Telemetry::start(&settings) })?;
    telemetry::log_panics();
    let ended = runtime.block_on(work(settings));
    telemetry.close();
    runtime.shutdown_timeout(Duration::from_millis(100));
    match ended {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(WorkError::Rules(attempt)) => {
            serve::show_problems(&attempt);
            Err(WorkError::Rules(attempt).into())
        }
        Err(error) => Err(error.into()),
    }
}

async fn work(settings: Settings) -> Result<(), WorkError> {
    let mut signals = match Signals::new() {
        Ok(signals) => signals,
        Err(error) => return Err(WorkError::Queue(error.to_string())),
    };
    let admin = settings.admin.listen.map(std::net::TcpListener::bind).transpose()?;
    if let Some(address) = admin.as_ref().and_then(|listener| listener.local_addr().ok()) {
        println!("metrics on {address}");
    }
    let files = RuleFiles::of(&settings.rules);
    let (ready, mut is_ready) = watch::channel(false);
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        if is_ready.wait_for(|ready| *ready).await.is_ok() {
            println!("working");
        }
    });
    tokio::spawn(async move {
        signals.next().await;
        stop.send_replace(true);
        signals.next().await;
        show::error("asked twice: ending at once");
        std::process::exit(1);
    });
    worker::run(settings, files, admin, ready, stopped).await
}
