//! The trace that a call belongs to: W3C first, then b3, in one header or in several.

use std::collections::HashMap;

use http::HeaderMap;
use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::propagation::TraceContextPropagator;

/// The caller's span, if it says one that can be read.
pub fn parent(headers: &HeaderMap) -> Option<Context> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(traceparent) = text("traceparent") {
        let mut carrier = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
        if let Some(state) = text("tracestate") {
            carrier.insert("tracestate".to_owned(), state.to_owned());
        }
        let context = TraceContextPropagator::new().extract(&carrier);
        if context.span().span_context().is_valid() {
            return Some(context);
        }
    }
    let own = match text("b3") {
        Some(single) => {
            let mut parts = single.split('-');
            b3(parts.next()?, parts.next()?, parts.next())
        }
        None => {
            let sampled = if text("x-b3-flags") == Some("1") { Some("d") } else { text("x-b3-sampled") };
            b3(text("x-b3-traceid")?, text("x-b3-spanid")?, sampled)
        }
    };
    own.map(|own| Context::new().with_remote_span_context(own))
}

fn b3(trace: &str, span: &str, sampled: Option<&str>) -> Option<SpanContext> {
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !hex(trace) || !hex(span) || !matches!(trace.len(), 16 | 32) || span.len() != 16 {
        return None;
    }
    let flags = match sampled {
        Some("1" | "d" | "true") => TraceFlags::SAMPLED,
        _ => TraceFlags::default(),
    };
    let (trace, span) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?);
    let own = SpanContext::new(trace, span, flags, true, TraceState::default());
    own.is_valid().then_some(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    fn read(headers: &[(&'static str, &str)]) -> Option<(String, String, bool)> {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let context = parent(&headers)?;
        let own = context.span().span_context().clone();
        assert!(own.is_remote());
        Some((own.trace_id().to_string(), own.span_id().to_string(), own.is_sampled()))
    }

    #[test]
    fn w3c_comes_before_b3_and_b3_in_both_shapes() {
        let w3c = format!("00-{TRACE}-{SPAN}-01");
        let single = format!("{TRACE}-b7ad6b7169203331-1");
        let wanted = |span: &str, sampled| Some((TRACE.to_owned(), span.to_owned(), sampled));
        assert_eq!(read(&[("traceparent", &w3c), ("b3", &single)]), wanted(SPAN, true));
        assert_eq!(read(&[("b3", &single)]), wanted("b7ad6b7169203331", true));
        assert_eq!(read(&[("traceparent", "nonsense"), ("b3", &single)]), wanted("b7ad6b7169203331", true));
        let many = [("x-b3-traceid", TRACE), ("x-b3-spanid", SPAN), ("x-b3-sampled", "0")];
        assert_eq!(read(&many), wanted(SPAN, false));
        assert!(read(&[("x-b3-traceid", &TRACE[16..]), many[1], ("x-b3-flags", "1")]).unwrap().2);
    }

    #[test]
    fn what_cannot_be_read_is_no_parent() {
        for wrong in ["0", "d", "00-00-1", "é-b", &format!("{TRACE}-0000000000000000-1"), &format!("{TRACE}-{SPAN}x-1")]
        {
            let headers: HeaderMap =
                [("b3".parse().unwrap(), http::HeaderValue::from_bytes(wrong.as_bytes()).unwrap())]
                    .into_iter()
                    .collect();
            assert!(parent(&headers).is_none(), "{wrong}");
        }
        assert!(read(&[]).is_none());
        assert!(read(&[("x-b3-traceid", TRACE)]).is_none());
    }
}
