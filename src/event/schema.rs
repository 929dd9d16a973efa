//! The types of events: built-in protos and the protos of packs, in one pool of descriptors.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use prost_reflect::{DescriptorError, DescriptorPool, EnumDescriptor, MessageDescriptor};
use prost_types::FileDescriptorProto;
use protox::file::{ChainFileResolver, DescriptorSetFileResolver, File, FileResolver, GoogleFileResolver};

/// Descriptors of everything under `proto/`, with its imports and comments.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The built-in types, decoded once; empty if they cannot be, which a test would notice.
static BUILT_IN: LazyLock<DescriptorPool> = LazyLock::new(|| DescriptorPool::decode(DESCRIPTORS).unwrap_or_default());

/// Whether the engine itself brings a proto of this name.
pub fn is_built_in(name: &str) -> bool {
    BUILT_IN.get_file_by_name(name).is_some()
}

/// A proto that does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtoProblem {
    /// Name of the file.
    pub file: String,
    pub message: String,
}

/// The pool of all message types.
#[derive(Clone, Debug)]
pub struct EventTypes {
    pool: DescriptorPool,
}

/// Gives the compiler the protos of packs by name.
struct Texts(BTreeMap<String, String>);

impl FileResolver for Texts {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        match self.0.get(name) {
            Some(text) => File::from_source(name, text),
            None => Err(protox::Error::file_not_found(name)),
        }
    }
}

impl EventTypes {
    /// The built-in types together with those of packs, given as proto texts by file name. Packs' protos may import
    /// each other, the built-in ones, and those of `google/protobuf`.
    ///
    /// # Errors
    /// Every proto that does not compile.
    pub fn new(protos: &BTreeMap<String, String>) -> Result<Self, Vec<ProtoProblem>> {
        let fail = |file: &str, message: String| vec![ProtoProblem { file: file.to_owned(), message }];
        let mut pool = BUILT_IN.clone();
        let mut problems = Vec::new();
        for name in protos.keys() {
            let mut resolver = ChainFileResolver::new();
            let built_in = DescriptorSetFileResolver::decode(DESCRIPTORS).map_err(|e| fail("", e.to_string()))?;
            resolver.add(built_in);
            resolver.add(GoogleFileResolver::new());
            resolver.add(Texts(protos.clone()));
            let mut compiler = protox::Compiler::with_file_resolver(resolver);
            compiler.include_imports(true).include_source_info(true);
            if let Err(error) = compiler.open_file(name) {
                problems.push(ProtoProblem { file: name.clone(), message: describe(&error) });
                continue;
            }
            if let Err(error) = pool.decode_file_descriptor_set(&*compiler.encode_file_descriptor_set()) {
                problems.push(ProtoProblem { file: name.clone(), message: error.to_string() });
            }
        }
        if problems.is_empty() { Ok(Self { pool }) } else { Err(problems) }
    }

    /// The same types with those of more files, as descriptors; a file that is there already is passed over.
    ///
    /// # Errors
    /// The files do not fit together.
    pub fn with_files(&self, files: Vec<FileDescriptorProto>) -> Result<Self, DescriptorError> {
        let mut pool = self.pool.clone();
        pool.add_file_descriptor_protos(
            files.into_iter().filter(|file| self.pool.get_file_by_name(file.name()).is_none()),
        )?;
        Ok(Self { pool })
    }

    /// All descriptors.
    pub fn pool(&self) -> &DescriptorPool {
        &self.pool
    }

    /// A message by its full name.
    pub fn message(&self, name: &str) -> Option<MessageDescriptor> {
        self.pool.get_message_by_name(name)
    }

    /// Full names of all messages.
    pub fn message_names(&self) -> Vec<String> {
        self.pool.all_messages().map(|message| message.full_name().to_owned()).collect()
    }

    /// Number of an enum's value, by its short name ("PERSON") or its full one ("ACTOR_KIND_PERSON").
    pub fn enum_value(&self, name: &str, value: &str) -> Option<i32> {
        enum_number(&self.pool.get_enum_by_name(name)?, value)
    }

    /// Short names of an enum's values.
    pub fn enum_values(&self, name: &str) -> Vec<String> {
        let Some(descriptor) = self.pool.get_enum_by_name(name) else { return Vec::new() };
        let prefix = prefix_of(&descriptor);
        descriptor.values().map(|v| v.name().strip_prefix(&prefix).unwrap_or(v.name()).to_owned()).collect()
    }
}

fn describe(error: &protox::Error) -> String {
    let mut out = format!("{error:?}").lines().next().unwrap_or_default().to_owned();
    if out.is_empty() {
        out = error.to_string();
    }
    out
}

/// Number of an enum's value by its short or its full name.
pub(super) fn enum_number(descriptor: &EnumDescriptor, value: &str) -> Option<i32> {
    let full = format!("{}{value}", prefix_of(descriptor));
    let found = descriptor.get_value_by_name(&full).or_else(|| descriptor.get_value_by_name(value))?;
    Some(found.number())
}

/// What the values of an enum begin with by the style guide: `ACTOR_KIND_` for `ActorKind`.
fn prefix_of(descriptor: &EnumDescriptor) -> String {
    let mut out = String::new();
    let mut lower = false;
    for c in descriptor.name().chars() {
        if c.is_uppercase() && lower {
            out.push('_');
        }
        lower = c.is_lowercase() || c.is_ascii_digit();
        out.extend(c.to_uppercase());
    }
    out.push('_');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: &[(&str, &str)]) -> BTreeMap<String, String> {
        list.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn built_in_types_are_there() {
        let types = EventTypes::new(&BTreeMap::new()).unwrap();
        assert!(types.message("dateline.events.v1.WeaponLaunch").is_some());
        assert_eq!(types.enum_value("dateline.v1.ActorKind", "PERSON"), Some(8));
        assert!(types.enum_values("dateline.events.v1.WeaponTestKind").contains(&"NUCLEAR".to_owned()));
    }

    #[test]
    fn a_pack_brings_its_own_message() {
        let proto = r#"syntax = "proto3"; package acme.v1; import "dateline/v1/types.proto";
            message VesselSeizure { repeated dateline.v1.Actor seizer = 1; string vessel = 2; }"#;
        let types = EventTypes::new(&texts(&[("shipping.proto", proto)])).unwrap();
        let message = types.message("acme.v1.VesselSeizure").unwrap();
        assert_eq!(
            message.get_field_by_name("seizer").unwrap().kind().as_message().unwrap().full_name(),
            "dateline.v1.Actor"
        );
    }

    #[test]
    fn a_broken_proto_is_reported_with_its_file() {
        let problems =
            EventTypes::new(&texts(&[("a.proto", "message {"), ("b.proto", "import \"no.proto\";")])).unwrap_err();
        assert_eq!(problems.iter().map(|p| p.file.as_str()).collect::<Vec<_>>(), ["a.proto", "b.proto"]);
    }
}
