//! The text format of Prometheus over the metrics of OpenTelemetry.
//! <https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/>

use std::fmt::{Display, Write as _};
use std::sync::{Arc, Weak};
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, Metric, MetricData, ResourceMetrics};
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{InstrumentKind, ManualReader, Pipeline, Temporality};

/// Reads metrics when it is asked; clones read the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Reader(Arc<ManualReader>);

impl MetricReader for Reader {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        self.0.register_pipeline(pipeline);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.0.collect(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        self.0.temporality(kind)
    }
}

/// All metrics as text.
pub(super) fn render(reader: &Reader) -> String {
    let mut metrics = ResourceMetrics::default();
    let mut out = String::new();
    if let Err(error) = reader.collect(&mut metrics) {
        // A scrape after the end has nothing to show.
        tracing::debug!(%error, "metrics could not be read");
        return out;
    }
    let about = metrics.resource().iter().map(|(key, value)| (name(key.as_str()), value.as_str().into_owned()));
    let about: Vec<(String, String)> = about.collect();
    let _ = writeln!(out, "# HELP target_info What is measured.\n# TYPE target_info gauge");
    let _ = writeln!(out, "target_info{} 1", braces(&about));
    for metric in metrics.scope_metrics().flat_map(|scope| scope.metrics()) {
        match metric.data() {
            AggregatedMetrics::F64(data) => one(&mut out, metric, data),
            AggregatedMetrics::U64(data) => one(&mut out, metric, data),
            AggregatedMetrics::I64(data) => one(&mut out, metric, data),
        }
    }
    out
}

fn one<T: Copy + Display>(out: &mut String, metric: &Metric, data: &MetricData<T>) {
    let base = with_unit(&name(metric.name()), metric.unit());
    let mut head = |own: &str, kind: &str| {
        let _ = writeln!(out, "# HELP {own} {}\n# TYPE {own} {kind}", metric.description());
    };
    match data {
        MetricData::Gauge(gauge) => {
            head(&base, "gauge");
            for point in gauge.data_points() {
                let _ = writeln!(out, "{base}{} {}", braces(&labels(point.attributes())), point.value());
            }
        }
        MetricData::Sum(sum) => {
            let (own, kind) = if sum.is_monotonic() { (format!("{base}_total"), "counter") } else { (base, "gauge") };
            head(&own, kind);
            for point in sum.data_points() {
                let _ = writeln!(out, "{own}{} {}", braces(&labels(point.attributes())), point.value());
            }
        }
        MetricData::Histogram(histogram) => {
            head(&base, "histogram");
            for point in histogram.data_points() {
                let own = labels(point.attributes());
                let bounds = point.bounds().map(|bound| bound.to_string()).chain(["+Inf".to_owned()]);
                let mut below = 0;
                for (bound, count) in bounds.zip(point.bucket_counts()) {
                    below += count;
                    let mut own = own.clone();
                    own.push(("le".to_owned(), bound));
                    let _ = writeln!(out, "{base}_bucket{} {below}", braces(&own));
                }
                let own = braces(&own);
                let _ = writeln!(out, "{base}_sum{own} {}\n{base}_count{own} {}", point.sum(), point.count());
            }
        }
        // None of ours is exponential.
        MetricData::ExponentialHistogram(_) => {}
    }
}

/// A name as Prometheus has them: letters, digits and underscores.
fn name(own: &str) -> String {
    own.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

fn with_unit(name: &str, unit: &str) -> String {
    let unit = match unit {
        "s" => "seconds",
        "By" => "bytes",
        // What is in braces says what is counted; that is in the name already.
        _ => return name.to_owned(),
    };
    if name.ends_with(unit) { name.to_owned() } else { format!("{name}_{unit}") }
}

fn labels<'a>(attributes: impl Iterator<Item = &'a KeyValue>) -> Vec<(String, String)> {
    let mut labels: Vec<(String, String)> =
        attributes.map(|own| (name(own.key.as_str()), own.value.as_str().into_owned())).collect();
    labels.sort_unstable();
    labels
}

fn braces(labels: &[(String, String)]) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let escaped = |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    format!("{{{}}}", labels.join(","))
}

#[cfg(test)]
mod tests {
    use opentelemetry::metrics::MeterProvider as _;
    use opentelemetry_sdk::Resource;
    use opentelemetry_sdk::metrics::SdkMeterProvider;

    use super::*;

    #[test]
    fn metrics_become_text_with_units_and_labels() {
        let reader = Reader::default();
        let resource = Resource::builder_empty().with_service_name("a \"name\"").build();
        let provider = SdkMeterProvider::builder().with_resource(resource).with_reader(reader.clone()).build();
        let meter = provider.meter("test");
        meter.u64_counter("app.sheds").with_unit("{call}").with_description("Sheds.").build().add(3, &[]);
        meter.i64_up_down_counter("app.open").build().add(-2, &[KeyValue::new("peer.kind", "a\\b")]);
        let times = meter.f64_histogram("app.call.duration").with_unit("s").with_boundaries(vec![0.5, 1.0]).build();
        times.record(0.25, &[]);
        times.record(7.0, &[]);
        let text = render(&reader);
        for line in [
            "target_info{service_name=\"a \\\"name\\\"\"} 1",
            "# HELP app_sheds_total Sheds.",
            "# TYPE app_sheds_total counter",
            "app_sheds_total 3",
            "# TYPE app_open gauge",
            "app_open{peer_kind=\"a\\\\b\"} -2",
            "# TYPE app_call_duration_seconds histogram",
            "app_call_duration_seconds_bucket{le=\"0.5\"} 1",
            "app_call_duration_seconds_bucket{le=\"1\"} 1",
            "app_call_duration_seconds_bucket{le=\"+Inf\"} 2",
            "app_call_duration_seconds_sum 7.25",
            "app_call_duration_seconds_count 2",
        ] {
            assert!(text.lines().any(|own| own == line), "no `{line}` in\n{text}");
        }
    }
}
