//! Events as people like to read them on a terminal.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use prost_reflect::{DynamicMessage, Kind, ReflectMessage, Value};

use crate::api::v1;
use crate::event::schema::EventTypes;

const RED: Style = AnsiColor::Red.on_default().bold();
const HEAD: Style = AnsiColor::Cyan.on_default().bold();
const FAINT: Style = Style::new().dimmed();
const MARK: Style = AnsiColor::Yellow.on_default().bold();
const BOLD: Style = Style::new().bold();

/// Says on standard error what went wrong.
pub(super) fn error(message: &str) {
    anstream::eprintln!("{RED}error:{RED:#} {message}");
}

/// "1 error", "2 errors"
pub(super) fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Columns of the terminal, within reason.
fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse::<usize>().ok());
    columns.unwrap_or(100).clamp(48, 120)
}

/// A response as text.
pub(super) fn response(response: &v1::ExtractResponse, types: &EventTypes, body: &str) -> String {
    let mut out = String::new();
    let title = response.document.as_ref().and_then(|d| d.headline.as_ref()).map(|span| span.text.clone());
    let _ = writeln!(out, "{BOLD}{}{BOLD:#}", title.unwrap_or_else(|| response.article_id.clone()));
    if let Some(document) = &response.document {
        let mut facts: Vec<String> = Vec::new();
        facts.extend(document.dateline.as_ref().and_then(|d| d.span.as_ref()).map(|span| span.text.clone()));
        facts.push(plural(document.sentence_count as usize, "sentence"));
        facts.push(plural(response.events.len(), "event"));
        if !document.tags.is_empty() {
            facts.push(document.tags.join(", "));
        }
        let _ = writeln!(out, "{FAINT}{}{FAINT:#}", facts.join("  ·  "));
    }
    for warning in &response.warnings {
        let _ = writeln!(out, "{MARK}warning:{MARK:#} {}", warning.message);
    }
    for (number, event) in response.events.iter().enumerate() {
        let _ = writeln!(out);
        self::event(&mut out, number + 1, event, types, body);
    }
    let _ = writeln!(out);
    out
}

fn event(out: &mut String, number: usize, event: &v1::Event, types: &EventTypes, body: &str) {
    let short = event.event_type.rsplit('.').next().unwrap_or_default();
    let modes = if event.modes.is_empty() { String::new() } else { format!(" / {}", event.modes.join(", ")) };
    let _ = writeln!(out, "{HEAD}{number:>2}  {short}{HEAD:#}  {}{modes}", event.category);
    let actors = |list: &[v1::Actor]| list.iter().map(actor).collect::<Vec<_>>().join("; ");
    line(out, "who", &actors(&event.actors));
    line(out, "whom", &actors(&event.recipients));
    detail(out, event, types);
    line(out, "where", &event.place.as_ref().map(place).unwrap_or_default());
    line(out, "when", &event.time.as_ref().map(time).unwrap_or_default());
    if let Some(assertion) = &event.assertion {
        let status = assertion.status().as_str_name().trim_start_matches("ASSERTION_STATUS_").to_lowercase();
        let certainty = assertion.certainty().as_str_name().trim_start_matches("CERTAINTY_").to_lowercase();
        let certainty = if certainty == "stated" { String::new() } else { format!(", {certainty}") };
        let source = assertion.attributed_to.as_ref().map(|a| format!(", says {}", actor(a))).unwrap_or_default();
        line(out, "how sure", &format!("{status}{certainty}{source}  ({:.2})", event.confidence));
    }
    for (index, evidence) in event.evidence.iter().enumerate() {
        line(out, if index == 0 { "words" } else { "" }, &around(evidence, body));
    }
    if let Some(rule) = &event.rule {
        line(out, "rule", &format!("{}/{} {}", rule.pack, rule.id, rule.version));
    }
}

/// The fields of the typed message; what the envelope shows already is not said twice.
fn detail(out: &mut String, event: &v1::Event, types: &EventTypes) {
    let Some(detail) = &event.detail else { return };
    let Some(descriptor) = types.message(&event.event_type) else { return };
    let Ok(message) = DynamicMessage::decode(descriptor, detail.value.as_slice()) else { return };
    let parties = event.actors.iter().chain(&event.recipients);
    let shown: Vec<&str> = parties.filter_map(|actor| actor.span.as_ref()).map(|span| span.text.as_str()).collect();
    for (field, value) in message.fields() {
        let said = match value {
            Value::List(items) => items.iter().all(|item| words(item).is_some_and(|w| shown.contains(&w.as_str()))),
            _ => false,
        };
        if !said {
            line(out, &field.name().replace('_', " "), &plain(&field.kind(), value));
        }
    }
}

/// A line with its name in the margin, wrapped to the terminal.
fn line(out: &mut String, name: &str, text: &str) {
    const MARGIN: usize = 22;
    if text.is_empty() {
        return;
    }
    let room = width().saturating_sub(MARGIN).max(24);
    for (index, piece) in wrap(text, room).into_iter().enumerate() {
        let name = if index == 0 { name } else { "" };
        let _ = writeln!(out, "    {FAINT}{name:<16}{FAINT:#}  {piece}");
    }
}

/// Words in lines of at most `room` columns; codes for colours count as nothing.
fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    for word in text.split_whitespace() {
        let visible = anstream::adapter::strip_str(word).to_string().chars().count();
        if used > 0 && used + 1 + visible > room {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += visible;
    }
    lines.push(line);
    lines
}

fn actor(actor: &v1::Actor) -> String {
    let name = if actor.name.is_empty() { &actor.text } else { &actor.name };
    let mut facts: Vec<String> = Vec::new();
    if !actor.role.is_empty() {
        facts.push(actor.role.clone());
    }
    if actor.kind() != v1::ActorKind::Unspecified {
        facts.push(actor.kind().as_str_name().trim_start_matches("ACTOR_KIND_").replace('_', " ").to_lowercase());
    }
    if !actor.country.is_empty() {
        facts.push(actor.country.clone());
    }
    if facts.is_empty() { name.clone() } else { format!("{name} ({})", facts.join(", ")) }
}

fn place(place: &v1::Place) -> String {
    let mut out = if place.name.is_empty() { place.text.clone() } else { place.name.clone() };
    if !place.country.is_empty() {
        let _ = write!(out, " ({})", place.country);
    }
    if let Some(point) = &place.point {
        let _ = write!(out, "  {:.2}, {:.2}", point.lat, point.lon);
    }
    out
}

fn time(time: &v1::EventTime) -> String {
    let mut out = match (time.start.as_str(), time.end.as_str()) {
        ("", _) => time.timex.clone(),
        (start, end) if start == end => start.to_owned(),
        (start, end) => format!("{start} to {end}"),
    };
    if !time.text.is_empty() {
        let _ = write!(out, "  \"{}\"", time.text);
    }
    if time.inferred {
        out.push_str("  (year inferred)");
    }
    out
}

/// The words with some of their sentence around them.
fn around(span: &v1::Span, body: &str) -> String {
    const ROOM: usize = 60;
    let (start, end) = (span.start as usize, span.end as usize);
    let Some(own) = body.get(start..end) else { return format!("{MARK}{}{MARK:#}", span.text) };
    let before = body.get(..start).unwrap_or_default();
    let before: Vec<char> = before.chars().rev().take_while(|c| *c != '\n').take(ROOM).collect();
    let before: String = before.into_iter().rev().collect();
    let after: String = body.get(end..).unwrap_or_default().chars().take_while(|c| *c != '\n').take(ROOM).collect();
    let words: Vec<String> = own.split_whitespace().map(|word| format!("{MARK}{word}{MARK:#}")).collect();
    format!("{FAINT}…{FAINT:#}{before}{}{after}{FAINT:#}…{FAINT:#}", words.join(" "))
}

/// The words that a message names by its span.
fn words(value: &Value) -> Option<String> {
    let span = value.as_message()?.get_field_by_name("span")?;
    let text = span.as_message()?.get_field_by_name("text")?;
    text.as_str().map(str::to_owned)
}

/// A value of a typed message in a line.
fn plain(kind: &Kind, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::List(items) => items.iter().map(|item| plain(kind, item)).collect::<Vec<_>>().join("; "),
        Value::Message(message) => of_message(message),
        Value::EnumNumber(number) => enum_name(kind, *number),
        Value::Bool(truth) => truth.to_string(),
        Value::I32(n) => n.to_string(),
        Value::I64(n) => n.to_string(),
        Value::U32(n) => n.to_string(),
        Value::U64(n) => n.to_string(),
        Value::F32(n) => n.to_string(),
        Value::F64(n) => n.to_string(),
        _ => String::new(),
    }
}

/// Name of an enum's value without the name of the enum.
fn enum_name(kind: &Kind, number: i32) -> String {
    let Kind::Enum(descriptor) = kind else { return number.to_string() };
    let Some(value) = descriptor.get_value(number) else { return number.to_string() };
    let words = value.name().to_lowercase();
    let prefix = descriptor.name().chars().filter(char::is_ascii_uppercase).count();
    words.split('_').skip(prefix).collect::<Vec<_>>().join(" ")
}

fn of_message(message: &DynamicMessage) -> String {
    match message.descriptor().full_name() {
        "dateline.v1.Actor" => message.transcode_to::<v1::Actor>().map(|a| actor(&a)).unwrap_or_default(),
        "dateline.v1.Place" => message.transcode_to::<v1::Place>().map(|p| place(&p)).unwrap_or_default(),
        "dateline.v1.EventTime" => message.transcode_to::<v1::EventTime>().map(|t| time(&t)).unwrap_or_default(),
        "dateline.v1.Count" => message
            .transcode_to::<v1::Count>()
            .map(|c| bounds(c.min, c.max, &c.text, c.approximate))
            .unwrap_or_default(),
        "dateline.v1.Quantity" => message
            .transcode_to::<v1::Quantity>()
            .map(|q| format!("{} {}", bounds(q.min, q.max, &q.text, q.approximate), q.unit))
            .unwrap_or_default(),
        _ => {
            let fields = message.fields().filter(|(field, _)| field.name() != "span");
            let parts: Vec<String> = fields
                .map(|(field, value)| match field.name() {
                    "text" => plain(&field.kind(), value),
                    name => format!("{} {}", name.replace('_', " "), plain(&field.kind(), value)),
                })
                .collect();
            parts.join(", ")
        }
    }
}

fn bounds<N: PartialEq + std::fmt::Display>(min: Option<N>, max: Option<N>, text: &str, approximate: bool) -> String {
    let about = if approximate { "about " } else { "" };
    let number = match (min, max) {
        (Some(min), Some(max)) if min == max => format!("{about}{min}"),
        (Some(min), Some(max)) => format!("{about}{min} to {max}"),
        (Some(min), None) => format!("{about}{min} or more"),
        (None, Some(max)) => format!("{about}up to {max}"),
        (None, None) => String::new(),
    };
    if text.is_empty() || text == number { number } else { format!("{number} \"{text}\"") }
}
