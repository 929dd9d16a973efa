//! From files to tables: TOML, word lists, nothing resolved yet.
//!
//! All problems of all files are reported, never the first only; what can be read is read.

mod events;
mod lexicon;
mod mentions;
mod overrides;
mod table;

use std::collections::BTreeMap;

use semver::{Version, VersionReq};
use toml::de::{DeTable, DeValue};

use self::overrides::Tree;
use self::table::{File, Item, Table, in_order};
use super::diagnostic::{Allow, Code, Diagnostic, Level, LevelChange, Sources, level_named, suggest};
use super::source::PackFiles;
use super::syntax::{Expectation, FileId, Located, Manifest, Name, PackSource, Place, Scalar, TestTable};

/// Kinds of tables.
const KINDS: &[&str] = &[
    "pack",
    "lexicon",
    "inflection",
    "entity",
    "time",
    "quantity",
    "event",
    "enrich",
    "link",
    "merge",
    "recast",
    "refer",
    "context",
    "tag",
    "filter",
    "override",
    "layout",
    "relations",
    "reading",
];

/// Reads packs; the results are in the order of the packs.
pub(super) fn read_packs(
    packs: &[PackFiles],
    sources: &mut Sources,
    problems: &mut Vec<Diagnostic>,
) -> Vec<PackSource> {
    let opened: Vec<BTreeMap<&str, FileId>> = packs.iter().map(|pack| open(pack, sources, problems)).collect();
    let sources = &*sources;
    let mut trees = Vec::new();
    let mut versions = BTreeMap::new();
    for ids in &opened {
        let mut version = None;
        for (path, id) in ids.iter().filter(|(path, _)| path.ends_with(".toml")) {
            let (table, errors) = DeTable::parse_recoverable(sources.file(*id).1);
            for error in errors {
                let at = Place { file: *id, bytes: error.span().unwrap_or(0..0) };
                problems.push(Diagnostic::error(Code::TomlSyntax, at, error.message().to_owned()));
            }
            let table = table.into_inner();
            if *path == "pack.toml" {
                let pack = table.get("pack").and_then(|item| item.get_ref().as_table());
                version = pack.and_then(|pack| pack.get("version")?.get_ref().as_str().map(str::to_owned));
            }
            trees.push(Tree { file: *id, table });
        }
        if let Some(version) = version {
            versions.extend(ids.values().map(|id| (*id, version.clone())));
        }
    }
    let owners = overrides::apply(&mut trees, &versions, sources, problems);
    let pairs = packs.iter().zip(&opened);
    let mut read: Vec<PackSource> = pairs.map(|(pack, ids)| read_pack(pack, ids, &trees, sources, problems)).collect();
    for owner in owners {
        if let Some(pack) = read.iter_mut().find(|pack| pack.files.contains(&owner.at.file)) {
            pack.tables.push(owner);
        }
    }
    check_ids(&read, problems);
    check_requirements(&read, problems);
    check_protos(&read, problems);
    read
}

/// Keeps the texts of a pack's files; gives their numbers by path.
fn open<'p>(files: &'p PackFiles, sources: &mut Sources, problems: &mut Vec<Diagnostic>) -> BTreeMap<&'p str, FileId> {
    let mut ids: BTreeMap<&str, FileId> = BTreeMap::new();
    for (path, bytes) in &files.files {
        let name = format!("{}/{path}", files.name);
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                ids.insert(path, sources.add(name, text.to_owned()));
            }
            Err(error) => {
                let id = sources.add(name.clone(), String::from_utf8_lossy(bytes).into_owned());
                let at = Place { file: id, bytes: error.valid_up_to()..error.valid_up_to() + 1 };
                problems.push(Diagnostic::error(Code::Unreadable, at, format!("{name} is no UTF-8")));
            }
        }
    }
    ids
}

fn read_pack(
    files: &PackFiles,
    ids: &BTreeMap<&str, FileId>,
    trees: &[Tree<'_>],
    sources: &Sources,
    problems: &mut Vec<Diagnostic>,
) -> PackSource {
    let mut pack = PackSource { files: ids.values().copied().collect(), ..PackSource::default() };
    let contents = |path: &str| ids.get(path).map(|id| (*id, sources.file(*id).1.to_owned()));
    for (path, id) in ids {
        let Some(tree) = trees.iter().find(|tree| tree.file == *id) else { continue };
        let mut file = File { id: *id, sources, problems };
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let beside =
            |name: &str| contents(&if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") });
        for (kind, item) in in_order(&file, &tree.table) {
            read_kind(&mut file, &kind, item, *path == "pack.toml", &beside, &mut pack);
        }
    }
    if let Some(manifest) = &pack.manifest {
        for name in &manifest.proto {
            match ids.get(name.value.as_str()) {
                Some(id) => pack.protos.push((name.value.clone(), *id)),
                None => {
                    let message = format!("the pack has no file `{}`", name.value);
                    problems.push(Diagnostic::error(Code::Unreadable, name.at.clone(), message));
                }
            }
        }
    } else if !problems.iter().any(|problem| problem.level == Level::Error) {
        let message = format!("the pack `{}` has no `[pack]` table in its pack.toml", files.name);
        problems.push(match ids.get("pack.toml") {
            Some(id) => Diagnostic::error(Code::MissingKey, Place { file: *id, bytes: 0..0 }, message),
            None => Diagnostic::new(Code::MissingKey, Level::Error, message),
        });
    }
    pack
}

fn read_kind<'t, 'i>(
    file: &mut File<'_>,
    kind: &Name,
    item: Item<'t, 'i>,
    is_manifest: bool,
    beside: &dyn Fn(&str) -> Option<(FileId, String)>,
    pack: &mut PackSource,
) {
    let DeValue::Table(tables) = item.get_ref() else {
        let known = KINDS.contains(&kind.value.as_str());
        let (code, message) = if known {
            (Code::WrongType, format!("`{}` takes tables: `[{}.x]`", kind.value, kind.value))
        } else {
            (Code::UnknownKey, format!("`{}` stands outside of any table", kind.value))
        };
        return file.error(code, kind.at.bytes.clone(), message, None);
    };
    match kind.value.as_str() {
        "pack" if is_manifest => pack.manifest = manifest(file, kind, item, &mut pack.levels, &mut pack.allows),
        "pack" => {
            let message = "the pack is described in its pack.toml only".to_owned();
            file.error(Code::UnknownTable, kind.at.bytes.clone(), message, None);
        }
        "relations" => {
            for (name, item) in in_order(file, tables) {
                let at = file.place(table::extent(&name, item));
                pack.tables.push(Located { value: format!("relations.{}", name.value), at });
                if let Some(pattern) = file.pattern(item, &name.value) {
                    pack.relations.push((name, pattern));
                }
            }
        }
        "reading" => {
            for (name, item) in in_order(file, tables) {
                let at = file.place(item.span());
                let words = file.strings(item, &name.value).into_iter().map(|word| word.value).collect();
                pack.reading.push((name, Located { value: words, at }));
            }
        }
        known if KINDS.contains(&known) => {
            for (id, item) in in_order(file, tables) {
                read_table(file, known, id, item, beside, pack);
            }
        }
        other => {
            let help = suggest(other, KINDS.iter().copied())
                .map(|word| format!("did you mean `[{word}.x]`?"))
                .or_else(|| Some(format!("the kinds of tables are {}", KINDS.join(", "))));
            file.error(Code::UnknownTable, kind.at.bytes.clone(), format!("there is no kind of table `{other}`"), help);
        }
    }
}

fn read_table<'t, 'i>(
    file: &mut File<'_>,
    kind: &str,
    id: Name,
    item: Item<'t, 'i>,
    beside: &dyn Fn(&str) -> Option<(FileId, String)>,
    pack: &mut PackSource,
) {
    let valid = !id.value.is_empty() && id.value.chars().all(|c| c.is_alphanumeric() || c == '_');
    if !valid {
        let message = format!("`{}` is no id: letters, digits and `_` make one", id.value);
        file.error(Code::WrongType, id.at.bytes.clone(), message, None);
    }
    let name = format!("{kind}.{}", id.value);
    pack.tables.push(Located { value: name.clone(), at: file.place(table::extent(&id, item)) });
    let scope = file.place(table::extent(&id, item));
    let Some(mut table) = Table::new(file, name, id.at.bytes.clone(), item) else { return };
    if kind != "inflection" {
        let allows = table.allows();
        let word_lists = table.peek_strings("file").into_iter().filter_map(|name| beside(&name));
        let mut scope = vec![scope];
        scope.extend(word_lists.map(|(file, text)| Place { file, bytes: 0..text.len() }));
        pack.allows.extend(allows.into_iter().map(|(code, at)| Allow { code, at, scope: scope.clone() }));
    }
    match kind {
        "lexicon" => pack.lexicons.extend(lexicon::lexicon(table, id, beside)),
        "inflection" => pack.inflections.extend(lexicon::inflection(table, id)),
        "entity" => pack.entities.extend(mentions::entity(table, id)),
        "time" => pack.times.extend(mentions::time(table, id)),
        "quantity" => pack.quantities.extend(mentions::quantity(table, id)),
        "event" => pack.events.extend(events::event(table, id)),
        "enrich" => pack.enrichments.extend(events::enrichment(table, id)),
        "link" => pack.links.extend(events::link(table, id)),
        "merge" => pack.merges.extend(events::merge(table, id)),
        "recast" => pack.recasts.extend(events::recast(table, id)),
        "refer" => pack.references.extend(mentions::reference(table, id)),
        "context" => pack.contexts.extend(events::context(table, id)),
        "tag" => pack.tags.extend(events::tag(table, id)),
        "filter" => pack.filters.extend(events::filter(table, id)),
        _ => pack.layouts.extend(mentions::layout(table, id)),
    }
}

fn manifest(
    file: &mut File<'_>,
    kind: &Name,
    item: Item<'_, '_>,
    levels: &mut Vec<LevelChange>,
    allows: &mut Vec<Allow>,
) -> Option<Manifest> {
    let mut table = Table::new(file, "pack".to_owned(), kind.at.bytes.clone(), item)?;
    allows.extend(table.allows().into_iter().map(|(code, at)| Allow { code, at, scope: Vec::new() }));
    for (name, item) in table.entries("levels") {
        let (Some(code), Some(word)) = (table.code(&name), table.file.string(item, &name.value)) else { continue };
        match level_named(&word) {
            Some(level) => levels.push(LevelChange { code, level }),
            None => {
                let message = format!("`{}` is not one of these: error, warning, off", word.value);
                table.file.error(Code::WrongType, word.at.bytes, message, None);
            }
        }
    }
    let id = table.need_string("id");
    let version = table.need_string("version");
    let engine = table.string("engine");
    let language = table.text("language");
    let license = table.string("license").map(|text| text.value);
    let description = table.text("description");
    let proto = table.strings("proto");
    let mut requires = Vec::new();
    for (name, item) in table.entries("requires") {
        let Some(text) = table.file.string(item, &name.value) else { continue };
        if let Some(wanted) = requirement(table.file, &text) {
            requires.push((name, wanted.value));
        }
    }
    let version = version.and_then(|text| match Version::parse(&text.value) {
        Ok(value) => Some(Located { value, at: text.at }),
        Err(error) => {
            let message = format!("`{}` is no semantic version: {error}", text.value);
            table.file.error(Code::WrongType, text.at.bytes, message, Some("write it as 1.0.0".into()));
            None
        }
    });
    let engine = engine.and_then(|text| requirement(table.file, &text));
    table.finish(&[]);
    Some(Manifest { id: id?, version: version?, engine, language, license, description, requires, proto })
}

fn requirement(file: &mut File<'_>, text: &Name) -> Option<Located<VersionReq>> {
    match VersionReq::parse(&text.value) {
        Ok(value) => Some(Located { value, at: text.at.clone() }),
        Err(error) => {
            let message = format!("`{}` is no version requirement: {error}", text.value);
            file.error(Code::WrongType, text.at.bytes.clone(), message, Some("write it as >=1.0".into()));
            None
        }
    }
}

/// The tests under a rule.
fn tests(table: &mut Table<'_, '_, '_, '_>, rule: &str) -> Vec<TestTable> {
    let items = table.list("test");
    items
        .into_iter()
        .filter_map(|item| {
            let at = item.span();
            let mut test = Table::new(table.file, format!("{rule}.test"), at.start..at.start + 1, item)?;
            let name = test.need_string("name");
            let published = test.get("published").and_then(|item| {
                let text = test.file.scalar(item, "published")?;
                let date = match &text.value {
                    super::syntax::Scalar::Text(text) => text.parse::<jiff::civil::Date>().ok(),
                    _ => None,
                };
                if date.is_none() {
                    let message = "`published` takes a day: 2016-03-25".to_owned();
                    test.file.error(Code::WrongType, item.span(), message, None);
                }
                date
            });
            let text = test.need_string("text");
            let rejects = test.boolean("rejects");
            let todo = test.boolean("todo");
            let count = test.count("count");
            let mut expect = Vec::new();
            if let Some(item) = test.get("expect") {
                flatten(&mut test, item, Vec::new(), &mut expect);
            }
            if let Some(text) = &text {
                check_date(test.file, text, published.is_some(), &expect);
            }
            test.finish(&[]);
            let (name, text) = (name?, text?);
            Some(TestTable { at: name.at, name: name.value, published, text, rejects, todo, expect, count })
        })
        .collect()
}

/// A day that the text does not give in full can only come from the day of publication.
fn check_date(file: &mut File<'_>, text: &Name, published: bool, expect: &[Expectation]) {
    if published {
        return;
    }
    for Expectation { path, value, value_at, .. } in expect {
        let of_time = path.first().is_some_and(|first| first == "time")
            && matches!(path.get(1).map(String::as_str), Some("start" | "end" | "earliest" | "latest"));
        let Some(Scalar::Text(day)) = value else { continue };
        let year = day.get(..4).unwrap_or_default();
        if of_time && !text.value.contains(year) {
            let message = format!("the text does not name the year {year}, and the test has no `published`");
            let help = Some("add the day of publication: published = 2016-03-25".to_owned());
            file.error(Code::TestWithoutDate, value_at.bytes.clone(), message, help);
        }
    }
}

/// `expect.weapon.count = 2`: paths and values; for an empty list none.
fn flatten<'t, 'i>(
    test: &mut Table<'t, 'i, '_, '_>,
    item: Item<'t, 'i>,
    path: Vec<String>,
    out: &mut Vec<Expectation>,
) {
    for (name, item) in test.entries_of(item, "expect") {
        let mut path = path.clone();
        path.push(name.value.clone());
        match item.get_ref() {
            DeValue::Table(_) => flatten(test, item, path, out),
            DeValue::Array(items) if items.is_empty() => {
                let value_at = test.file.place(item.span());
                out.push(Expectation { path, at: name.at, value: None, value_at });
            }
            DeValue::Array(items) => {
                out.extend(items.iter().filter_map(|item| expected(test, &path, &name, item)));
            }
            _ => out.extend(expected(test, &path, &name, item)),
        }
    }
}

/// The value that stands at a path.
fn expected(test: &mut Table<'_, '_, '_, '_>, path: &[String], name: &Name, item: Item<'_, '_>) -> Option<Expectation> {
    let Located { value, at } = test.file.scalar(item, &name.value)?;
    Some(Expectation { path: path.to_vec(), at: name.at.clone(), value: Some(value), value_at: at })
}

/// Ids are unique for their kind over all packs.
fn check_ids(packs: &[PackSource], problems: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<(&str, &str), &Name> = BTreeMap::new();
    for pack in packs {
        let mut all: Vec<(&str, &Name)> = Vec::new();
        all.extend(pack.manifest.iter().map(|manifest| ("pack", &manifest.id)));
        all.extend(pack.lexicons.iter().map(|table| ("lexicon", &table.id)));
        all.extend(pack.entities.iter().map(|table| ("entity", &table.id)));
        all.extend(pack.times.iter().map(|table| ("time", &table.id)));
        all.extend(pack.quantities.iter().map(|table| ("quantity", &table.id)));
        all.extend(pack.events.iter().map(|table| ("event", &table.id)));
        all.extend(pack.enrichments.iter().map(|table| ("enrich", &table.id)));
        all.extend(pack.links.iter().map(|table| ("link", &table.id)));
        all.extend(pack.merges.iter().map(|table| ("merge", &table.id)));
        all.extend(pack.recasts.iter().map(|table| ("recast", &table.id)));
        all.extend(pack.references.iter().map(|table| ("refer", &table.id)));
        all.extend(pack.contexts.iter().map(|table| ("context", &table.id)));
        all.extend(pack.tags.iter().map(|table| ("tag", &table.id)));
        all.extend(pack.filters.iter().map(|table| ("filter", &table.id)));
        all.extend(pack.layouts.iter().map(|table| ("layout", &table.id)));
        for (kind, id) in all {
            if let Some(first) = seen.get(&(kind, id.value.as_str())) {
                let message = format!("there are two `{kind}.{}`", id.value);
                let problem = Diagnostic::error(Code::DuplicateId, id.at.clone(), message);
                problems.push(problem.with_label(first.at.clone(), "the first one"));
            } else {
                seen.insert((kind, &id.value), id);
            }
        }
    }
}

/// The name of a `.proto` file is how others import it, so it is of one pack only.
fn check_protos(packs: &[PackSource], problems: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&str, &Name> = BTreeMap::new();
    for name in packs.iter().filter_map(|pack| pack.manifest.as_ref()).flat_map(|manifest| &manifest.proto) {
        let help = Some("put it into a folder of its own: \"acme/shipping/v1/seizure.proto\"".to_owned());
        if crate::event::schema::is_built_in(&name.value) {
            let message = format!("the engine itself has a file `{}`", name.value);
            problems.push(Diagnostic::error(Code::DuplicateProto, name.at.clone(), message).with_help(help));
        } else if let Some(first) = seen.insert(&name.value, name) {
            let message = format!("two packs bring a file `{}`", name.value);
            let problem = Diagnostic::error(Code::DuplicateProto, name.at.clone(), message);
            problems.push(problem.with_label(first.at.clone(), "the first one").with_help(help));
        }
    }
}

/// The packs that a pack builds on, and the engine, must be there.
fn check_requirements(packs: &[PackSource], problems: &mut Vec<Diagnostic>) {
    let manifests: Vec<&Manifest> = packs.iter().filter_map(|pack| pack.manifest.as_ref()).collect();
    let engine = Version::parse(env!("CARGO_PKG_VERSION")).ok();
    for manifest in &manifests {
        if let (Some(wanted), Some(engine)) = (&manifest.engine, &engine)
            && !wanted.value.matches(engine)
        {
            let message = format!("this pack needs dateline {}, and this is {engine}", wanted.value);
            problems.push(Diagnostic::error(Code::EngineVersion, wanted.at.clone(), message));
        }
        for (name, wanted) in &manifest.requires {
            let found = manifests.iter().find(|other| other.id.value == name.value);
            let message = match found {
                Some(other) if wanted.matches(&other.version.value) => continue,
                Some(other) => format!("this pack needs `{}` {wanted}, and it is {}", name.value, other.version.value),
                None => format!("this pack needs the pack `{}`, which is not loaded", name.value),
            };
            problems.push(Diagnostic::error(Code::MissingPack, name.at.clone(), message));
        }
    }
}

/// The keys that tables were asked for while something was read, by the names of the tables.
#[cfg(test)]
pub(super) fn asked_keys(read: impl FnOnce()) -> BTreeMap<String, std::collections::BTreeSet<&'static str>> {
    table::ASKED.take();
    read();
    table::ASKED.take().into_iter().map(|(name, keys)| (name, keys.into_iter().collect())).collect()
}
