//! The server: listeners that are bound already, services, health, and an orderly end.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tonic::codec::CompressionEncoding;
use tonic::service::Routes;
use tonic_health::pb::health_server::HealthServer;
use tonic_reflection::pb::v1::server_reflection_server::ServerReflectionServer as ReflectionV1;
use tonic_reflection::pb::v1alpha::server_reflection_server::ServerReflectionServer as ReflectionV1Alpha;

use super::admin::{Admin, View};
use super::calls::Calls;
use super::connect::Connect;
use super::connections::Acceptor;
use super::extraction::Extraction;
use super::extractor::Extractor;
use super::front::Front;
use super::health::Health;
use super::live::{Attempt, LiveRules};
use super::reflection::Reflection;
use super::reload::{self, RuleFiles};
use super::rule_service::Rules;
use super::tls::{Tls, TlsError};
use crate::api::v1::extraction_service_server::ExtractionServiceServer;
use crate::api::v1::rule_service_server::RuleServiceServer;
use crate::config::Settings;
use crate::telemetry::{self, Metrics, TelemetryError};

/// The runtime of a service. It moves bytes and no more, for the work has threads of its own: threads for half of the cores
/// are enough, and each one more takes time to be woken.
///
/// # Errors
/// The system has no threads, or no polling.
pub fn runtime() -> io::Result<Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Builder::new_multi_thread().worker_threads(cores.div_ceil(2)).enable_all().build()
}

/// Why a service ended, or did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The first rules cannot be used, so there is nothing to serve.
    #[error("the rules cannot be used")]
    Rules(Arc<Attempt>),
    /// An address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    /// A socket.
    #[error("the listener: {0}")]
    Listener(#[from] io::Error),
    /// The certificates.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The collector.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    /// A part of the server panicked.
    #[error("the server failed inside: {0}")]
    Crashed(#[from] tokio::task::JoinError),
}

/// Sockets that are bound already, so that whoever starts a service knows its addresses.
#[derive(Debug)]
pub struct Listeners {
    /// Of the service.
    pub service: TcpListener,
    /// Of liveness and metrics.
    pub admin: Option<std::net::TcpListener>,
}

impl Listeners {
    /// Binds the addresses of the settings.
    ///
    /// # Errors
    /// An address cannot be had.
    pub async fn bind(settings: &Settings) -> Result<Self, ServeError> {
        let service = TcpListener::bind(settings.listen).await;
        let service = service.map_err(|error| ServeError::Listen(settings.listen, error))?;
        let admin = settings
            .admin
            .listen
            .map(|address| std::net::TcpListener::bind(address).map_err(|error| ServeError::Listen(address, error)));
        Ok(Self { service, admin: admin.transpose()? })
    }
}

/// A running service. [`end`](Self::end) ends it; dropping it does so too, with nobody waiting.
#[derive(Debug)]
pub struct Service {
    address: SocketAddr,
    admin: Option<Admin>,
    rules: Arc<LiveRules>,
    metrics: Arc<Metrics>,
    stop: watch::Sender<Phase>,
    serving: watch::Receiver<bool>,
    server: JoinHandle<Result<(), ServeError>>,
}

/// Where a service is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Running,
    Ending,
}

impl Service {
    /// Starts a service on bound listeners. Its health is NOT_SERVING until its rules are live.
    ///
    /// # Errors
    /// A listener, a certificate or the collector's address cannot be used.
    pub fn start(listeners: Listeners, files: RuleFiles, settings: Settings) -> Result<Self, ServeError> {
        let tls = Tls::load(&settings.tls)?.map(Arc::new);
        let address = listeners.service.local_addr()?;
        let metrics = Arc::new(Metrics::new(&settings, telemetry::resource(&settings))?);
        let rules = Arc::new(LiveRules::new(&settings.rules));
        let stop = watch::Sender::new(Phase::Running);
        let (tell, serving) = watch::channel(false);
        let view = View { metrics: metrics.clone(), ready: serving.clone() };
        let admin = listeners.admin.map(|listener| Admin::start(listener, view)).transpose()?;
        let run = Run { files, settings, tls, rules: rules.clone(), metrics: metrics.clone(), serving: tell };
        let server = tokio::spawn(run.run(listeners.service, stop.subscribe()));
        Ok(Self { address, admin, rules, metrics, stop, serving, server })
    }

    /// Where the service listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where liveness and metrics are, if anywhere.
    pub fn admin(&self) -> Option<SocketAddr> {
        self.admin.as_ref().map(Admin::address)
    }

    /// The rules that answer.
    pub fn rules(&self) -> &Arc<LiveRules> {
        &self.rules
    }

    /// What it counts and measures.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// Waits until rules are live and health says so.
    ///
    /// # Errors
    /// The first rules cannot be used; or the service has ended.
    pub async fn ready(&mut self) -> Result<(), ServeError> {
        // Where the first rules are refused the server ends and says why.
        match self.serving.wait_for(|serving| *serving).await {
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
        let ended = self.server.await?;
        let metrics = self.metrics;
        tokio::task::spawn_blocking(move || metrics.close()).await?;
        ended
    }
}

/// What a running service is made of.
struct Run {
    files: RuleFiles,
    settings: Settings,
    tls: Option<Arc<Tls>>,
    rules: Arc<LiveRules>,
    metrics: Arc<Metrics>,
    /// Health: whether calls may be sent here.
    serving: watch::Sender<bool>,
}

impl Run {
    async fn run(self, listener: TcpListener, mut phase: watch::Receiver<Phase>) -> Result<(), ServeError> {
        // Turns true when new work is refused: after the drain.
        let (closing, closed) = watch::channel(false);
        let (rules, settings) = (self.rules.clone(), self.settings.clone());
        let (files, live, metrics, stop) = (self.files.clone(), rules.clone(), self.metrics.clone(), closed.clone());
        let own = settings.rules.clone();
        let mut watching = tokio::spawn(async move { reload::watch(files, live, &own, metrics, stop).await });
        if let (Some(tls), Some(poll)) = (&self.tls, settings.tls.poll) {
            tokio::spawn(tls.clone().watch(poll, closed.clone()));
        }
        let mut server = tokio::spawn(self.acceptor(&closed).serve(listener, closed));
        let mut ending = phase.clone();
        tokio::select! {
            ended = &mut server => return Ok(ended?),
            () = first_rules(&rules) => {}
            _ = ending.wait_for(|phase| *phase == Phase::Ending) => {}
        }
        if let (None, Some(attempt)) = (rules.current(), rules.attempt()) {
            server.abort();
            watching.abort();
            return Err(ServeError::Rules(attempt));
        }
        if rules.current().is_some() {
            self.serving.send_replace(true);
        }
        tokio::select! {
            ended = &mut server => return Ok(ended?),
            _ = phase.wait_for(|phase| *phase == Phase::Ending) => {}
        }
        tracing::info!("ending: no longer healthy, still serving");
        self.serving.send_replace(false);
        tokio::time::sleep(settings.life.drain).await;
        tracing::info!("ending: peers are asked to go");
        closing.send_replace(true);
        // Silent peers and open streams would hold the server for ever.
        if tokio::time::timeout(settings.life.deadline, &mut server).await.is_err() {
            tracing::warn!("calls were cut off at the deadline");
            server.abort();
        }
        if tokio::time::timeout(Duration::from_secs(1), &mut watching).await.is_err() {
            watching.abort();
        }
        tracing::info!("ended");
        Ok(())
    }

    /// The services, behind what every call gets, behind the accept loop.
    fn acceptor(&self, closed: &watch::Receiver<bool>) -> Acceptor {
        let settings = &self.settings;
        let limits = settings.limits;
        let extractor = Extractor::new(self.rules.clone(), settings, self.metrics.clone());
        let articles = settings.work.stream_articles;
        let extraction = Extraction::new(extractor, articles, closed.clone(), self.metrics.clone());
        let extraction = ExtractionServiceServer::new(extraction)
            .max_decoding_message_size(limits.message_bytes)
            .accept_compressed(CompressionEncoding::Gzip)
            .send_compressed(CompressionEncoding::Gzip);
        let rules = RuleServiceServer::new(Rules::new(self.rules.clone(), settings))
            .accept_compressed(CompressionEncoding::Gzip)
            .send_compressed(CompressionEncoding::Gzip);
        let reflection = Reflection::new(self.rules.clone());
        let health = Health::new(self.serving.subscribe(), closed.clone());
        let routes = Routes::new(HealthServer::new(health))
            .add_service(ReflectionV1::new(reflection.clone()))
            .add_service(ReflectionV1Alpha::new(reflection.clone()))
            .add_service(rules);
        let longest = limits.time.saturating_mul(2);
        let calls = Calls::new(extraction, routes, &reflection.pool(), self.metrics.clone(), longest);
        let connect = Connect::new(reflection, limits.message_bytes, longest, settings.http.origins.clone());
        Acceptor {
            settings: settings.connections,
            tls: self.tls.clone(),
            front: Front::new(calls, connect),
            metrics: self.metrics.clone(),
        }
    }
}

/// Waits for the end of the first attempt to load rules.
async fn first_rules(rules: &LiveRules) {
    let mut attempts = rules.attempts();
    let _ = attempts.wait_for(|count| *count > 0).await;
}
