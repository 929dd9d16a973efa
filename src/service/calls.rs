//! What every gRPC call gets, whatever it asks for: a deadline, a span, a place in the metrics, an error that is complete,
//! and INTERNAL in place of a panic.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::{Frame, SizeHint};
use prost_reflect::DescriptorPool;
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};
use tonic::body::Body;
use tonic::service::Routes;
use tonic::{Code, Status};
use tower_service::Service as _;
use tracing::{Instrument as _, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::deadline::{self, Deadline};
use super::errors::{self, CallError};
use super::extraction::Extraction;
use super::reflection::SERVICES;
use crate::api::v1::extraction_service_server::{ExtractionServiceServer, SERVICE_NAME};
use crate::telemetry::{Metrics, context, names};

/// A method of the service.
#[derive(Clone, Debug)]
struct Method {
    name: Arc<str>,
    /// Whether the caller or the service sends more than one message.
    streaming: bool,
    /// Whether it is one of the extraction, which is called so often that it is not looked for among the others.
    extracts: bool,
}

/// Answers gRPC calls.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    extraction: ExtractionServiceServer<Extraction>,
    routes: Routes,
    metrics: Arc<Metrics>,
    methods: Arc<HashMap<String, Method>>,
    other: Method,
    /// How long a call with one request and one response may take if its caller does not say: one that sends its
    /// request for ever must not stay for ever.
    longest: Duration,
}

impl Calls {
    /// Calls to the extraction and to these routes; `pool` knows their methods.
    pub fn new(
        extraction: ExtractionServiceServer<Extraction>,
        routes: Routes,
        pool: &DescriptorPool,
        metrics: Arc<Metrics>,
        longest: Duration,
    ) -> Self {
        let services = pool.services().filter(|service| SERVICES.contains(&service.full_name()));
        let methods = services.flat_map(|service| {
            let path = service.full_name().to_owned();
            let methods = service.methods().map(|method| {
                let name = format!("{path}/{}", method.name());
                let streaming = method.is_client_streaming() || method.is_server_streaming();
                (format!("/{name}"), Method { name: name.into(), streaming, extracts: path == SERVICE_NAME })
            });
            methods.collect::<Vec<_>>()
        });
        let methods = Arc::new(methods.collect());
        let other = Method { name: names::OTHER.into(), streaming: false, extracts: false };
        Self { extraction, routes: routes.prepare(), metrics, methods, other, longest }
    }

    /// Answers a call.
    pub async fn call(&self, mut request: Request<Body>) -> Response<Body> {
        let method = self.methods.get(request.uri().path()).unwrap_or(&self.other);
        let mut call = Call::begin(self.metrics.clone(), method.name.clone(), request.headers());
        let longest = (!method.streaming).then_some(self.longest);
        let most = [deadline::timeout(request.headers()), longest].into_iter().flatten().min();
        let deadline = most.and_then(|most| Instant::now().checked_add(most));
        if let Some(deadline) = deadline {
            request.extensions_mut().insert(Deadline(deadline));
        }
        let answer = async {
            match method.extracts {
                true => self.extraction.clone().call(request).await,
                false => self.routes.clone().call(request).await,
            }
        };
        let answer = caught(answer).instrument(call.span.clone());
        let answer = match deadline {
            Some(deadline) => timeout_at(deadline, answer).await.map_err(|_| CallError::Late),
            None => Ok(answer.await),
        };
        let answer = answer.and_then(|answer| answer.ok_or(CallError::Crashed));
        let mut response = match answer {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            Err(error) => {
                if matches!(error, CallError::Crashed) {
                    self.metrics.panicked();
                }
                Status::from(error).into_http()
            }
        };
        if response.headers().contains_key("grpc-status") {
            call.ends(errors::complete(response.headers_mut()));
            return response;
        }
        let deadline = deadline.map(|deadline| Box::pin(sleep_until(deadline)));
        response.map(|inner| Body::new(Answer { inner: Some(inner), call, deadline }))
    }
}

/// What a future gives, or nothing if it panics.
async fn caught<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Some),
        Err(_) => Poll::Ready(None),
    })
    .await
}

/// A call that is under way. Dropped before its end it was cancelled: the peer has gone.
struct Call {
    metrics: Arc<Metrics>,
    method: Arc<str>,
    begin: Instant,
    span: Span,
    ended: bool,
}

impl Call {
    fn begin(metrics: Arc<Metrics>, method: Arc<str>, headers: &HeaderMap) -> Self {
        let span = tracing::info_span!(
            target: "dateline::call",
            "call",
            otel.name = &*method,
            otel.kind = "server",
            otel.status_code = tracing::field::Empty,
            "rpc.system.name" = "grpc",
            "rpc.method" = &*method,
            "rpc.response.status_code" = tracing::field::Empty,
        );
        if !span.is_disabled()
            && let Some(parent) = context::parent(headers)
        {
            // Without a collector there is no trace to join.
            let _ = span.set_parent(parent);
        }
        metrics.call_begins();
        Self { metrics, method, begin: Instant::now(), span, ended: false }
    }

    fn ends(&mut self, code: Code) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let (status, time) = (errors::name(code), self.begin.elapsed());
        self.metrics.call_ends(self.method.clone(), status, time);
        self.span.record("rpc.response.status_code", status);
        // Of the rest the caller is the cause, so that the span of the service is no error.
        if matches!(code, Code::Internal | Code::Unknown | Code::Unavailable | Code::DeadlineExceeded | Code::DataLoss)
        {
            self.span.record("otel.status_code", "ERROR");
        }
        let millis = time.as_secs_f64() * 1000.0;
        tracing::debug!(target: "dateline::call", parent: &self.span, status, millis, "call ended");
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.ends(Code::Cancelled);
    }
}

/// The body of a response: looks for the status in its trailers, and ends it where the deadline passes.
struct Answer {
    /// Gone once the call has ended, and with it what works for it.
    inner: Option<Body>,
    call: Call,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl Answer {
    /// Ends the call with an error of our own.
    fn fail(&mut self, error: CallError) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        self.inner = None;
        let status = Status::from(error);
        self.call.ends(status.code());
        let mut trailers = HeaderMap::new();
        // A status of ours has no character that a header cannot have.
        let _ = status.add_header(&mut trailers);
        Poll::Ready(Some(Ok(Frame::trailers(trailers))))
    }
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let own = self.get_mut();
        let Some(inner) = own.inner.as_mut() else { return Poll::Ready(None) };
        if own.deadline.as_mut().is_some_and(|deadline| deadline.as_mut().poll(cx).is_ready()) {
            return own.fail(CallError::Late);
        }
        let _entered = own.call.span.clone().entered();
        match catch_unwind(AssertUnwindSafe(|| Pin::new(inner).poll_frame(cx))) {
            Err(_) => {
                own.call.metrics.panicked();
                own.fail(CallError::Crashed)
            }
            Ok(Poll::Ready(Some(Ok(mut frame)))) => {
                if let Some(trailers) = frame.trailers_mut() {
                    own.call.ends(errors::complete(trailers));
                    own.inner = None;
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Ok(Poll::Ready(Some(Err(status)))) => {
                own.call.ends(status.code());
                own.inner = None;
                Poll::Ready(Some(Err(status)))
            }
            Ok(Poll::Ready(None)) => {
                own.call.ends(Code::Ok);
                own.inner = None;
                Poll::Ready(None)
            }
            Ok(Poll::Pending) => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        // Trailers may come in place of what is left.
        SizeHint::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_caught_wherever_it_comes() {
        assert_eq!(caught(async { 7 }).await, Some(7));
        let later = async {
            tokio::task::yield_now().await;
            if true {
                panic!("a fault");
            }
        };
        assert_eq!(caught(later).await, None);
    }
}
