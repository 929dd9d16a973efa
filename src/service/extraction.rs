//! `ExtractionService`: one article, or a stream of them.

use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Request, Response, Status, Streaming};

use super::convert;
use super::errors::CallError;
use super::live::LiveRules;
use super::server::Limits;
use super::work::{WhenBusy, Workers};
use crate::api::v1;
use crate::api::v1::extract_stream_response::Result as Item;
use crate::event::envelope;
use crate::pipeline::{self, Stopped};

/// Results of a stream that wait for a slow reader.
const RESULTS_WAITING: usize = 4;

/// Extracts events.
#[derive(Clone, Debug)]
pub(super) struct Extraction {
    rules: Arc<LiveRules>,
    workers: Workers,
    limits: Limits,
    /// Turns true when the service ends.
    stop: watch::Receiver<bool>,
}

impl Extraction {
    pub fn new(rules: Arc<LiveRules>, workers: Workers, limits: Limits, stop: watch::Receiver<bool>) -> Self {
        Self { rules, workers, limits, stop }
    }

    /// One article, from request to response.
    async fn one(
        &self,
        article: Option<v1::Article>,
        options: Option<&v1::ExtractOptions>,
        when_busy: WhenBusy,
    ) -> Result<v1::ExtractResponse, CallError> {
        let live = self.rules.current().ok_or(CallError::NoRules)?;
        let job = convert::job(article, options, &live.ruleset, &self.limits).map_err(CallError::Invalid)?;
        let work = move |cancelled: &dyn Fn() -> bool| {
            let (doc, extraction) = pipeline::extract(&live.ruleset, &job.article, &job.options, cancelled)
                .map_err(|Stopped::Cancelled| CallError::Cancelled)?;
            let at = Some(live.loaded_at);
            Ok(envelope::response(&live.ruleset, at, &job.article, &doc, &extraction, job.encoding)?)
        };
        self.workers.run(when_busy, work).await
    }

    /// Reads articles and starts on them until there are no more, the reader has gone, or the service ends.
    async fn feed(self, mut requests: Streaming<v1::ExtractStreamRequest>, results: Results) {
        // Articles of one stream that are worked on or wait to be read: what bounds the memory of a stream.
        let places = Arc::new(Semaphore::new(self.limits.stream_articles.max(1)));
        let mut stop = self.stop.clone();
        let mut options: Option<Arc<v1::ExtractOptions>> = None;
        let mut tasks = JoinSet::new();
        let end = loop {
            let place = tokio::select! {
                () = results.closed() => return,
                place = places.clone().acquire_owned() => place,
            };
            let Ok(place) = place else { return };
            let request = tokio::select! {
                () = results.closed() => return,
                _ = stop.wait_for(|stopped| *stopped) => break Some(CallError::Draining.into()),
                request = requests.next() => request,
            };
            let request = match request {
                None => break None,
                Some(Err(status)) => break Some(status),
                Some(Ok(request)) => request,
            };
            if let Some(said) = request.options {
                options = Some(Arc::new(said));
            }
            let (own, wanted, results) = (self.clone(), options.clone(), results.clone());
            tasks.spawn(async move {
                let article_id = request.article.as_ref().map(|article| article.id.clone()).unwrap_or_default();
                let result = match own.one(request.article, wanted.as_deref(), WhenBusy::Wait).await {
                    Ok(response) => Item::Response(response),
                    Err(error) => Item::Error(error.to_item()),
                };
                let _ = results.send(Ok(v1::ExtractStreamResponse { article_id, result: Some(result) })).await;
                drop(place);
            });
            while tasks.try_join_next().is_some() {}
        };
        tokio::select! {
            () = results.closed() => return,
            () = async { while tasks.join_next().await.is_some() {} } => {}
        }
        if let Some(status) = end {
            let _ = results.send(Err(status)).await;
        }
    }
}

type Results = mpsc::Sender<Result<v1::ExtractStreamResponse, Status>>;

#[tonic::async_trait]
impl v1::extraction_service_server::ExtractionService for Extraction {
    async fn extract(&self, request: Request<v1::ExtractRequest>) -> Result<Response<v1::ExtractResponse>, Status> {
        let v1::ExtractRequest { article, options } = request.into_inner();
        Ok(Response::new(self.one(article, options.as_ref(), WhenBusy::Refuse).await?))
    }

    type ExtractStreamStream = Pin<Box<dyn Stream<Item = Result<v1::ExtractStreamResponse, Status>> + Send>>;

    async fn extract_stream(
        &self,
        request: Request<Streaming<v1::ExtractStreamRequest>>,
    ) -> Result<Response<Self::ExtractStreamStream>, Status> {
        let (send, receive) = mpsc::channel(RESULTS_WAITING);
        tokio::spawn(self.clone().feed(request.into_inner(), send));
        Ok(Response::new(Box::pin(ReceiverStream::new(receive))))
    }
}
