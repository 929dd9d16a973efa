//! JSON (and protobuf) over plain HTTP, by the unary part of the Connect protocol, so that `curl`, a browser and Connect
//! clients can call what gRPC clients call. A request becomes a gRPC call within the process and takes its way: the same
//! limits, deadlines, errors and metrics hold. <https://connectrpc.com/docs/protocol>

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::{BufMut as _, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, MethodDescriptor};
use serde_json::json;
use tonic::body::Body;
use tonic::{Code, Status};
use tonic_types::pb;

use super::calls::Calls;
use super::errors::{self, CallError, Violation};
use super::reflection::{Reflection, SERVICES};

/// Headers of a request that say something about its body or its connection and not about the call.
const OF_THE_BODY: [header::HeaderName; 8] = [
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::CONTENT_ENCODING,
    header::TRANSFER_ENCODING,
    header::ACCEPT_ENCODING,
    header::CONNECTION,
    header::HOST,
    header::EXPECT,
];

/// Turns HTTP requests into calls.
#[derive(Clone, Debug)]
pub(super) struct Connect {
    types: Reflection,
    /// Bytes of a request at most.
    limit: usize,
    /// How long a request may take to arrive.
    patience: Duration,
    origins: Vec<String>,
}

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Codec {
    Json,
    Proto,
}

impl Connect {
    pub fn new(types: Reflection, limit: usize, patience: Duration, origins: Vec<String>) -> Self {
        Self { types, limit, patience, origins }
    }

    /// Answers a request.
    pub async fn call(&self, calls: &Calls, request: Request<Body>) -> Response<Body> {
        let origin = request.headers().get(header::ORIGIN).cloned();
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let codec = match kind.split(';').next().unwrap_or_default().trim() {
            "application/json" => Some(Codec::Json),
            "application/proto" => Some(Codec::Proto),
            _ => None,
        };
        let mut response = match codec {
            Some(codec) => match self.answer(calls, request, codec).await {
                Ok(body) => written(StatusCode::OK, codec, body),
                Err(status) => failure(status),
            },
            None => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
                let accepted = HeaderValue::from_static("application/json, application/proto, application/grpc");
                response.headers_mut().insert("accept-post", accepted);
                response
            }
        };
        self.allow(origin.as_ref(), response.headers_mut());
        response
    }

    /// What a browser asks before it calls.
    pub fn preflight(&self, asked: &HeaderMap) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        if self.allow(asked.get(header::ORIGIN), headers) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
            let allowed = "content-type, connect-protocol-version, connect-timeout-ms, traceparent, tracestate, b3";
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(allowed));
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
        }
        response
    }

    /// Tells a browser that pages of this origin may call, where they may.
    fn allow(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) -> bool {
        let Some(origin) = origin else { return false };
        let allowed = self.origins.iter().any(|own| own == "*" || own.as_bytes() == origin.as_bytes());
        if allowed {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(header::VARY, HeaderValue::from_static("origin"));
        }
        allowed
    }

    async fn answer(&self, calls: &Calls, request: Request<Body>, codec: Codec) -> Result<Bytes, Status> {
        let pool = self.types.pool();
        let (head, body) = request.into_parts();
        let path = head.uri.path().to_owned();
        let method =
            method(&pool, &path).ok_or_else(|| Status::unimplemented(format!("there is no method `{path}`")))?;
        if head.headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
            return Err(Status::unimplemented("the body must not be compressed"));
        }
        let received = tokio::time::timeout(self.patience, Limited::new(body, self.limit).collect()).await;
        let body = match received.map_err(|_| CallError::Late)? {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                return Err(Status::out_of_range(format!("the request has more than {} bytes", self.limit)));
            }
            Err(_) => return Err(CallError::Cancelled.into()),
        };
        let message = match codec {
            Codec::Proto => body,
            Codec::Json => from_json(method.input(), &body)?,
        };
        let mut call = Request::post(path.as_str())
            .version(http::Version::HTTP_2)
            .body(Body::new(Full::new(framed(&message))))
            .unwrap_or_default();
        *call.headers_mut() = head.headers;
        let headers = call.headers_mut();
        OF_THE_BODY.iter().for_each(|name| {
            headers.remove(name);
        });
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
        headers.remove("grpc-encoding");
        headers.remove("grpc-accept-encoding");
        if let Some(millis) = headers.remove("connect-timeout-ms") {
            let digits = millis.to_str().ok().filter(|digits| digits.len() <= 8);
            if let Some(timeout) = digits.and_then(|digits| HeaderValue::from_str(&format!("{digits}m")).ok()) {
                headers.insert("grpc-timeout", timeout);
            }
        }
        let message = one_message(calls.call(call).await).await?;
        match codec {
            Codec::Proto => Ok(message),
            Codec::Json => to_json(&method.output(), &message).or_else(|status| {
                // A candidate that answers may have types that are not live.
                let candidate = self.types.candidate_pool().and_then(|pool| self::method(&pool, &path));
                candidate.map_or(Err(status), |method| to_json(&method.output(), &message))
            }),
        }
    }
}

/// The method of a path, where it is one of ours with one request and one response.
fn method(pool: &DescriptorPool, path: &str) -> Option<MethodDescriptor> {
    let (service, name) = path.strip_prefix('/')?.split_once('/')?;
    let service = pool.get_service_by_name(service).filter(|service| SERVICES.contains(&service.full_name()))?;
    let method = service.methods().find(|method| method.name() == name)?;
    (!method.is_client_streaming() && !method.is_server_streaming()).then_some(method)
}

fn from_json(descriptor: MessageDescriptor, body: &[u8]) -> Result<Bytes, Status> {
    let wrong = |what: String| Status::from(CallError::Invalid(vec![Violation::new("request", what)]));
    let mut reader = serde_json::Deserializer::from_slice(body);
    let message = DynamicMessage::deserialize(descriptor, &mut reader).map_err(|error| wrong(error.to_string()))?;
    reader.end().map_err(|error| wrong(error.to_string()))?;
    Ok(message.encode_to_vec().into())
}

fn to_json(descriptor: &MessageDescriptor, message: &Bytes) -> Result<Bytes, Status> {
    let broken = |error: String| Status::internal(format!("the response cannot be written as JSON: {error}"));
    let message = DynamicMessage::decode(descriptor.clone(), message.clone()).map_err(|e| broken(e.to_string()))?;
    serde_json::to_vec(&message).map(Bytes::from).map_err(|error| broken(error.to_string()))
}

/// A message as gRPC sends it: not compressed, with its length.
fn framed(message: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(message.len() + 5);
    out.put_u8(0);
    out.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    out.extend_from_slice(message);
    out.freeze()
}

/// The message of a response, or its error.
async fn one_message(response: Response<Body>) -> Result<Bytes, Status> {
    let of = |headers: &HeaderMap| match Status::from_header_map(headers) {
        Some(status) if status.code() != Code::Ok => Err(status),
        _ => Ok(()),
    };
    of(response.headers())?;
    let body = response.into_body().collect().await?;
    if let Some(trailers) = body.trailers() {
        of(trailers)?;
    }
    let mut bytes = body.to_bytes();
    if bytes.len() < 5 {
        return Err(Status::internal("the response is empty"));
    }
    Ok(bytes.split_off(5))
}

fn written(status: StatusCode, codec: Codec, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::new(Full::new(body)));
    *response.status_mut() = status;
    let kind = match codec {
        Codec::Json => "application/json",
        Codec::Proto => "application/proto",
    };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// An error as Connect writes it: always JSON, with the code in words and the details encoded.
fn failure(status: Status) -> Response<Body> {
    let status = errors::completed(status);
    let details = pb::Status::decode(status.details()).map(|own| own.details).unwrap_or_default();
    let details: Vec<_> = details
        .iter()
        .map(|detail| {
            let kind = detail.type_url.rsplit('/').next().unwrap_or_default();
            json!({ "type": kind, "value": STANDARD_NO_PAD.encode(&detail.value) })
        })
        .collect();
    let code = errors::name(status.code()).to_ascii_lowercase().replace("cancelled", "canceled");
    let mut error = json!({ "code": code, "message": status.message() });
    if let (Some(error), false) = (error.as_object_mut(), details.is_empty()) {
        error.insert("details".to_owned(), details.into());
    }
    let mut response = written(http_status(status.code()), Codec::Json, error.to_string().into());
    if let Some(wait) =
        status.metadata().get("grpc-retry-pushback-ms").and_then(|wait| wait.to_str().ok()?.parse().ok())
    {
        // HTTP counts in seconds.
        let wait: i64 = wait;
        if wait >= 0 {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from((wait + 999) / 1000));
        }
    }
    response
}

fn http_status(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        Code::Cancelled => StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST),
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::Unknown | Code::Internal | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
