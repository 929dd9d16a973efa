//! The bodies of requests, as they arrive: what a peer took back is not what it has ended.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Version};
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use tonic::body::Body;

/// The body of a request over HTTP/2 that never ends once its stream is broken: taken back by the peer, or gone with its
/// connection.
///
/// What is above it takes a stream that was reset with CANCEL for one that was sent whole, and the call would fail for
/// want of its message, as if the service were to blame. Nobody can be answered over a broken stream; the transport
/// drops its call as soon as the call waits for something, and that is what it does here.
struct Received(Incoming);

/// The request with a body that tells its end from its being taken back.
pub(super) fn received(request: Request<Incoming>) -> Request<Body> {
    // Over HTTP/1 nothing can be taken back but the connection.
    match request.version() == Version::HTTP_2 && !request.body().is_end_stream() {
        true => request.map(|body| Body::new(Received(body))),
        false => request.map(Body::new),
    }
}

impl http_body::Body for Received {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        match Pin::new(&mut self.get_mut().0).poll_frame(cx) {
            Poll::Ready(Some(Err(_))) => Poll::Pending,
            poll => poll,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
