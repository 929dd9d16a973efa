//! One article, from request to response: what a call, a stream and a queue have in common.

use std::sync::Arc;
use std::time::Instant;

use super::convert;
use super::errors::CallError;
use super::live::LiveRules;
use super::shadow::Shadow;
use super::work::{WhenBusy, Workers};
use crate::api::v1;
use crate::config::{Limits, Settings};
use crate::event::envelope;
use crate::pipeline::{self, Stopped};
use crate::telemetry::Metrics;
use crate::telemetry::metrics::Outcome;

/// Extracts the events of articles by the rules that are live.
#[derive(Clone, Debug)]
pub(crate) struct Extractor {
    rules: Arc<LiveRules>,
    workers: Workers,
    limits: Limits,
    metrics: Arc<Metrics>,
    shadow: Shadow,
}

/// Counts an article when it is dropped; without another word its caller went away.
struct Counted {
    metrics: Arc<Metrics>,
    outcome: Outcome,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.metrics.article(self.outcome);
    }
}

impl Extractor {
    pub fn new(rules: Arc<LiveRules>, settings: &Settings, metrics: Arc<Metrics>) -> Self {
        let workers = Workers::new(settings.work, settings.limits.time, metrics.clone());
        let shadow = Shadow::new(rules.clone(), settings.rules.shadow, settings.limits.time, metrics.clone());
        Self { rules, workers, limits: settings.limits, metrics, shadow }
    }

    /// One article, from request to response.
    pub async fn one(
        &self,
        article: Option<v1::Article>,
        options: Option<&v1::ExtractOptions>,
        when_busy: WhenBusy,
        deadline: Option<Instant>,
    ) -> Result<v1::ExtractResponse, CallError> {
        let mut counted = Counted { metrics: self.metrics.clone(), outcome: Outcome::Stopped };
        let result = self.uncounted(article, options, when_busy, deadline).await;
        counted.outcome = match &result {
            Ok(_) => Outcome::Done,
            Err(CallError::Invalid(_) | CallError::NoCandidate) => Outcome::Invalid,
            Err(CallError::Busy(_)) => Outcome::Shed,
            Err(CallError::Cancelled | CallError::Late | CallError::TooSlow) => Outcome::Stopped,
            Err(CallError::NoRules | CallError::Draining | CallError::Crashed | CallError::Misfit(_)) => {
                Outcome::Failed
            }
        };
        if let Ok(response) = &result {
            response.events.iter().for_each(|event| self.metrics.event(&event.category));
        }
        result
    }

    async fn uncounted(
        &self,
        article: Option<v1::Article>,
        options: Option<&v1::ExtractOptions>,
        when_busy: WhenBusy,
        deadline: Option<Instant>,
    ) -> Result<v1::ExtractResponse, CallError> {
        let live = self.rules.chosen(options)?;
        let job = convert::job(article, options, &live, &self.limits).map_err(CallError::Invalid)?;
        let job = Arc::new(job);
        // Candidates that answer have nothing to be compared with.
        let picked = if options.is_some_and(|options| options.candidate) { None } else { self.shadow.pick() };
        let shadowed = picked.map(|picked| (picked, job.clone()));
        let metrics = self.metrics.clone();
        let work = move |cancelled: &dyn Fn() -> bool| {
            let begin = Instant::now();
            let (doc, extraction) = tracing::debug_span!(target: "dateline::work", "rules").in_scope(|| {
                pipeline::extract(&live.ruleset, &job.article, &job.options, cancelled)
                    .map_err(|Stopped::Cancelled| CallError::Cancelled)
            })?;
            metrics.extracted(begin.elapsed());
            let at = Some(live.loaded_at);
            let _span = tracing::debug_span!(target: "dateline::work", "messages").entered();
            Ok(envelope::response(&live.ruleset, at, &job.article, &doc, &extraction, job.encoding)?)
        };
        let response = self.workers.run(when_busy, deadline, work).await?;
        if let Some((picked, job)) = shadowed {
            self.shadow.compare(picked, job, &response);
        }
        Ok(response)
    }
}
