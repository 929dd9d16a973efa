//! From records to protobuf messages, through descriptors; no type is known by name here but spans and timestamps.

use std::sync::Arc;

use prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value as Proto};

use super::domain::{Evidence, Record, Value};
use super::schema::{EventTypes, enum_number};
use crate::text::{Document, Offsets};

/// A record that does not fit its message. Rules are checked when they load, so this is a fault of the engine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}.{field}: {what}")]
pub struct MisfitError {
    /// Full name of the message.
    pub message: String,
    pub field: String,
    pub what: String,
}

/// Turns records into messages: knows the types, and how to write places in the text.
#[derive(Debug)]
pub struct Binder<'a> {
    types: &'a EventTypes,
    doc: &'a Document,
    offsets: Offsets<'a>,
}

impl<'a> Binder<'a> {
    /// A binder for one document; `offsets` are in the encoding that the caller asked for.
    pub fn new(types: &'a EventTypes, doc: &'a Document, offsets: Offsets<'a>) -> Self {
        Self { types, doc, offsets }
    }

    /// A record as a message of the type of this name.
    ///
    /// # Errors
    /// There is no such type, or the record does not fit it.
    pub fn message(&self, name: &str, record: &Record) -> Result<DynamicMessage, MisfitError> {
        let descriptor = self.types.message(name).ok_or_else(|| MisfitError {
            message: name.to_owned(),
            field: String::new(),
            what: "there is no such message".to_owned(),
        })?;
        self.fill(descriptor, record)
    }

    /// A record as an encoded message in an `Any`.
    ///
    /// # Errors
    /// There is no such type, or the record does not fit it.
    pub fn any(&self, name: &str, record: &Record) -> Result<prost_types::Any, MisfitError> {
        let message = self.message(name, record)?;
        Ok(prost_types::Any { type_url: format!("type.googleapis.com/{name}"), value: message.encode_to_vec() })
    }

    /// Start, end, words and sentence of a piece of evidence.
    pub fn span(&self, evidence: &Evidence) -> (u32, u32, String, u32) {
        let (start, end) = self.offsets.source(evidence.span);
        let text = self.doc.text().get(evidence.span.range()).unwrap_or_default();
        (start, end, text.to_owned(), evidence.sentence)
    }

    fn fill(&self, descriptor: MessageDescriptor, record: &Record) -> Result<DynamicMessage, MisfitError> {
        let mut message = DynamicMessage::new(descriptor.clone());
        for (name, value) in record.iter() {
            // Attributes of the packs that the message does not show stay inside.
            let Some(field) = descriptor.get_field_by_name(name) else { continue };
            let value = self.value(&field, value).map_err(|what| MisfitError {
                message: descriptor.full_name().to_owned(),
                field: name.to_string(),
                what,
            })?;
            message.set_field(&field, value);
        }
        Ok(message)
    }

    fn value(&self, field: &FieldDescriptor, value: &Value) -> Result<Proto, String> {
        match (field.is_list(), value) {
            (true, Value::List(list)) => {
                Ok(Proto::List(list.iter().map(|item| self.single(field, item)).collect::<Result<_, _>>()?))
            }
            (true, single) => Ok(Proto::List(vec![self.single(field, single)?])),
            (false, Value::List(list)) => match list.first() {
                Some(first) => self.single(field, first),
                None => Err("an empty list".to_owned()),
            },
            (false, single) => self.single(field, single),
        }
    }

    fn single(&self, field: &FieldDescriptor, value: &Value) -> Result<Proto, String> {
        let whole = |n: &Value| match n {
            Value::Integer(n) => Some(*n),
            Value::Float(n) if n.is_finite() => Some(n.round() as i64),
            _ => None,
        };
        let misfit = || format!("{value:?} cannot stand here");
        Ok(match field.kind() {
            Kind::String => match value {
                Value::Text(text) => Proto::String(text.to_string()),
                Value::Integer(n) => Proto::String(n.to_string()),
                _ => return Err(misfit()),
            },
            Kind::Bool => match value {
                Value::Bool(truth) => Proto::Bool(*truth),
                _ => return Err(misfit()),
            },
            Kind::Double | Kind::Float => {
                let number = match value {
                    Value::Integer(n) => *n as f64,
                    Value::Float(n) => *n,
                    _ => return Err(misfit()),
                };
                if field.kind() == Kind::Float { Proto::F32(number as f32) } else { Proto::F64(number) }
            }
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
                Proto::I32(whole(value).and_then(|n| i32::try_from(n).ok()).ok_or_else(misfit)?)
            }
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Proto::I64(whole(value).ok_or_else(misfit)?),
            Kind::Uint32 | Kind::Fixed32 => {
                Proto::U32(whole(value).and_then(|n| u32::try_from(n).ok()).ok_or_else(misfit)?)
            }
            Kind::Uint64 | Kind::Fixed64 => {
                Proto::U64(whole(value).and_then(|n| u64::try_from(n).ok()).ok_or_else(misfit)?)
            }
            Kind::Enum(descriptor) => match value {
                Value::Text(text) => Proto::EnumNumber(enum_number(&descriptor, text).ok_or_else(misfit)?),
                _ => return Err(misfit()),
            },
            Kind::Message(descriptor) => Proto::Message(match value {
                Value::Record(record) => self.fill(descriptor, record).map_err(|error| error.to_string())?,
                Value::Span(evidence) => {
                    self.fill(descriptor, &self.span_record(evidence)).map_err(|e| e.to_string())?
                }
                Value::Instant(at) => {
                    let mut record = Record::new();
                    record.set("seconds", Value::Integer(at.as_second()));
                    record.set("nanos", Value::Integer(i64::from(at.subsec_nanosecond())));
                    self.fill(descriptor, &record).map_err(|error| error.to_string())?
                }
                _ => return Err(misfit()),
            }),
            Kind::Bytes => return Err(misfit()),
        })
    }

    fn span_record(&self, evidence: &Evidence) -> Record {
        let (start, end, text, sentence) = self.span(evidence);
        let mut record = Record::new();
        record.set("start", Value::Integer(i64::from(start)));
        record.set("end", Value::Integer(i64::from(end)));
        record.set("text", Value::Text(Arc::from(text)));
        record.set("sentence", Value::Integer(i64::from(sentence)));
        record
    }
}
