//! `dateline new`: the beginnings of packs and rules, which pass `check` and `test` as they are.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use super::Failure;
use crate::rules::{self, source};

/// The verb of a new rule if none is given: one that no shipped rule tells of, so that none of their tests meets the new one.
const VERB: &str = "inspect";

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A pack with an event rule, an event type of its own, and tests.
    Pack {
        /// Folder of the new pack; its name is the id of the pack.
        folder: PathBuf,
        /// Id of its first event: "vessel_inspection".
        #[arg(long, value_name = "ID", default_value = "first_event")]
        event: String,
        /// A verb that tells of it.
        #[arg(long, default_value = VERB)]
        verb: String,
    },
    /// An event rule with tests, in a file of its own.
    Event {
        /// Folder of the pack.
        folder: PathBuf,
        /// Id of the event: "vessel_inspection".
        id: String,
        /// The message that it fills.
        #[arg(long, value_name = "MESSAGE")]
        emits: String,
        /// A verb that tells of it.
        #[arg(long, default_value = VERB)]
        verb: String,
    },
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.what {
        What::Pack { folder, event, verb } => pack(folder, event, verb),
        What::Event { folder, id, emits, verb } => self::event(folder, id, emits, verb),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn pack(folder: &Path, event: &str, verb: &str) -> Result<(), Failure> {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (id, event) = (checked(&name)?, checked(event)?);
    if source::is_empty(folder) || !folder.exists() {
        let message = camel(event);
        let proto = format!("{id}/v1/{event}.proto");
        let manifest = format!(
            "[pack]\nid          = \"{id}\"\nversion     = \"0.1.0\"\nengine      = \">=0.1\"\nlanguage    = \"en\"\n\
             description = \"What the pack is for, in a line.\"\nrequires    = {{ core = \">=1.0\" }}\nproto       = [\"{proto}\"]\n"
        );
        let schema = format!(
            "syntax = \"proto3\";\n\n// What the pack is for.\npackage {id}.v1;\n\nimport \"dateline/v1/types.proto\";\n\n\
             // What happened.\nmessage {message} {{\n  // Who did it.\n  repeated dateline.v1.Actor actor = 1;\n  \
             // To what.\n  string object = 2;\n}}\n"
        );
        write(&folder.join("pack.toml"), &manifest)?;
        write(&folder.join(&proto), &schema)?;
        let rule = rule(event, &format!("{id}.v1.{message}"), verb, Some("actor"), Some("object"));
        write(&folder.join(format!("{event}.toml")), &rule)?;
        anstream::println!("now: dateline check {0} && dateline test {0}", folder.display());
        return Ok(());
    }
    Err(format!("{} is there already and is not empty", folder.display()).into())
}

fn event(folder: &Path, id: &str, emits: &str, verb: &str) -> Result<(), Failure> {
    let id = checked(id)?;
    let (packs, problems) = source::from_folder(folder);
    if let Some(problem) = problems.first() {
        return Err(problem.message.clone().into());
    }
    let loaded = rules::load(&rules::packs_with(packs));
    let Some(ruleset) = &loaded.ruleset else {
        return Err("the pack has errors; mend them first: dateline check".into());
    };
    let types = ruleset.event_types();
    let Some(message) = types.message(emits) else {
        let names = types.message_names();
        let near = rules::diagnostic::suggest(emits, names.iter().map(String::as_str));
        let help = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(format!("there is no message `{emits}`{help}").into());
    };
    let actor = field(&message, |kind| matches!(kind, Kind::Message(own) if own.full_name() == "dateline.v1.Actor"));
    let object = field(&message, |kind| matches!(kind, Kind::String));
    let path = folder.join(format!("{id}.toml"));
    if path.exists() {
        return Err(format!("{} is there already", path.display()).into());
    }
    write(&path, &rule(id, emits, verb, actor.as_deref(), object.as_deref()))
}

fn field(message: &MessageDescriptor, fits: impl Fn(&Kind) -> bool) -> Option<String> {
    message.fields().find(|field: &FieldDescriptor| fits(&field.kind())).map(|field| field.name().to_owned())
}

/// A rule whose tests pass as they stand: who does something to what.
fn rule(id: &str, emits: &str, verb: &str, actor: Option<&str>, object: Option<&str>) -> String {
    let mut slots = Vec::new();
    let mut expect = String::new();
    if let Some(actor) = actor {
        slots.push(format!("{actor} = {{ role = \"agent\", type = \"@Actor\", required = true }}"));
        expect.push_str(&format!("expect.{actor}.country = \"IRN\"\n"));
    }
    if let Some(object) = object {
        slots.push(format!("{object} = {{ role = \"patient\", type = \"noun\" }}"));
        expect.push_str(&format!("expect.{object} = \"the ship\"\n"));
    }
    let text = format!(
        "[lexicon.{id}_verb]\ninflect = \"verb\"\nterms = [\"{verb}\"]\n\n\
         [event.{id}]\nemits = \"{emits}\"\ncategory = \"COERCE\"\nversion = \"0.1.0\"\nstatus = \"experimental\"\n\
         description = \"Who does what to whom.\"\ntrigger.verb = '''${id}_verb'''\n\n[event.{id}.slot]\n{}\n\n\
         [[event.{id}.test]]\nname = \"active voice\"\ntext = \"\"\"Iran will {verb} the ship.\"\"\"\n{expect}expect.status = \"FUTURE\"\n\n\
         [[event.{id}.test]]\nname = \"something else\"\ntext = \"\"\"Iran has a ship.\"\"\"\nrejects = true\n",
        slots.join("\n")
    );
    rules::format::format(&text)
}

/// An id as tables, packages and files can have it.
fn checked(id: &str) -> Result<&str, Failure> {
    let good = id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if good { Ok(id) } else { Err(format!("`{id}` is no id: lower-case letters, digits and `_` make one").into()) }
}

/// `vessel_seizure` as the name of a message.
fn camel(id: &str) -> String {
    id.split('_')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .collect()
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if let Some(above) = path.parent() {
        std::fs::create_dir_all(above)?;
    }
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    anstream::println!("wrote {}", path.display());
    Ok(())
}
