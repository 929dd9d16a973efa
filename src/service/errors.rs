//! What a call can end with, and the one place where it becomes a gRPC status.

use std::collections::HashMap;
use std::time::Duration;

use http::HeaderMap;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use crate::api::v1;
use crate::event::message::MisfitError;

/// The domain of `google.rpc.ErrorInfo`.
const DOMAIN: &str = "dateline";

/// The header with which a caller is told when to try again; negative is never.
const PUSHBACK: &str = "grpc-retry-pushback-ms";

/// A field of a request that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
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
pub(crate) enum CallError {
    /// The request is wrong; sending it again changes nothing.
    #[error("{}", summary(.0))]
    Invalid(Vec<Violation>),
    /// No rules are live yet.
    #[error("the rules are still being loaded")]
    NoRules,
    /// The caller asked for candidate rules where there are none.
    #[error("there are no candidate rules")]
    NoCandidate,
    /// The service is about to end; another replica can answer.
    #[error("the service is shutting down")]
    Draining,
    /// More calls wait than may wait; after this time there may be room.
    #[error("too many articles are waiting")]
    Busy(Duration),
    /// The caller went away.
    #[error("the call was cancelled")]
    Cancelled,
    /// The deadline of the caller passed.
    #[error("the deadline of the call has passed")]
    Late,
    /// The article took longer than any may.
    #[error("the article took longer than an article may")]
    TooSlow,
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
            Self::NoCandidate => Code::FailedPrecondition,
            Self::Busy(_) => Code::ResourceExhausted,
            Self::Cancelled => Code::Cancelled,
            Self::Late | Self::TooSlow => Code::DeadlineExceeded,
            Self::Crashed | Self::Misfit(_) => Code::Internal,
        }
    }

    /// The reason of `google.rpc.ErrorInfo`: stable, for machines.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "INVALID_REQUEST",
            Self::NoRules => "RULES_NOT_LIVE",
            Self::NoCandidate => "NO_CANDIDATE_RULES",
            Self::Draining => "SHUTTING_DOWN",
            Self::Busy(_) => "TOO_MANY_WAITING",
            Self::Cancelled => "CANCELLED",
            Self::Late => "DEADLINE_PASSED",
            Self::TooSlow => "ARTICLE_TOO_SLOW",
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
            CallError::Busy(wait) => {
                details.set_retry_info(Some(*wait));
                let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
                metadata.insert(PUSHBACK, MetadataValue::from(millis));
            }
            // Again it would be as slow.
            CallError::TooSlow => {
                metadata.insert(PUSHBACK, MetadataValue::from(-1));
            }
            CallError::NoRules
            | CallError::NoCandidate
            | CallError::Draining
            | CallError::Cancelled
            | CallError::Late
            | CallError::Crashed
            | CallError::Misfit(_) => {}
        }
        Status::with_error_details_and_metadata(error.code(), error.to_string(), details, metadata)
    }
}

/// Completes a status that did not come from a [`CallError`] but from the transport: a method that does not exist, a
/// message that is too large or cannot be decoded.
pub(super) fn completed(status: Status) -> Status {
    if status.code() == Code::Ok || !status.details().is_empty() {
        return status;
    }
    // What is too large has one code, whether it was compressed or not: of the two that the transport has for it, callers
    // take one for a full queue, and would send the message again.
    let code = if status.code() == Code::ResourceExhausted { Code::OutOfRange } else { status.code() };
    let reason = match code {
        Code::Unimplemented => "NOT_IMPLEMENTED",
        Code::OutOfRange => "MESSAGE_TOO_LARGE",
        Code::Internal => "MESSAGE_MALFORMED",
        Code::Cancelled => "CANCELLED",
        Code::NotFound => "NOT_FOUND",
        Code::InvalidArgument => "INVALID_REQUEST",
        Code::DeadlineExceeded => "DEADLINE_PASSED",
        _ => "TRANSPORT",
    };
    let details = ErrorDetails::with_error_info(reason, DOMAIN, HashMap::new());
    Status::with_error_details(code, status.message(), details)
}

/// The same for the headers, or trailers, that carry a status. Returns its code.
pub(super) fn complete(headers: &mut HeaderMap) -> Code {
    let code = headers.get("grpc-status").map_or(Code::Ok, |value| Code::from_bytes(value.as_bytes()));
    if code == Code::Ok || headers.contains_key("grpc-status-details-bin") {
        return code;
    }
    let Some(status) = Status::from_header_map(headers) else { return code };
    let status = completed(status);
    // Where it cannot be added the status stays as it was.
    if status.add_header(headers).is_ok() { status.code() } else { code }
}

/// The name of a code, as the protocol has it: `DEADLINE_EXCEEDED`.
pub(super) fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_the_service_have_the_codes_of_the_table() {
        let misfit = MisfitError { message: "M".to_owned(), field: "f".to_owned(), what: "no".to_owned() };
        for (error, code, reason) in [
            (CallError::Crashed, Code::Internal, "EXTRACTION_FAILED"),
            (CallError::Misfit(misfit), Code::Internal, "RESULT_MISFIT"),
            (CallError::Cancelled, Code::Cancelled, "CANCELLED"),
            (CallError::Late, Code::DeadlineExceeded, "DEADLINE_PASSED"),
        ] {
            let status = Status::from(error);
            let info = status.get_error_details().error_info().map(|info| info.reason.clone());
            assert_eq!((status.code(), info.as_deref()), (code, Some(reason)));
        }
    }

    #[test]
    fn what_the_transport_says_is_completed_and_what_we_say_stays() {
        let carried = |status: Status| {
            let mut headers = HeaderMap::new();
            status.add_header(&mut headers).unwrap();
            let code = complete(&mut headers);
            let status = Status::from_header_map(&headers).unwrap();
            assert_eq!(status.code(), code);
            (code, status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default())
        };
        let large = (Code::OutOfRange, "MESSAGE_TOO_LARGE".to_owned());
        assert_eq!(carried(Status::out_of_range("too large")), large);
        assert_eq!(carried(Status::resource_exhausted("too large once decompressed")), large);
        let busy = CallError::Busy(Duration::from_millis(100));
        assert_eq!(carried(busy.into()), (Code::ResourceExhausted, "TOO_MANY_WAITING".to_owned()));
        assert_eq!(carried(Status::unknown("?")), (Code::Unknown, "TRANSPORT".to_owned()));
        assert_eq!(complete(&mut HeaderMap::new()), Code::Ok);
    }
}
