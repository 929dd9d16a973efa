//! Events as lines of text that can be kept, read and compared.

use std::fmt::Write as _;

use super::judge::show;
use crate::event::domain::{Event, Extraction, Record, Value};
use crate::text::Document;

/// All events of an article: a block for each, a line for each field.
pub fn of(doc: &Document, extraction: &Extraction) -> String {
    extraction.events.iter().map(|event| block(doc, event)).collect::<Vec<_>>().join("\n")
}

/// One event.
pub fn block(doc: &Document, event: &Event) -> String {
    let mut out = format!("{} {}", event.rule.id, event.category);
    if !event.modes.is_empty() {
        let modes: Vec<&str> = event.modes.iter().map(|mode| &**mode).collect();
        let _ = write!(out, " {}", modes.join(","));
    }
    out.push('\n');
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(out, "  {name} = {value}");
    };
    for evidence in &event.evidence {
        let words = doc.text().get(evidence.span.range()).unwrap_or_default();
        line("words", &format!("\"{}\"", words.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    line("status", event.assertion.status.name());
    line("certainty", event.assertion.certainty.name());
    let mut fields = Vec::new();
    for (name, list) in [("actors", &event.actors), ("recipients", &event.recipients)] {
        list.iter().enumerate().for_each(|(index, record)| flatten(&format!("{name}[{index}]"), record, &mut fields));
    }
    for (name, record) in
        [("place", &event.place), ("time", &event.time), ("attributed_to", &event.assertion.attributed_to)]
    {
        record.iter().for_each(|record| flatten(name, record, &mut fields));
    }
    flatten("detail", &event.detail, &mut fields);
    fields.iter().for_each(|(name, value)| line(name, value));
    out
}

/// The fields of a record by their paths; offsets are left out, for the words say where.
fn flatten(prefix: &str, record: &Record, out: &mut Vec<(String, String)>) {
    let mut fields: Vec<_> = record.iter().collect();
    fields.sort_by(|a, b| a.0.cmp(b.0));
    for (name, value) in fields {
        if !matches!(&**name, "span" | "earliest" | "latest") {
            flatten_value(&format!("{prefix}.{name}"), value, out);
        }
    }
}

fn flatten_value(path: &str, value: &Value, out: &mut Vec<(String, String)>) {
    match value {
        Value::Record(record) => flatten(path, record, out),
        Value::List(items) => {
            items.iter().enumerate().for_each(|(at, item)| flatten_value(&format!("{path}[{at}]"), item, out));
        }
        value => out.push((path.to_owned(), show(value))),
    }
}

/// What differs between two texts: lines that went (`-`), lines that came (`+`), and a line around each.
pub fn difference(before: &str, after: &str) -> Vec<String> {
    let (a, b): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let mut lines: Vec<(char, &str)> = Vec::new();
    let (mut i, mut j) = (0, 0);
    for (at, bt) in common(&a, &b).into_iter().chain([(a.len(), b.len())]) {
        lines.extend(a.get(i..at).unwrap_or_default().iter().map(|line| ('-', *line)));
        lines.extend(b.get(j..bt).unwrap_or_default().iter().map(|line| ('+', *line)));
        if let Some(line) = a.get(at) {
            lines.push((' ', line));
        }
        (i, j) = (at + 1, bt + 1);
    }
    let changed: Vec<usize> =
        (0..lines.len()).filter(|at| lines.get(*at).is_some_and(|(sign, _)| *sign != ' ')).collect();
    // The head of a block says which event a changed field is of.
    let is_head = |at: usize| lines.get(at).is_some_and(|(_, line)| !line.starts_with(' ') && !line.is_empty());
    let near = |at: usize| {
        changed.iter().any(|c| c.abs_diff(at) <= 1)
            || (is_head(at) && changed.iter().any(|c| *c > at && !(at + 1..*c).any(is_head)))
    };
    let kept = lines.iter().enumerate().filter(|(at, _)| near(*at));
    kept.map(|(_, (sign, line))| format!("{sign} {line}")).collect()
}

/// Pairs of equal lines, as many as can be had in order.
fn common(a: &[&str], b: &[&str]) -> Vec<(usize, usize)> {
    let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let tail = |list: &[&str]| list.len() - start;
    let end = a.iter().rev().zip(b.iter().rev()).take(tail(a).min(tail(b))).take_while(|(a, b)| a == b).count();
    let (ma, mb) = (a.get(start..a.len() - end).unwrap_or_default(), b.get(start..b.len() - end).unwrap_or_default());
    // The table of longest common parts; what is too large for it counts as all new.
    const CELLS: usize = 4_000_000;
    let width = mb.len() + 1;
    let mut pairs: Vec<(usize, usize)> = (0..start).map(|at| (at, at)).collect();
    if width * (ma.len() + 1) <= CELLS {
        let mut table = vec![0u32; width * (ma.len() + 1)];
        let get = |table: &[u32], i: usize, j: usize| table.get(i * width + j).copied().unwrap_or(0);
        for i in (0..ma.len()).rev() {
            for j in (0..mb.len()).rev() {
                let best = if ma.get(i) == mb.get(j) {
                    get(&table, i + 1, j + 1) + 1
                } else {
                    get(&table, i + 1, j).max(get(&table, i, j + 1))
                };
                if let Some(cell) = table.get_mut(i * width + j) {
                    *cell = best;
                }
            }
        }
        let (mut i, mut j) = (0, 0);
        while i < ma.len() && j < mb.len() {
            if ma.get(i) == mb.get(j) {
                pairs.push((start + i, start + j));
                (i, j) = (i + 1, j + 1);
            } else if get(&table, i + 1, j) >= get(&table, i, j + 1) {
                i += 1;
            } else {
                j += 1;
            }
        }
    }
    pairs.extend((0..end).rev().map(|back| (a.len() - 1 - back, b.len() - 1 - back)));
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_names_its_block_and_no_more() {
        let before = "launch MOBILIZE\n  status = ASSERTED\n  a = 1\n  b = 2\n\nraid ASSAULT\n  c = 3\n";
        let after = "launch MOBILIZE\n  status = ASSERTED\n  a = 1\n  b = 4\n\nraid ASSAULT\n  c = 3\n";
        assert_eq!(difference(before, after), ["  launch MOBILIZE", "    a = 1", "-   b = 2", "+   b = 4", "  "]);
        assert!(difference(before, before).is_empty());
        assert_eq!(difference("", "x\n"), ["+ x"]);
        assert_eq!(difference("a\nb\nc\nd\ne\n", "a\ne\n"), ["  a", "- b", "- c", "- d", "  e"]);
    }
}
