//! What a call can end with, and the one place where it becomes a gRPC status.

use std::collections::HashMap;
use std::time::Duration;

use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use crate::api::v1;
use crate::event::message::MisfitError;

/// The domain of `google.rpc.ErrorInfo`.
const DOMAIN: &str = "dateline";

/// How long a caller that was turned away should wait.
const PUSHBACK: Duration = Duration::from_millis(200);

/// A field of a request that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Violation {
    /// Path of the field: `options.packs[1]`.
    pub field: String,
    /// What is wrong with it, for people.
    pub what: String,
}

impl Violation {
    pub fn new(field: impl Into<String>, what: impl Into<String>) -> Self {
        Self { field: field.into(), what: what.into() }
    }
}

/// Why a call has no result.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum CallError {
    /// The request is wrong; sending it again changes nothing.
    #[error("{}", summary(.0))]
    Invalid(Vec<Violation>),
    /// No rules are live yet.
    #[error("the rules are still being loaded")]
    NoRules,
    /// The service is about to end; another replica can answer.
    #[error("the service is shutting down")]
    Draining,
    /// More calls wait than may wait.
    #[error("too many articles are waiting")]
    Busy,
    /// The caller went away or its deadline passed.
    #[error("the call was cancelled")]
    Cancelled,
    /// The extraction panicked; a fault of the engine.
    #[error("the extraction of this article failed inside")]
    Crashed,
    /// The result does not fit its message; a fault of the engine.
    #[error("the result does not fit its message: {0}")]
    Misfit(#[from] MisfitError),
}

fn summary(violations: &[Violation]) -> String {
    let parts: Vec<String> = violations.iter().map(|v| format!("{}: {}", v.field, v.what)).collect();
    parts.join("; ")
}

impl CallError {
    fn code(&self) -> Code {
        match self {
            Self::Invalid(_) => Code::InvalidArgument,
            Self::NoRules | Self::Draining => Code::Unavailable,
            Self::Busy => Code::ResourceExhausted,
            Self::Cancelled => Code::Cancelled,
            Self::Crashed | Self::Misfit(_) => Code::Internal,
        }
    }

    /// The reason of `google.rpc.ErrorInfo`: stable, for machines.
    fn reason(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "INVALID_REQUEST",
            Self::NoRules => "RULES_NOT_LIVE",
            Self::Draining => "SHUTTING_DOWN",
            Self::Busy => "TOO_MANY_WAITING",
            Self::Cancelled => "CANCELLED",
            Self::Crashed => "EXTRACTION_FAILED",
            Self::Misfit(_) => "RESULT_MISFIT",
        }
    }

    /// The same as an item of a stream.
    pub fn to_item(&self) -> v1::ArticleError {
        let violations = match self {
            Self::Invalid(violations) => violations.as_slice(),
            _ => &[],
        };
        v1::ArticleError {
            code: self.code() as i32,
            message: self.to_string(),
            field_violations: violations
                .iter()
                .map(|v| v1::FieldViolation { field: v.field.clone(), description: v.what.clone() })
                .collect(),
        }
    }
}

impl From<CallError> for Status {
    fn from(error: CallError) -> Self {
        let mut details = ErrorDetails::with_error_info(error.reason(), DOMAIN, HashMap::new());
        let mut metadata = MetadataMap::new();
        match &error {
            CallError::Invalid(violations) => {
                let fields = violations.iter().map(|v| FieldViolation::new(v.field.as_str(), v.what.as_str()));
                details.set_bad_request(fields.collect::<Vec<_>>());
            }
            CallError::Busy => {
                details.set_retry_info(Some(PUSHBACK));
                metadata.insert("grpc-retry-pushback-ms", MetadataValue::from(PUSHBACK.as_millis() as u64));
            }
            CallError::NoRules
            | CallError::Draining
            | CallError::Cancelled
            | CallError::Crashed
            | CallError::Misfit(_) => {}
        }
        Status::with_error_details_and_metadata(error.code(), error.to_string(), details, metadata)
    }
}
