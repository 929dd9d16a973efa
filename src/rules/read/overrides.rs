//! `[override."kind.id"]`: what a site changes in the rules of other packs.
//!
//! A change is made in the tables as they were written, before they are read; so it is checked as strictly as if it had
//! been written there. Changes do not depend on the order of packs or files: what is taken away goes first, then values
//! are set, then things are added; two changes of one value contradict each other, which is an error.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::table::{File, Table, extent, in_order};
use crate::rules::diagnostic::{Code, Diagnostic, Sources, suggest};
use crate::rules::syntax::{FileId, Located, Name, Place};

/// A parsed rule file.
pub(super) struct Tree<'i> {
    pub file: FileId,
    pub table: DeTable<'i>,
}

/// What is done with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    Remove,
    Set,
    Append,
}

/// One change of one value.
struct Change<'i> {
    target: String,
    deed: Deed,
    path: Vec<Spanned<std::borrow::Cow<'i, str>>>,
    item: Spanned<DeValue<'i>>,
    at: Place,
}

impl Change<'_> {
    /// `slot.weapon.required`
    fn name(&self) -> String {
        self.path.iter().map(|step| step.get_ref().as_ref()).collect::<Vec<_>>().join(".")
    }
}

/// Takes the overrides out of the trees and makes their changes. `versions` are those of the packs, by file. Gives the
/// tables that the overrides are of, each with the place of the override.
pub(super) fn apply<'i>(
    trees: &mut [Tree<'i>],
    versions: &BTreeMap<FileId, String>,
    sources: &Sources,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Located<String>> {
    let mut owners = Vec::new();
    let mut changes: Vec<Change<'i>> = Vec::new();
    for index in 0..trees.len() {
        let Some(tree) = trees.get_mut(index) else { continue };
        let (id, Some(item)) = (tree.file, tree.table.remove("override")) else { continue };
        let mut file = File { id, sources, problems };
        let DeValue::Table(overrides) = item.get_ref() else {
            let help = Some("write `[override.\"event.x\"]`".to_owned());
            file.error(Code::WrongType, item.span(), "`override` takes tables".to_owned(), help);
            continue;
        };
        for (target, item) in in_order(&file, overrides) {
            let known = find(trees, &target.value);
            owners.push(Located { value: target.value.clone(), at: file.place(extent(&target, item)) });
            read(&mut file, &target, item, trees, known, versions, &mut changes);
        }
    }
    contradictions(&mut changes, problems);
    changes.sort_by(|a, b| {
        (&a.target, a.deed, a.at.file, a.at.bytes.start).cmp(&(&b.target, b.deed, b.at.file, b.at.bytes.start))
    });
    for change in &changes {
        let Some((index, kind, id)) = find(trees, &change.target) else { continue };
        let table = trees.get_mut(index).and_then(|tree| tree.table.get_mut(kind.as_str()));
        let Some(DeValue::Table(tables)) = table.map(Spanned::get_mut) else { continue };
        let Some(DeValue::Table(own)) = tables.get_mut(id.as_str()).map(Spanned::get_mut) else { continue };
        if let Err((code, message, help)) = make(own, change) {
            let mut problem = Diagnostic::error(code, change.at.clone(), message).with_help(help);
            if code.is_warning() {
                problem.level = crate::rules::diagnostic::Level::Warning;
            }
            problems.push(problem);
        }
    }
    owners
}

/// The tree that holds a table, with its kind and its id.
fn find(trees: &[Tree<'_>], target: &str) -> Option<(usize, String, String)> {
    let (kind, id) = target.split_once('.')?;
    let holds = |tree: &Tree<'_>| match tree.table.get(kind).map(Spanned::get_ref) {
        Some(DeValue::Table(tables)) => matches!(tables.get(id).map(Spanned::get_ref), Some(DeValue::Table(_))),
        _ => false,
    };
    Some((trees.iter().position(holds)?, kind.to_owned(), id.to_owned()))
}

/// All tables that can be changed.
fn names(trees: &[Tree<'_>]) -> Vec<String> {
    let mut out = Vec::new();
    for (kind, item) in trees.iter().flat_map(|tree| tree.table.iter()) {
        if let DeValue::Table(tables) = item.get_ref() {
            out.extend(tables.iter().map(|(id, _)| format!("{}.{}", kind.get_ref(), id.get_ref())));
        }
    }
    out
}

fn read<'i>(
    file: &mut File<'_>,
    target: &Name,
    item: &Spanned<DeValue<'i>>,
    trees: &[Tree<'i>],
    known: Option<(usize, String, String)>,
    versions: &BTreeMap<FileId, String>,
    changes: &mut Vec<Change<'i>>,
) {
    let id = file.id;
    let name = format!("override.\"{}\"", target.value);
    let Some(mut table) = Table::new(file, name, target.at.bytes.clone(), item) else { return };
    let base = table.need_string("base");
    let reason = table.need_string("reason");
    let deeds = [("remove", Deed::Remove), ("set", Deed::Set), ("append", Deed::Append)];
    let mut own = Vec::new();
    for (key, deed) in deeds {
        let Some(item) = table.get(key) else { continue };
        leaves(&mut Vec::new(), item, &mut |path, item| {
            let place = |bytes: Range<usize>| Place { file: id, bytes };
            let first = path.last().map_or(item.span(), |step| step.span());
            own.push(Change {
                target: target.value.clone(),
                deed,
                path: path.iter().map(|step| moved_key(step, id)).collect(),
                item: moved(item, id),
                at: place(first),
            });
        });
    }
    table.finish(&[]);
    if reason.as_ref().is_some_and(|reason| reason.value.trim().is_empty()) {
        let message = format!("the override of `{}` gives no reason", target.value);
        file.error(Code::MissingKey, target.at.bytes.clone(), message, None);
    }
    let Some((index, kind, rule)) = known else {
        let names = names(trees);
        let help =
            suggest(&target.value, names.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
        let message = format!("there is no `{}` to override", target.value);
        return file.error(Code::UndefinedRule, target.at.bytes.clone(), message, help);
    };
    if own.is_empty() {
        let message = format!("the override of `{}` changes nothing", target.value);
        let help = Some("give it `set`, `append` or `remove`".to_owned());
        file.error(Code::MissingKey, target.at.bytes.clone(), message, help);
    }
    if let (Some(base), Some(tree)) = (base, trees.get(index)) {
        let version = version(tree, &kind, &rule).or_else(|| versions.get(&tree.file).cloned());
        if let Some(version) = version.filter(|version| *version != base.value) {
            let message = format!("`{}` is {version} by now; this was written for {}", target.value, base.value);
            let help = Some("see whether the change is still right, then set `base`".to_owned());
            let problem = Diagnostic::warning(Code::StaleOverride, base.at, message).with_help(help);
            file.problems.push(problem);
        }
    }
    changes.extend(own);
}

/// A rule's own version, where it has one.
fn version(tree: &Tree<'_>, kind: &str, id: &str) -> Option<String> {
    let table = tree.table.get(kind)?.get_ref().as_table()?.get(id)?.get_ref().as_table()?;
    Some(table.get("version")?.get_ref().as_str()?.to_owned())
}

/// Calls `found` for every value that is no table, with its path.
fn leaves<'t, 'i>(
    path: &mut Vec<&'t Key<'i>>,
    item: &'t Spanned<DeValue<'i>>,
    found: &mut dyn FnMut(&[&'t Key<'i>], &'t Spanned<DeValue<'i>>),
) {
    match item.get_ref() {
        DeValue::Table(table) => {
            let mut entries: Vec<_> = table.iter().collect();
            entries.sort_by_key(|(key, _)| key.span().start);
            for (key, item) in entries {
                path.push(key);
                leaves(path, item, found);
                path.pop();
            }
        }
        _ => found(path, item),
    }
}

/// The same value with places that say that they are of another file than the table that it will stand in.
fn moved<'i>(item: &Spanned<DeValue<'i>>, file: FileId) -> Spanned<DeValue<'i>> {
    let value = match item.get_ref() {
        DeValue::Array(items) => {
            let mut out = DeArray::new();
            items.iter().for_each(|item| out.push(moved(item, file)));
            DeValue::Array(out)
        }
        DeValue::Table(table) => {
            DeValue::Table(table.iter().map(|(key, item)| (moved_key(key, file), moved(item, file))).collect())
        }
        other => other.clone(),
    };
    Spanned::new(Place { file, bytes: item.span() }.foreign(), value)
}

fn moved_key<'i>(key: &Spanned<std::borrow::Cow<'i, str>>, file: FileId) -> Spanned<std::borrow::Cow<'i, str>> {
    Spanned::new(Place { file, bytes: key.span() }.foreign(), key.get_ref().clone())
}

/// Two changes of one value, one of which sets it, contradict each other.
fn contradictions(changes: &mut Vec<Change<'_>>, problems: &mut Vec<Diagnostic>) {
    let mut wrong = vec![false; changes.len()];
    for (index, change) in changes.iter().enumerate() {
        let same = |other: &&Change<'_>| {
            other.target == change.target
                && other.name() == change.name()
                && (other.deed == Deed::Set || change.deed == Deed::Set)
        };
        if let Some(first) = changes.iter().take(index).find(same) {
            let message = format!("`{}` of `{}` is changed twice", change.name(), change.target);
            let problem = Diagnostic::error(Code::OverrideConflict, change.at.clone(), message);
            problems.push(problem.with_label(first.at.clone(), "the other change"));
            if let Some(wrong) = wrong.get_mut(index) {
                *wrong = true;
            }
        }
    }
    let mut wrong = wrong.into_iter();
    changes.retain(|_| !wrong.next().unwrap_or(false));
}

type Refusal = (Code, String, Option<String>);

fn make<'i>(table: &mut DeTable<'i>, change: &Change<'i>) -> Result<(), Refusal> {
    let Some((last, above)) = change.path.split_last() else { return Ok(()) };
    let mut own = table;
    for step in above {
        if !own.contains_key(step.get_ref().as_ref()) {
            if change.deed == Deed::Remove {
                return Err(nothing(change, own, step.get_ref()));
            }
            own.insert(step.clone(), Spanned::new(step.span(), DeValue::Table(DeTable::new())));
        }
        let Some(DeValue::Table(inner)) = own.get_mut(step.get_ref().as_ref()).map(Spanned::get_mut) else {
            let message = format!("`{}` of `{}` is no table", step.get_ref(), change.target);
            return Err((Code::WrongType, message, None));
        };
        own = inner;
    }
    match change.deed {
        Deed::Set => set(own, last, change),
        Deed::Append => append(own, last, change),
        Deed::Remove => remove(own, last, change),
    }
}

type Key<'i> = Spanned<std::borrow::Cow<'i, str>>;

fn set<'i>(own: &mut DeTable<'i>, key: &Key<'i>, change: &Change<'i>) -> Result<(), Refusal> {
    if own.get(key.get_ref().as_ref()).is_some_and(|old| same(old.get_ref(), change.item.get_ref())) {
        let message = format!("`{}` of `{}` is so already", change.name(), change.target);
        return Err((Code::OverrideWithoutEffect, message, None));
    }
    own.remove(key.get_ref().as_ref());
    own.insert(key.clone(), change.item.clone());
    Ok(())
}

fn append<'i>(own: &mut DeTable<'i>, key: &Key<'i>, change: &Change<'i>) -> Result<(), Refusal> {
    let old = own.remove(key.get_ref().as_ref());
    let mut list = DeArray::new();
    match old.as_ref().map(Spanned::get_ref) {
        Some(DeValue::Array(items)) => items.iter().for_each(|item| list.push(item.clone())),
        Some(DeValue::Table(_)) => {
            let message = format!("`{}` of `{}` is a table: name the key in it", change.name(), change.target);
            return Err((Code::WrongType, message, None));
        }
        Some(_) => old.iter().for_each(|item| list.push(item.clone())),
        None => {}
    }
    let before = list.len();
    let new: Vec<&Spanned<DeValue<'i>>> = match change.item.get_ref() {
        DeValue::Array(items) => items.iter().collect(),
        _ => vec![&change.item],
    };
    for item in new {
        if !list.iter().any(|old| same(old.get_ref(), item.get_ref())) {
            list.push(item.clone());
        }
    }
    let added = list.len() > before;
    let span = old.as_ref().map_or(change.item.span(), Spanned::span);
    own.insert(key.clone(), Spanned::new(span, DeValue::Array(list)));
    if added {
        return Ok(());
    }
    let message = format!("all of this stands in `{}` of `{}` already", change.name(), change.target);
    Err((Code::OverrideWithoutEffect, message, None))
}

/// Takes members out of a list, or keys out of a table.
fn remove<'i>(own: &mut DeTable<'i>, key: &Key<'i>, change: &Change<'i>) -> Result<(), Refusal> {
    let unwanted: Vec<&DeValue<'i>> = match change.item.get_ref() {
        DeValue::Array(items) => items.iter().map(Spanned::get_ref).collect(),
        other => vec![other],
    };
    let Some(item) = own.get_mut(key.get_ref().as_ref()) else { return Err(nothing(change, own, key.get_ref())) };
    let mut missing = Vec::new();
    let span = item.span();
    match item.get_mut() {
        DeValue::Array(items) => {
            missing.extend(unwanted.iter().filter(|value| !items.iter().any(|item| same(item.get_ref(), value))));
            let mut kept = DeArray::new();
            items
                .iter()
                .filter(|item| !unwanted.iter().any(|value| same(item.get_ref(), value)))
                .for_each(|item| kept.push(item.clone()));
            *item = Spanned::new(span, DeValue::Array(kept));
        }
        DeValue::Table(inner) => {
            for value in unwanted {
                if value.as_str().is_none_or(|key| inner.remove(key).is_none()) {
                    missing.push(value);
                }
            }
        }
        _ => {
            let message = format!("`{}` of `{}` is one value: `set` it", change.name(), change.target);
            return Err((Code::WrongType, message, None));
        }
    }
    match missing.first() {
        None => Ok(()),
        Some(value) => {
            let what = value.as_str().unwrap_or("this");
            let message = format!("`{what}` is not in `{}` of `{}`", change.name(), change.target);
            Err((Code::OverrideWithoutEffect, message, None))
        }
    }
}

fn nothing(change: &Change<'_>, own: &DeTable<'_>, key: &str) -> Refusal {
    let keys: Vec<String> = own.iter().map(|(key, _)| key.get_ref().to_string()).collect();
    let help = suggest(key, keys.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
    (Code::OverrideWithoutEffect, format!("`{}` has no `{}` to take from", change.target, change.name()), help)
}

/// Whether two values are written the same.
fn same(a: &DeValue<'_>, b: &DeValue<'_>) -> bool {
    match (a, b) {
        (DeValue::String(a), DeValue::String(b)) => a == b,
        (DeValue::Integer(a), DeValue::Integer(b)) => a.as_str() == b.as_str() && a.radix() == b.radix(),
        (DeValue::Float(a), DeValue::Float(b)) => a.as_str() == b.as_str(),
        (DeValue::Boolean(a), DeValue::Boolean(b)) => a == b,
        (DeValue::Datetime(a), DeValue::Datetime(b)) => a == b,
        (DeValue::Array(a), DeValue::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a.get_ref(), b.get_ref()))
        }
        (DeValue::Table(a), DeValue::Table(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| {
                    b.get(key.get_ref().as_ref()).is_some_and(|other| same(value.get_ref(), other.get_ref()))
                })
        }
        _ => false,
    }
}
