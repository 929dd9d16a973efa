//! The accept loop: how many connections there are, how long a peer may take to say something, how old a connection gets,
//! and how all of them end.
//!
//! The transport's own loop holds silent peers without limit, cuts calls where a connection gets old, and waits for ever
//! for peers that do not go.

use std::convert::Infallible;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep, sleep, sleep_until, timeout_at};

use super::front::Front;
use super::received::received;
use super::tls::Tls;
use crate::config::Connections;
use crate::telemetry::{self, Metrics};

/// Bytes that an HTTP/2 peer has said once it has shaken hands: the preface, and the head of its settings.
const GREETING: usize = 24 + 9;
/// Bytes of the headers of a request.
const HEADERS: u32 = 32 << 10;
/// Bytes that wait in a call for a peer that reads slowly.
const UNREAD: usize = 64 << 10;
/// How long a peer may go on sending over a connection that has ended.
const LINGER: Duration = Duration::from_secs(1);

/// Accepts connections and answers what comes over them.
#[derive(Clone, Debug)]
pub(super) struct Acceptor {
    pub settings: Connections,
    pub tls: Option<Arc<Tls>>,
    pub front: Front,
    pub metrics: Arc<Metrics>,
}

impl Acceptor {
    /// Accepts until `closing`, asks all peers to go then, and returns when they have gone.
    pub async fn serve(self, listener: TcpListener, mut closing: watch::Receiver<bool>) {
        let places = Arc::new(Semaphore::new(self.settings.most));
        let mut connections = JoinSet::new();
        let signal = closing.clone();
        loop {
            let accepted = async {
                // Without a free place peers wait in the system's backlog.
                let place = places.clone().acquire_owned().await;
                (place, listener.accept().await)
            };
            let (place, accepted) = tokio::select! {
                accepted = accepted => accepted,
                _ = closing.wait_for(|closing| *closing) => break,
            };
            match accepted {
                Ok((stream, _)) => {
                    let (own, signal) = (self.clone(), signal.clone());
                    connections.spawn(async move {
                        let open = own.metrics.connects();
                        let reason = own.connection(stream, signal).await;
                        own.metrics.connection_ended(reason);
                        drop((open, place));
                    });
                }
                Err(error) => {
                    // Out of file descriptors, say: others may end meanwhile.
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(Duration::from_millis(50)).await;
                }
            }
            while connections.try_join_next().is_some() {}
        }
        drop(listener);
        while connections.join_next().await.is_some() {}
    }

    /// One connection, to its end; says what ended it.
    async fn connection(&self, stream: TcpStream, closing: watch::Receiver<bool>) -> &'static str {
        let until = Instant::now() + self.settings.handshake;
        let _ = stream.set_nodelay(true);
        match &self.tls {
            None => self.drive(stream, until, closing).await,
            Some(tls) => match timeout_at(until, tls.acceptor().accept(stream)).await {
                Ok(Ok(stream)) => self.drive(stream, until, closing).await,
                Ok(Err(error)) => {
                    tracing::debug!(%error, "a peer did not get through TLS");
                    "tls"
                }
                Err(_) => "handshake",
            },
        }
    }

    async fn drive<I>(&self, stream: I, until: Instant, mut closing: watch::Receiver<bool>) -> &'static str
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let heard = Arc::new(AtomicUsize::new(0));
        let io = TokioIo::new(Heard { io: stream, bytes: heard.clone(), linger: None });
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        let service = service_fn(|request: http::Request<hyper::body::Incoming>| {
            counted.fetch_add(1, Ordering::Relaxed);
            let front = self.front.clone();
            async move { Ok::<_, Infallible>(front.answer(received(request)).await) }
        });
        let server = self.server();
        let mut connection = pin!(server.serve_connection(io, service));
        let mut handshake = pin!(sleep_until(until));
        let mut age = pin!(sleep(self.age()));
        let mut grace = pin!(sleep(Duration::MAX));
        let (mut shaken, mut asked, mut why) = (false, false, "peer");
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(error, "a connection failed");
                        return if why == "peer" { "failed" } else { why };
                    }
                    return why;
                }
                () = handshake.as_mut(), if !shaken => {
                    shaken = true;
                    if heard.load(Ordering::Relaxed) < GREETING && calls.load(Ordering::Relaxed) == 0 {
                        return "handshake";
                    }
                }
                () = age.as_mut(), if !asked => {
                    (asked, why) = (true, "age");
                    connection.as_mut().graceful_shutdown();
                    grace.as_mut().reset(Instant::now() + self.settings.age_grace);
                }
                () = grace.as_mut(), if asked && why == "age" => return "grace",
                _ = closing.wait_for(|closing| *closing), if why != "closing" => {
                    // Who does not go now is cut off at the deadline of the service.
                    (asked, why) = (true, "closing");
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }

    /// Up to a tenth younger than the setting: connections that came together must not go together.
    fn age(&self) -> Duration {
        let Some(age) = self.settings.age else { return Duration::MAX };
        let tenths = (telemetry::random() % 1000) as f64 / 1000.0;
        age.mul_f64(1.0 - 0.1 * tenths)
    }

    fn server(&self) -> auto::Builder<TokioExecutor> {
        let own = &self.settings;
        let mut server = auto::Builder::new(TokioExecutor::new());
        server
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(own.keepalive)
            .keep_alive_timeout(own.keepalive_timeout)
            .max_concurrent_streams(own.streams)
            .max_header_list_size(HEADERS)
            .max_send_buf_size(UNREAD);
        server.http1().timer(TokioTimer::new()).header_read_timeout(own.handshake);
        server
    }
}

/// Counts what a peer has said, and lets it read the end: a socket that is closed while its peer sends is reset, and the
/// peer may lose the answers, and the word which of its calls were taken, that it had not read yet.
struct Heard<I> {
    io: I,
    bytes: Arc<AtomicUsize>,
    /// How long what the peer still sends is thrown away, once nothing more is written to it.
    linger: Option<Pin<Box<Sleep>>>,
}

impl<I: AsyncRead + Unpin> AsyncRead for Heard<I> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let poll = Pin::new(&mut self.io).poll_read(cx, buf);
        self.bytes.fetch_add(buf.filled().len().saturating_sub(before), Ordering::Relaxed);
        poll
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Heard<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let own = self.get_mut();
        if own.linger.is_none() {
            ready!(Pin::new(&mut own.io).poll_shutdown(cx))?;
        }
        let linger = own.linger.get_or_insert_with(|| Box::pin(sleep(LINGER)));
        let mut rest = [0; 4 << 10];
        while linger.as_mut().poll(cx).is_pending() {
            let mut rest = ReadBuf::new(&mut rest);
            let read = ready!(Pin::new(&mut own.io).poll_read(cx, &mut rest));
            if read.is_err() || rest.filled().is_empty() {
                break;
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}
