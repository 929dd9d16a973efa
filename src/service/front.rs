//! Where a request goes: gRPC to the calls, JSON and protobuf over plain HTTP through [`connect`](super::connect) to the
//! same calls.

use std::sync::Arc;

use http::{Method, Request, Response, StatusCode, Version, header};
use tonic::body::Body;

use super::calls::Calls;
use super::connect::Connect;

/// Answers every request.
#[derive(Clone, Debug)]
pub(super) struct Front(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    calls: Calls,
    connect: Connect,
}

impl Front {
    pub fn new(calls: Calls, connect: Connect) -> Self {
        Self(Arc::new(Inner { calls, connect }))
    }

    /// Answers a request.
    pub async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let own = &self.0;
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        // gRPC ends in trailers, for which it needs HTTP/2.
        let grpc = request.version() == Version::HTTP_2
            && kind
                .strip_prefix("application/grpc")
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['+', ';']));
        match *request.method() {
            Method::POST if grpc => own.calls.call(request).await,
            Method::POST => own.connect.call(&own.calls, request).await,
            Method::OPTIONS => own.connect.preflight(request.headers()),
            _ => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
                response.headers_mut().insert(header::ALLOW, http::HeaderValue::from_static("POST, OPTIONS"));
                response
            }
        }
    }
}
