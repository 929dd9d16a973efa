//! The server: a listener that is bound already, services, health, and an orderly end.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tonic::codec::CompressionEncoding;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tonic_reflection::pb::v1::server_reflection_server::ServerReflectionServer as ReflectionV1;
use tonic_reflection::pb::v1alpha::server_reflection_server::ServerReflectionServer as ReflectionV1Alpha;

use super::extraction::Extraction;
use super::live::{Attempt, LiveRules};
use super::reflection::{Reflection, SERVICES};
use super::reload::{self, RuleFiles};
use super::rule_service::Rules;
use super::work::Workers;
use crate::api::v1::extraction_service_server::ExtractionServiceServer;
use crate::api::v1::rule_service_server::RuleServiceServer;

/// What a request may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of an article's body.
    pub body_bytes: usize,
    /// Bytes of a message on the wire, after decompression. Beyond it a call ends before its fields are looked at, so
    /// it leaves room for bodies that are too large to be refused by name.
    pub message_bytes: usize,
    /// Articles of one stream that are worked on at once.
    pub stream_articles: usize,
}

impl Limits {
    /// Bytes of a headline, an id and such.
    pub const FIELD_BYTES: usize = 64 << 10;

    /// Limits for bodies of so many bytes, with room on the wire to refuse larger ones by name.
    pub fn for_bodies(bytes: usize) -> Self {
        let own = Self::default();
        Self { body_bytes: bytes, message_bytes: own.message_bytes.max(bytes.saturating_mul(2)), ..own }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { body_bytes: 1 << 20, message_bytes: 16 << 20, stream_articles: 2 * cores() }
    }
}

/// How a service runs.
#[derive(Clone, Debug)]
pub struct Config {
    /// What a request may cost.
    pub limits: Limits,
    /// Extractions at once.
    pub workers: usize,
    /// Single calls that may wait for a worker; more are turned away.
    pub queue: usize,
    /// Whether rules must pass their own tests to go live.
    pub run_tests: bool,
    /// How often folders are looked at, beside being watched.
    pub poll: Duration,
    /// How long calls are still served after the end was asked for, so that routers notice.
    pub drain: Duration,
    /// How long calls may take to end after that.
    pub deadline: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            workers: cores(),
            queue: 256,
            run_tests: true,
            poll: Duration::from_secs(10),
            drain: Duration::from_millis(1500),
            deadline: Duration::from_secs(15),
        }
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Why a service ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The first rules cannot be used, so there is nothing to serve.
    #[error("the rules cannot be used")]
    Rules(Arc<Attempt>),
    /// The socket.
    #[error("the listener: {0}")]
    Listener(#[from] std::io::Error),
    /// The transport.
    #[error("the transport: {0}")]
    Transport(#[from] tonic::transport::Error),
    /// A part of the server panicked.
    #[error("the server failed inside: {0}")]
    Crashed(#[from] tokio::task::JoinError),
}

/// A running service. [`end`](Self::end) ends it; dropping it does so too, with nobody waiting.
#[derive(Debug)]
pub struct Service {
    address: SocketAddr,
    rules: Arc<LiveRules>,
    stop: watch::Sender<Phase>,
    healthy: watch::Receiver<bool>,
    server: JoinHandle<Result<(), ServeError>>,
}

/// Where a service is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Running,
    Ending,
}

impl Service {
    /// Starts a service on a bound listener. Its health is NOT_SERVING until its rules are live.
    ///
    /// # Errors
    /// The listener has no address.
    pub fn start(listener: TcpListener, files: RuleFiles, config: Config) -> Result<Self, ServeError> {
        let address = listener.local_addr()?;
        let rules = Arc::new(LiveRules::default());
        let stop = watch::Sender::new(Phase::Running);
        let (tell, healthy) = watch::channel(false);
        let server = tokio::spawn(run(listener, files, config, rules.clone(), stop.subscribe(), tell));
        Ok(Self { address, rules, stop, healthy, server })
    }

    /// Where the service listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The rules that answer.
    pub fn rules(&self) -> &Arc<LiveRules> {
        &self.rules
    }

    /// Waits until rules are live and health says so.
    ///
    /// # Errors
    /// The first rules cannot be used; or the service has ended.
    pub async fn ready(&mut self) -> Result<(), ServeError> {
        // Where the first rules are refused the server ends and says why.
        match self.healthy.wait_for(|healthy| *healthy).await {
            Ok(_) => Ok(()),
            Err(_) => (&mut self.server).await?,
        }
    }

    /// Serves until `signal`, then drains, and ends.
    ///
    /// # Errors
    /// The service ended by itself.
    pub async fn until(mut self, signal: impl Future<Output = ()>) -> Result<(), ServeError> {
        tokio::select! {
            () = signal => self.end().await,
            ended = &mut self.server => ended?,
        }
    }

    /// Drains and ends the service.
    ///
    /// # Errors
    /// The service had ended by itself.
    pub async fn end(self) -> Result<(), ServeError> {
        self.stop.send_replace(Phase::Ending);
        self.server.await?
    }
}

async fn report(health: &HealthReporter, status: ServingStatus) {
    // The empty name is the server as a whole.
    health.set_service_status("", status).await;
    for name in SERVICES.iter().filter(|name| name.starts_with("dateline.")) {
        health.set_service_status(name, status).await;
    }
}

async fn run(
    listener: TcpListener,
    files: RuleFiles,
    config: Config,
    rules: Arc<LiveRules>,
    mut phase: watch::Receiver<Phase>,
    healthy: watch::Sender<bool>,
) -> Result<(), ServeError> {
    let (health, health_service) = tonic_health::server::health_reporter();
    report(&health, ServingStatus::NotServing).await;
    // Turns true when new work is refused: after the drain.
    let (closing, closed) = watch::channel(false);
    let mut watching = tokio::spawn(reload::watch(files, rules.clone(), config.run_tests, config.poll, closed.clone()));
    let workers = Workers::new(config.workers, config.queue);
    let extraction = Extraction::new(rules.clone(), workers, config.limits, closed.clone());
    let extraction = ExtractionServiceServer::new(extraction)
        .max_decoding_message_size(config.limits.message_bytes)
        .accept_compressed(CompressionEncoding::Gzip)
        .send_compressed(CompressionEncoding::Gzip);
    let rule_service = RuleServiceServer::new(Rules::new(rules.clone()))
        .accept_compressed(CompressionEncoding::Gzip)
        .send_compressed(CompressionEncoding::Gzip);
    let reflection = Reflection::new(rules.clone());
    let mut shutdown = closed.clone();
    let mut server = tokio::spawn(
        Server::builder()
            .http2_keepalive_interval(Some(Duration::from_secs(60)))
            .http2_keepalive_timeout(Some(Duration::from_secs(20)))
            .max_concurrent_streams(1024)
            .add_service(health_service)
            .add_service(ReflectionV1::new(reflection.clone()))
            .add_service(ReflectionV1Alpha::new(reflection))
            .add_service(rule_service)
            .add_service(extraction)
            .serve_with_incoming_shutdown(TcpIncoming::from(listener).with_nodelay(Some(true)), async move {
                let _ = shutdown.wait_for(|closing| *closing).await;
            }),
    );
    let mut ending = phase.clone();
    let ended = tokio::select! {
        ended = &mut server => Some(ended),
        () = first_rules(&rules) => None,
        _ = ending.wait_for(|phase| *phase == Phase::Ending) => None,
    };
    if let Some(ended) = ended {
        return Ok(ended??);
    }
    if let (None, Some(attempt)) = (rules.current(), rules.attempt()) {
        server.abort();
        watching.abort();
        return Err(ServeError::Rules(attempt));
    }
    if rules.current().is_some() {
        report(&health, ServingStatus::Serving).await;
        healthy.send_replace(true);
    }
    tokio::select! {
        ended = &mut server => return Ok(ended??),
        _ = phase.wait_for(|phase| *phase == Phase::Ending) => {}
    }
    tracing::info!("ending: no longer healthy, still serving");
    report(&health, ServingStatus::NotServing).await;
    tokio::time::sleep(config.drain).await;
    closing.send_replace(true);
    // Idle peers and open watches would hold the server for ever.
    if tokio::time::timeout(config.deadline, &mut server).await.is_err() {
        tracing::warn!("calls were cut off at the deadline");
        server.abort();
    }
    if tokio::time::timeout(Duration::from_secs(1), &mut watching).await.is_err() {
        watching.abort();
    }
    Ok(())
}

/// Waits for the end of the first attempt to load rules.
async fn first_rules(rules: &LiveRules) {
    let mut attempts = rules.attempts();
    let _ = attempts.wait_for(|count| *count > 0).await;
}
