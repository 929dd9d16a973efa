//! Rule packs: read, checked, compiled, tested.
//!
//! [`load`] takes the files of packs to a [`Ruleset`], or says all that is wrong with them. What happens once, when
//! rules load, is here; what happens for each article is in [`crate::pipeline`].

mod beginnings;
mod compile;
pub mod diagnostic;
pub mod format;
mod inflect;
pub(crate) mod lexicon;
pub mod pattern;
pub(crate) mod program;
mod read;
pub(crate) mod ruleset;
pub mod schema;
pub mod source;
pub mod syntax;
pub(crate) mod vocabulary;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use self::diagnostic::{Code, Diagnostic, Level, Policy, Sources};
use self::source::PackFiles;
use self::syntax::{Name, PackSource, Place, Status};
use crate::event::schema::{EventTypes, ProtoProblem};
use crate::relations::{ModelError, RelationModel};

pub use self::ruleset::{PackInfo, RuleInfo, Ruleset};

/// What became of packs that were loaded.
#[derive(Debug)]
pub struct Loaded {
    /// The rules, if there was no error.
    pub ruleset: Option<Ruleset>,
    /// All that is wrong, in the order of the files.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that diagnostics point into.
    pub sources: Sources,
    /// What packs say about their warnings; for those of a run of the tests.
    pub policy: Policy,
    /// SHA-256 of all files, in hexadecimal.
    pub digest: String,
}

impl Loaded {
    /// Whether the rules cannot go live.
    pub fn failed(&self) -> bool {
        self.ruleset.is_none()
    }
}

/// The model of the relation layer that the binary carries.
///
/// # Errors
/// The model was damaged when the binary was made.
pub fn relation_model() -> Result<Arc<RelationModel>, ModelError> {
    static MODEL: OnceLock<Arc<RelationModel>> = OnceLock::new();
    if let Some(model) = MODEL.get() {
        return Ok(model.clone());
    }
    let model = Arc::new(RelationModel::from_bytes(include_bytes!("../../data/english.relations.bin"))?);
    Ok(MODEL.get_or_init(|| model).clone())
}

/// Reads, checks and compiles packs. The tests under the rules are not run here: see
/// [`run_tests`](crate::testing::run_tests).
pub fn load(packs: &[PackFiles]) -> Loaded {
    load_for(packs, false)
}

/// The same; with `coverage` the rules tell which alternatives of their patterns matched, at a small cost.
pub fn load_for(packs: &[PackFiles], coverage: bool) -> Loaded {
    let digest = source::digest(packs);
    let mut sources = Sources::default();
    let mut diagnostics = Vec::new();
    let read = read::read_packs(packs, &mut sources, &mut diagnostics);
    let mut ruleset = None;
    match (event_types(&read, &sources), relation_model()) {
        (Err(problems), _) => diagnostics.extend(problems),
        (_, Err(error)) => diagnostics.push(Diagnostic::new(Code::Unreadable, Level::Error, error.to_string())),
        (Ok(types), Ok(model)) => {
            let infos = packs.iter().zip(&read).filter_map(|(files, pack)| pack_info(files, pack)).collect();
            let rules = rule_infos(&read, &sources);
            let (compiled, problems) = compile::compile(&read, infos, rules, digest.clone(), types, model, coverage);
            diagnostics.extend(problems);
            ruleset = compiled;
        }
    }
    let errors = |diagnostics: &[Diagnostic]| diagnostics.iter().any(|d| d.level == Level::Error);
    if read.iter().all(|pack| pack.events.is_empty()) && !errors(&diagnostics) {
        diagnostics.push(Diagnostic::new(Code::ZeroRules, Level::Error, "no pack has an event rule".into()));
    }
    let mut policy = Policy::default();
    for pack in read {
        policy.add(pack.files, pack.levels, pack.allows);
    }
    if errors(&diagnostics) {
        // What is not used yet may be used once the errors are mended.
        diagnostics.retain(|problem| !matches!(problem.code, Code::UnusedLexicon | Code::UnusedType));
    }
    policy.apply(&mut diagnostics, false);
    diagnostics.sort_by(Diagnostic::by_place);
    if diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error) {
        ruleset = None;
    }
    Loaded { ruleset, diagnostics, sources, policy, digest }
}

/// The packs of the binary, with those of folders beside them or in their place: a pack with the id of an embedded one
/// replaces it.
pub fn packs_with(extra: Vec<PackFiles>) -> Vec<PackFiles> {
    packs_over(source::embedded(), extra)
}

/// Packs with others beside them or in their place, by id.
pub fn packs_over(mut packs: Vec<PackFiles>, extra: Vec<PackFiles>) -> Vec<PackFiles> {
    for pack in extra {
        let id = pack_id(&pack);
        packs.retain(|old| pack_id(old) != id);
        packs.push(pack);
    }
    packs
}

/// The id in a pack's manifest; its folder's name if it has none.
pub(crate) fn pack_id(pack: &PackFiles) -> String {
    let manifest = pack.files.get("pack.toml").map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    manifest
        .and_then(|text| text.parse::<toml::Table>().ok())
        .and_then(|table| Some(table.get("pack")?.get("id")?.as_str()?.to_owned()))
        .unwrap_or_else(|| pack.name.clone())
}

fn event_types(packs: &[PackSource], sources: &Sources) -> Result<EventTypes, Vec<Diagnostic>> {
    let mut texts = BTreeMap::new();
    let mut files = BTreeMap::new();
    for (name, id) in packs.iter().flat_map(|pack| &pack.protos) {
        texts.insert(name.clone(), sources.file(*id).1.to_owned());
        files.insert(name.clone(), *id);
    }
    EventTypes::new(&texts).map_err(|problems| {
        let problem = |problem: ProtoProblem| {
            let file = files.get(&problem.file).copied().unwrap_or_default();
            let (bytes, message) = proto_place(sources.file(file).1, &problem);
            Diagnostic::error(Code::Proto, Place { file, bytes }, message)
        };
        problems.into_iter().map(problem).collect()
    })
}

/// The compiler of protos says `file:line:column: what`.
fn proto_place(text: &str, problem: &ProtoProblem) -> (Range<usize>, String) {
    let rest = problem.message.strip_prefix(&problem.file).and_then(|rest| rest.strip_prefix(':'));
    let mut parts = rest.unwrap_or_default().splitn(3, ':');
    let mut number = || parts.next().and_then(|part| part.parse::<usize>().ok());
    let (Some(line), Some(column)) = (number(), number()) else { return (0..1, problem.message.clone()) };
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let start = before + column.saturating_sub(1);
    let word = text.get(start..).and_then(|rest| rest.find(|c: char| c.is_whitespace() || c == ';')).unwrap_or(1);
    (start..start + word.max(1), parts.next().unwrap_or_default().trim().to_owned())
}

fn pack_info(files: &PackFiles, pack: &PackSource) -> Option<PackInfo> {
    let manifest = pack.manifest.as_ref()?;
    Some(PackInfo {
        id: manifest.id.value.clone(),
        version: manifest.version.value.to_string(),
        description: manifest.description.clone(),
        digest: files.digest(),
    })
}

fn rule_infos(packs: &[PackSource], sources: &Sources) -> Vec<RuleInfo> {
    let mut out = Vec::new();
    for pack in packs {
        let pack_id = pack.manifest.as_ref().map_or("", |manifest| manifest.id.value.as_str());
        let mut add = |kind: &'static str, id: &Name, description: &str| {
            let (file, line, _) = sources.locate(&id.at);
            out.push(RuleInfo {
                id: id.value.clone(),
                kind,
                pack: pack_id.to_owned(),
                version: String::new(),
                status: "",
                description: description.to_owned(),
                category: String::new(),
                emits: String::new(),
                file,
                line,
            });
        };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        pack.lexicons.iter().for_each(|t| add("lexicon", &t.id, &text(&t.description)));
        pack.entities.iter().for_each(|t| add("entity", &t.id, &text(&t.description)));
        pack.times.iter().for_each(|t| add("time", &t.id, &text(&t.description)));
        pack.quantities.iter().for_each(|t| add("quantity", &t.id, &text(&t.description)));
        pack.enrichments.iter().for_each(|t| add("enrich", &t.id, &text(&t.description)));
        pack.links.iter().for_each(|t| add("link", &t.id, &text(&t.description)));
        pack.merges.iter().for_each(|t| add("merge", &t.id, &text(&t.description)));
        pack.recasts.iter().for_each(|t| add("recast", &t.id, &text(&t.description)));
        pack.references.iter().for_each(|t| add("refer", &t.id, &text(&t.description)));
        pack.contexts.iter().for_each(|t| add("context", &t.id, &text(&t.description)));
        pack.tags.iter().for_each(|t| add("tag", &t.id, &text(&t.description)));
        pack.filters.iter().for_each(|t| add("filter", &t.id, &t.reason.value));
        pack.layouts.iter().for_each(|t| add("layout", &t.id, &text(&t.description)));
        pack.events.iter().for_each(|t| add("event", &t.id, &t.description));
        let events = out.len() - pack.events.len();
        for (info, table) in out.iter_mut().skip(events).zip(&pack.events) {
            info.version = table.version.to_string();
            info.status = match table.status {
                Status::Experimental => "experimental",
                Status::Test => "test",
                Status::Stable => "stable",
                Status::Deprecated => "deprecated",
            };
            info.category = table.category.value.clone();
            info.emits = table.emits.value.clone();
        }
    }
    out.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    out
}
