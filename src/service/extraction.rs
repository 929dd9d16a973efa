//! `ExtractionService`: one article, or a stream of them.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use prost::Message as _;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Request, Response, Status, Streaming};
use tracing::Instrument as _;

use super::deadline::Deadline;
use super::errors::CallError;
use super::extractor::Extractor;
use super::work::WhenBusy;
use crate::api::v1;
use crate::api::v1::extract_stream_response::Result as Item;
use crate::telemetry::Metrics;

/// Results of a stream that wait for a slow reader.
const RESULTS_WAITING: usize = 4;

/// Bytes of an answer from which it is compressed for a caller that takes it so. What a usual article gives would cost
/// more time on cores than all else that the service adds, to save a packet or two.
const WORTH_COMPRESSING: usize = 64 << 10;

/// Extracts events.
#[derive(Clone, Debug)]
pub(super) struct Extraction {
    extractor: Extractor,
    /// Articles of one stream that are worked on, or wait to be read, at once.
    stream_articles: usize,
    /// Turns true when the service ends.
    stop: watch::Receiver<bool>,
    metrics: Arc<Metrics>,
}

impl Extraction {
    pub fn new(
        extractor: Extractor,
        stream_articles: usize,
        stop: watch::Receiver<bool>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self { extractor, stream_articles, stop, metrics }
    }

    /// Reads articles and starts on them until there are no more, the reader has gone, or the service ends.
    async fn feed(
        self,
        mut requests: Streaming<v1::ExtractStreamRequest>,
        deadline: Option<Instant>,
        results: Results,
    ) {
        // Articles of one stream that are worked on or wait to be read: what bounds the memory of a stream.
        let places = Arc::new(Semaphore::new(self.stream_articles.max(1)));
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
                let result = match own.extractor.one(request.article, wanted.as_deref(), WhenBusy::Wait, deadline).await
                {
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
        let deadline = deadline(&request);
        let v1::ExtractRequest { article, options } = request.into_inner();
        let response = self.extractor.one(article, options.as_ref(), WhenBusy::Refuse, deadline).await?;
        let small = response.encoded_len() < WORTH_COMPRESSING;
        let mut response = Response::new(response);
        if small {
            response.disable_compression();
        }
        Ok(response)
    }

    type ExtractStreamStream = Pin<Box<dyn Stream<Item = Result<v1::ExtractStreamResponse, Status>> + Send>>;

    async fn extract_stream(
        &self,
        request: Request<Streaming<v1::ExtractStreamRequest>>,
    ) -> Result<Response<Self::ExtractStreamStream>, Status> {
        let deadline = deadline(&request);
        let (send, receive) = mpsc::channel(RESULTS_WAITING);
        let feed = tokio::spawn(self.clone().feed(request.into_inner(), deadline, send).in_current_span());
        let metrics = self.metrics.clone();
        // A feed that panicked must not look like one that came to its end.
        let end = tokio_stream::once(feed).then(move |feed| {
            let metrics = metrics.clone();
            async move {
                feed.await.err().filter(JoinError::is_panic).map(|_| {
                    metrics.panicked();
                    Err(CallError::Crashed.into())
                })
            }
        });
        let end = end.filter_map(|failed| failed);
        Ok(Response::new(Box::pin(ReceiverStream::new(receive).chain(end))))
    }
}

fn deadline<T>(request: &Request<T>) -> Option<Instant> {
    request.extensions().get::<Deadline>().map(|deadline| deadline.0.into_std())
}
