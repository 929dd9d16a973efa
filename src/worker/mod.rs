//! `dateline work`: articles from a queue in NATS JetStream, their events onto subjects by category.
//!
//! ```text
//! PREFIX.articles.*  --pull-->  worker  --publish-->  PREFIX.events.CATEGORY   (Nats-Msg-Id: the event's id)
//!                                  \----publish-->  PREFIX.dead.REASON       (what cannot be worked on)
//! ```
//!
//! Many workers share one consumer. An article is acknowledged once its events are stored, so that one whose worker dies
//! comes again; its events have the same ids then, and the stream drops those that it has. Nothing is lost, and nothing
//! is stored twice while the rules and [`Nats::window`](crate::config::Nats::window) hold.

mod article;

use std::sync::Arc;
use std::time::Duration;

use async_nats::ConnectOptions;
use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer};
use async_nats::jetstream::stream::{self, RetentionPolicy};
use async_nats::jetstream::{self, Context};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_stream::StreamExt as _;

use self::article::Desk;
use crate::config::{Nats, Settings};
use crate::service::admin::{Admin, View};
use crate::service::{Attempt, Extractor, LiveRules, RuleFiles};
use crate::telemetry::{self, Metrics, TelemetryError};

/// The consumer that all workers share.
const CONSUMER: &str = "workers";
/// How long one request for articles waits for some.
const PULL: Duration = Duration::from_secs(1);
/// How long to wait after the queue failed.
const PAUSE: Duration = Duration::from_secs(1);
/// How often the length of the queue is asked for.
const ASK: Duration = Duration::from_secs(2);

/// Why a worker ended, or did not start.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The first rules cannot be used.
    #[error("the rules cannot be used")]
    Rules(Arc<Attempt>),
    /// The queue cannot be reached or set up.
    #[error("the queue: {0}")]
    Queue(String),
    /// A socket.
    #[error("the listener: {0}")]
    Listener(#[from] std::io::Error),
    /// The collector.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
}

fn queue(error: impl ToString) -> WorkError {
    WorkError::Queue(error.to_string())
}

/// The queue and the streams that a worker writes to.
struct Queue {
    jetstream: Context,
    articles: PullConsumer,
}

impl Queue {
    /// Connects, and makes the streams that are not there yet. Those that are keep the settings that they have.
    async fn open(settings: &Nats, url: &str) -> Result<Self, WorkError> {
        let mut options = ConnectOptions::new().name("dateline work");
        if let Some(path) = &settings.credentials {
            options = options.credentials_file(path).await.map_err(queue)?;
        }
        let jetstream = jetstream::new(options.connect(url).await.map_err(queue)?);
        let stream = |kind: &str| stream::Config {
            name: format!("{}-{kind}", settings.prefix),
            subjects: vec![format!("{}.{kind}.>", settings.prefix)],
            ..stream::Config::default()
        };
        let articles = stream::Config { retention: RetentionPolicy::WorkQueue, ..stream("articles") };
        let events = stream::Config { duplicate_window: settings.window, ..stream("events") };
        jetstream.get_or_create_stream(events).await.map_err(queue)?;
        let dead = stream::Config { duplicate_window: settings.window, ..stream("dead") };
        jetstream.get_or_create_stream(dead).await.map_err(queue)?;
        let articles = jetstream.get_or_create_stream(articles).await.map_err(queue)?;
        let consumer = pull::Config {
            durable_name: Some(CONSUMER.to_owned()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: settings.wait,
            // An article that was tried too often goes to the dead letters, which a worker does and not the server.
            max_deliver: -1,
            // Each worker holds what it can; together they may hold anything.
            max_ack_pending: -1,
            ..pull::Config::default()
        };
        let articles = articles.get_or_create_consumer(CONSUMER, consumer).await.map_err(queue)?;
        Ok(Self { jetstream, articles })
    }
}

/// Works on articles until `stop` says so; then those that are held are finished, as far as the deadline allows.
///
/// # Errors
/// The worker cannot start.
pub async fn run(
    settings: Settings,
    files: RuleFiles,
    admin: Option<std::net::TcpListener>,
    ready: watch::Sender<bool>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), WorkError> {
    let Some(url) = settings.nats.url.clone() else { return Err(queue("nats.url is not set")) };
    let metrics = Arc::new(Metrics::new(&settings, telemetry::resource(&settings))?);
    let view = View { metrics: metrics.clone(), ready: ready.subscribe() };
    let _admin = admin.map(|listener| Admin::start(listener, view)).transpose()?;
    let rules = Arc::new(LiveRules::new(&settings.rules));
    let (live, own, told, end) = (rules.clone(), settings.rules.clone(), metrics.clone(), stop.clone());
    let watching = tokio::spawn(async move { crate::service::watch(files, live, &own, told, end).await });
    let mut attempts = rules.attempts();
    let _ = attempts.wait_for(|count| *count > 0).await;
    if let (None, Some(attempt)) = (rules.current(), rules.attempt()) {
        watching.abort();
        return Err(WorkError::Rules(attempt));
    }
    let opened = Queue::open(&settings.nats, &url).await?;
    let extractor = Extractor::new(rules.clone(), &settings, metrics.clone());
    let desk = Desk::new(opened.jetstream, settings.nats.clone(), extractor, rules);
    let asking = tokio::spawn(ask(opened.articles.clone(), metrics.clone()));
    ready.send_replace(true);
    tracing::info!(url, "working");
    let mut tasks = JoinSet::new();
    let places = Arc::new(Semaphore::new(settings.nats.batch));
    loop {
        tokio::select! {
            () = pull(&opened.articles, &desk, &places, &mut tasks) => {}
            _ = stop.wait_for(|stop| *stop) => break,
        }
    }
    ready.send_replace(false);
    tracing::info!(held = tasks.len(), "ending: no more articles are taken");
    let rest = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(settings.life.deadline, rest).await.is_err() {
        tracing::warn!("articles were left to other workers at the deadline");
    }
    asking.abort();
    watching.abort();
    let last = metrics.clone();
    let _ = tokio::task::spawn_blocking(move || last.close()).await;
    Ok(())
}

/// Takes some articles and starts on them.
async fn pull(articles: &PullConsumer, desk: &Desk, places: &Arc<Semaphore>, tasks: &mut JoinSet<()>) {
    // Few large requests are cheaper than many small ones, so half of the places must be free.
    let all = u32::try_from(desk.settings().batch).unwrap_or(u32::MAX);
    let Ok(free) = places.clone().acquire_many_owned(all.div_ceil(2)).await else { return };
    drop(free);
    let most = places.available_permits().max(1);
    let batch = match articles.batch().max_messages(most).expires(PULL).messages().await {
        Ok(batch) => batch,
        Err(error) => {
            tracing::warn!(%error, "the queue gives no articles");
            return tokio::time::sleep(PAUSE).await;
        }
    };
    let mut batch = std::pin::pin!(batch);
    while let Some(message) = batch.next().await {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        match message {
            Ok(message) => {
                let desk = desk.clone();
                tasks.spawn(async move {
                    desk.work_on(message).await;
                    drop(place);
                });
            }
            Err(error) => tracing::warn!(%error, "an article did not arrive"),
        }
        while tasks.try_join_next().is_some() {}
    }
}

/// Asks how long the queue is, as long as it is let.
async fn ask(articles: PullConsumer, metrics: Arc<Metrics>) {
    loop {
        match articles.get_info().await {
            Ok(info) => metrics.queue_is(info.num_pending, u64::try_from(info.num_ack_pending).unwrap_or_default()),
            Err(error) => tracing::debug!(%error, "the queue does not say how long it is"),
        }
        tokio::time::sleep(ASK).await;
    }
}
