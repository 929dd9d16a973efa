//! What is sent to a collector over OTLP.

use opentelemetry_otlp::{MetricExporter, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::PeriodicReader;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};

use super::TelemetryError;
use crate::config::Telemetry;

/// Sends metrics, if there is a collector. Must be called within a runtime.
pub(super) fn metrics(settings: &Telemetry) -> Result<Option<PeriodicReader<MetricExporter>>, TelemetryError> {
    let Some(url) = &settings.otlp else { return Ok(None) };
    let exporter = MetricExporter::builder().with_tonic().with_endpoint(url.as_str()).build();
    let exporter = exporter.map_err(|error| TelemetryError(error.to_string()))?;
    Ok(Some(PeriodicReader::builder(exporter).with_interval(settings.interval).build()))
}

/// Sends spans, if there is a collector. Must be called within a runtime.
pub(super) fn spans(settings: &Telemetry, resource: Resource) -> Result<Option<SdkTracerProvider>, TelemetryError> {
    let Some(url) = &settings.otlp else { return Ok(None) };
    let exporter = SpanExporter::builder().with_tonic().with_endpoint(url.as_str()).build();
    let exporter = exporter.map_err(|error| TelemetryError(error.to_string()))?;
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(settings.sample)));
    let provider = SdkTracerProvider::builder().with_resource(resource).with_sampler(sampler);
    Ok(Some(provider.with_batch_exporter(exporter).build()))
}
