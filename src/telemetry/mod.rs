//! What the service tells about itself: logs, metrics, traces.
//!
//! Metrics belong to a service, so that two in one process do not mix; logs and traces belong to the process.

pub mod context;
pub mod metrics;
pub mod names;
mod otlp;
mod prometheus;

use std::io::IsTerminal as _;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry};

pub use self::metrics::Metrics;
use crate::config::{LogFormat, Settings};

/// Telemetry cannot be set up.
#[derive(Clone, Debug, thiserror::Error)]
#[error("telemetry: {0}")]
pub struct TelemetryError(String);

/// The logs and traces of the process.
#[derive(Debug)]
pub struct Telemetry {
    spans: Option<SdkTracerProvider>,
}

/// Who speaks.
pub fn resource(settings: &Settings) -> Resource {
    // Each process is an instance of its own, also where many share a host name.
    let instance = format!("{:016x}", random());
    Resource::builder()
        .with_service_name(settings.telemetry.name.clone())
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new("service.instance.id", instance))
        .build()
}

/// A number that nobody can foresee, for what needs no more than that.
pub(crate) fn random() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    std::hash::RandomState::new().build_hasher().finish()
}

/// Has panics written to the log, in place of the text that is written for a programmer.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let payload = panic.payload();
        let owned = payload.downcast_ref::<String>().map(String::as_str);
        let what = payload.downcast_ref::<&str>().copied().or(owned).unwrap_or("a panic");
        tracing::error!(place, "panic: {what}");
    }));
}

impl Telemetry {
    /// Starts logs and traces. Must be called within a runtime, once.
    ///
    /// # Errors
    /// The collector's address cannot be used; or logs were started already.
    pub fn start(settings: &Settings) -> Result<Self, TelemetryError> {
        let filter = EnvFilter::try_new(&settings.log.filter).map_err(|error| TelemetryError(error.to_string()))?;
        let text = match settings.log.format {
            LogFormat::Auto => std::io::stderr().is_terminal(),
            LogFormat::Text => true,
            LogFormat::Json => false,
        };
        let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
        let lines = if text { lines.boxed() } else { lines.json().flatten_event(true).boxed() };
        let spans = otlp::spans(&settings.telemetry, resource(settings))?;
        let traces = spans.as_ref().map(|spans| {
            // Spans of the libraries that send spans would make more of them.
            let own = tracing_subscriber::filter::Targets::new()
                .with_target("dateline", tracing::Level::INFO)
                .with_target("dateline::work", tracing::Level::DEBUG)
                .with_target("dateline::stage", tracing::Level::DEBUG);
            tracing_opentelemetry::layer().with_tracer(spans.tracer("dateline")).with_filter(own)
        });
        let registry = Registry::default().with(lines.with_filter(filter)).with(traces);
        registry.try_init().map_err(|error| TelemetryError(error.to_string()))?;
        Ok(Self { spans })
    }

    /// Sends what is left. Blocks for as long as that takes, a few seconds at most.
    pub fn close(self) {
        if let Some(spans) = self.spans
            && let Err(error) = spans.shutdown_with_timeout(std::time::Duration::from_secs(3))
        {
            tracing::debug!(%error, "spans could not be sent");
        }
    }
}
