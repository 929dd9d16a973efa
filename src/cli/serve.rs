//! `dateline serve`: the service, until it is told to end.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::process::ExitCode;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::{Failure, RuleFolders, show};
use crate::service::{Config, Limits, RuleFiles, ServeError, Service};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:50051")]
    listen: SocketAddr,
    #[command(flatten)]
    folders: RuleFolders,
    /// Let rules go live without running the tests under them.
    #[arg(long)]
    skip_tests: bool,
    /// Bytes of an article's body at most.
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().body_bytes)]
    max_body: usize,
}

pub(super) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        log.init();
    } else {
        log.json().init();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(arguments))?;
    // Work that does not look at its flag must not keep the process.
    runtime.shutdown_background();
    Ok(ExitCode::SUCCESS)
}

async fn serve(arguments: Arguments) -> Result<(), Failure> {
    let listener = TcpListener::bind(arguments.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", arguments.listen))?;
    let files = RuleFiles { folders: arguments.folders.rules, ..RuleFiles::default() };
    let limits = Limits::for_bodies(arguments.max_body);
    let config = Config { run_tests: !arguments.skip_tests, limits, ..Config::default() };
    let mut service = Service::start(listener, files, config)?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let ready = tokio::select! {
        ready = service.ready() => ready,
        _ = terminate.recv() => return Ok(service.end().await?),
        _ = interrupt.recv() => return Ok(service.end().await?),
    };
    ready.map_err(explain)?;
    // Whoever starts the service on port 0 reads the port here.
    println!("listening on {}", service.address());
    let told = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    service.until(told).await.map_err(explain)
}

/// What is wrong with the rules, in lines; the log has said the same for machines.
pub(super) fn explain(error: ServeError) -> Failure {
    if let ServeError::Rules(attempt) = &error {
        for problem in &attempt.diagnostics {
            let place = match problem.file.as_str() {
                "" => String::new(),
                file => format!("{file}:{}:{}: ", problem.line, problem.column),
            };
            show::error(&format!("{place}{}", problem.message));
        }
    }
    error.into()
}
