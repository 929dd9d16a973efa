//! One article of the queue: read, worked on, its events stored, acknowledged; or put with the dead letters.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::{AckKind, Context, Message};
use async_nats::{HeaderMap, HeaderValue};
use bytes::Bytes;
use prost::Message as _;
use prost_reflect::DynamicMessage;

use crate::api::v1;
use crate::config::Nats;
use crate::service::{CallError, Extractor, LiveRules, WhenBusy};

const CONTENT_TYPE: &str = "Content-Type";
const PROTOBUF: &str = "application/protobuf";
const JSON: &str = "application/json";
const MESSAGE_ID: &str = "Nats-Msg-Id";
/// Waits before an article comes again that could not be worked on now.
const AGAIN: Duration = Duration::from_secs(1);

/// What becomes of an article.
#[derive(Debug)]
enum Fate {
    /// Its events are stored.
    Done,
    /// It may work another time, here or elsewhere.
    Again(String),
    /// It will never work.
    Dead { reason: &'static str, what: String },
}

/// How a message is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Codec {
    Json,
    Proto,
}

/// Works on articles.
#[derive(Clone)]
pub(super) struct Desk {
    jetstream: Context,
    settings: Arc<Nats>,
    extractor: Extractor,
    rules: Arc<LiveRules>,
}

impl Desk {
    pub fn new(jetstream: Context, settings: Nats, extractor: Extractor, rules: Arc<LiveRules>) -> Self {
        Self { jetstream, settings: Arc::new(settings), extractor, rules }
    }

    pub fn settings(&self) -> &Nats {
        &self.settings
    }

    /// Works on an article, whatever comes of it.
    pub async fn work_on(&self, message: Message) {
        let fate = {
            let mut work = std::pin::pin!(self.fate(&message));
            let mut beat = tokio::time::interval(self.settings.wait / 3);
            beat.tick().await;
            loop {
                tokio::select! {
                    fate = work.as_mut() => break fate,
                    // Otherwise the queue would give the article to another worker while it waits here for a thread.
                    _ = beat.tick() => {
                        let _ = message.ack_with(AckKind::Progress).await;
                    }
                }
            }
        };
        let settled = match fate {
            Fate::Done => message.double_ack().await,
            Fate::Again(what) => {
                tracing::warn!(what, "an article is left for another try");
                message.ack_with(AckKind::Nak(Some(AGAIN))).await
            }
            Fate::Dead { reason, what } => self.bury(&message, reason, &what).await,
        };
        if let Err(error) = settled {
            // Then it comes again, and its events are dropped as duplicates.
            tracing::warn!(%error, "an article could not be acknowledged");
        }
    }

    async fn fate(&self, message: &Message) -> Fate {
        let attempts = message.info().map_or(1, |info| info.delivered);
        if usize::try_from(attempts).unwrap_or_default() > self.settings.attempts {
            let what = format!("no worker came to an end with it in {} attempts", self.settings.attempts);
            return Fate::Dead { reason: "ATTEMPTS", what };
        }
        let (article, codec) = match self.read(message) {
            Ok(read) => read,
            Err(what) => return Fate::Dead { reason: "MALFORMED", what },
        };
        let result = self.extractor.one(Some(article), None, WhenBusy::Wait, None).await;
        match result {
            Ok(response) => match self.store(&response, codec).await {
                Ok(()) => Fate::Done,
                Err(what) => Fate::Again(what),
            },
            Err(
                error @ (CallError::Invalid(_)
                | CallError::NoCandidate
                | CallError::Crashed
                | CallError::Misfit(_)
                | CallError::TooSlow),
            ) => Fate::Dead { reason: error.reason(), what: error.to_string() },
            Err(
                error @ (CallError::NoRules
                | CallError::Draining
                | CallError::Busy(_)
                | CallError::Cancelled
                | CallError::Late),
            ) => Fate::Again(error.to_string()),
        }
    }

    /// The article of a message: JSON, unless its content type says otherwise.
    fn read(&self, message: &Message) -> Result<(v1::Article, Codec), String> {
        let kind = message.headers.as_ref().and_then(|headers| headers.get(CONTENT_TYPE)).map(HeaderValue::as_str);
        match kind.map(|kind| kind.split(';').next().unwrap_or_default().trim()) {
            Some(PROTOBUF | "application/x-protobuf") => {
                let article = v1::Article::decode(message.payload.clone()).map_err(|error| error.to_string())?;
                Ok((article, Codec::Proto))
            }
            None | Some(JSON) => {
                let descriptor = self.descriptor("dateline.v1.Article").ok_or("no rules are live")?;
                let mut reader = serde_json::Deserializer::from_slice(&message.payload);
                let own = DynamicMessage::deserialize(descriptor, &mut reader).map_err(|error| error.to_string())?;
                reader.end().map_err(|error| error.to_string())?;
                let article = v1::Article::decode(&*own.encode_to_vec()).map_err(|error| error.to_string())?;
                Ok((article, Codec::Json))
            }
            Some(other) => Err(format!("`{other}` cannot be read; send {JSON} or {PROTOBUF}")),
        }
    }

    fn descriptor(&self, name: &str) -> Option<prost_reflect::MessageDescriptor> {
        self.rules.current()?.ruleset.event_types().pool().get_message_by_name(name)
    }

    /// Stores the events of an article and waits until the server says that it has them.
    async fn store(&self, response: &v1::ExtractResponse, codec: Codec) -> Result<(), String> {
        let mut stored = Vec::with_capacity(response.events.len());
        for event in &response.events {
            let (payload, kind) = match codec {
                Codec::Proto => (Bytes::from(event.encode_to_vec()), PROTOBUF),
                Codec::Json => (self.json(event)?, JSON),
            };
            let mut headers = HeaderMap::new();
            insert(&mut headers, CONTENT_TYPE, kind);
            insert(&mut headers, MESSAGE_ID, &event.id);
            insert(&mut headers, "Dateline-Article", &response.article_id);
            insert(&mut headers, "Dateline-Event-Type", &event.event_type);
            let digest = response.ruleset.as_ref().map(|ruleset| ruleset.digest.as_str());
            insert(&mut headers, "Dateline-Ruleset", digest.unwrap_or_default());
            let subject = format!("{}.events.{}", self.settings.prefix, token(&event.category));
            let sent = self.jetstream.publish_with_headers(subject, headers, payload).await;
            stored.push(sent.map_err(|error| error.to_string())?);
        }
        for ack in stored {
            ack.await.map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn json(&self, event: &v1::Event) -> Result<Bytes, String> {
        let descriptor = self.descriptor("dateline.v1.Event").ok_or("no rules are live")?;
        let own = DynamicMessage::decode(descriptor, &*event.encode_to_vec()).map_err(|error| error.to_string())?;
        serde_json::to_vec(&own).map(Bytes::from).map_err(|error| error.to_string())
    }

    /// Puts an article with the dead letters, as it came, and takes it from the queue.
    async fn bury(&self, message: &Message, reason: &'static str, what: &str) -> Result<(), async_nats::Error> {
        tracing::warn!(reason, what, "an article goes to the dead letters");
        let mut headers = message.headers.clone().unwrap_or_default();
        insert(&mut headers, "Dateline-Reason", reason);
        insert(&mut headers, "Dateline-Error", what);
        insert(&mut headers, "Dateline-Subject", message.subject.as_str());
        if let Ok(info) = message.info() {
            insert(&mut headers, MESSAGE_ID, &format!("{}-{}", info.stream, info.stream_sequence));
        }
        let subject = format!("{}.dead.{reason}", self.settings.prefix);
        self.jetstream.publish_with_headers(subject, headers, message.payload.clone()).await?.await?;
        message.double_ack().await
    }
}

/// Sets a header; what a line cannot have is left out.
fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    const MOST: usize = 1024;
    let line: String = value.chars().filter(|c| !c.is_control()).take(MOST).collect();
    if let Ok(value) = line.parse::<HeaderValue>() {
        headers.insert(name, value);
    }
}

/// A word as one token of a subject.
fn token(word: &str) -> String {
    let token: String = word.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if token.is_empty() { "_".to_owned() } else { token }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_subjects_hold_whatever_articles_say() {
        let mut headers = HeaderMap::new();
        insert(&mut headers, "A", "one\r\nB: two\u{0}");
        assert_eq!(headers.get("A").map(HeaderValue::as_str), Some("oneB: two"));
        insert(&mut headers, "C", &"é".repeat(5000));
        assert_eq!(headers.get("C").map(|value| value.as_str().chars().count()), Some(1024));
        assert_eq!((token("ASSAULT"), token("a.b >*"), token("")), ("ASSAULT".into(), "a_b___".into(), "_".into()));
    }
}
