//! Reasons on a terminal.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::{EventReasons, Explanation, Words};

const HEAD: Style = AnsiColor::Cyan.on_default().bold();
const FAINT: Style = Style::new().dimmed();
const MARK: Style = AnsiColor::Yellow.on_default();

/// An explanation as text; with `only`, of this rule alone (`event.weapon_launch`, or the id).
pub fn show(own: &Explanation, only: Option<&str>) -> String {
    let wanted = |rule: &str| only.is_none_or(|only| rule == only || rule.strip_prefix("event.") == Some(only));
    let mut out = String::new();
    let mut any = false;
    for (number, event) in own.events.iter().enumerate().filter(|(_, event)| wanted(&event.rule)) {
        any = true;
        self::event(&mut out, number + 1, event);
    }
    let misses: Vec<_> = own.misses.iter().filter(|miss| wanted(&miss.rule)).collect();
    if !misses.is_empty() {
        any = true;
        let _ = writeln!(out, "{HEAD}came near{HEAD:#}");
    }
    for miss in misses {
        let _ = writeln!(out, "  {} at {}  {FAINT}{}{FAINT:#}", quoted(&miss.words), miss.words.start, miss.rule);
        let _ = writeln!(out, "      {}", miss.why);
    }
    if let (false, Some(only)) = (any, only) {
        let _ = writeln!(out, "no trigger of {only} matches a word of the article");
    }
    out
}

fn quoted(words: &Words) -> String {
    format!("{MARK}\"{}\"{MARK:#}", words.text)
}

fn event(out: &mut String, number: usize, event: &EventReasons) {
    let modes = if event.modes.is_empty() { String::new() } else { format!(" / {}", event.modes.join(", ")) };
    let _ = writeln!(out, "{HEAD}{number:>2}  {}{HEAD:#}  {}{modes}", event.rule, event.category);
    let _ = writeln!(out, "      {FAINT}{}:{}  {} {}{FAINT:#}", event.file, event.line, event.pack, event.version);
    for (index, words) in event.evidence.iter().enumerate() {
        let what = if index == 0 { "set off by" } else { "told at" };
        let _ = writeln!(out, "      {what:<14} {} at {}", quoted(words), words.start);
    }
    for slot in &event.slots {
        let (words, how) = (quoted(&slot.words), &slot.how);
        let _ = writeln!(out, "      {:<14} {words} at {}  {FAINT}{how}{FAINT:#}", slot.field, slot.words.start);
    }
    for cue in &event.cues {
        let _ = writeln!(out, "      {:<14} {}  {FAINT}{}{FAINT:#}", "framed by", quoted(&cue.words), cue.rule);
    }
    for merged in &event.merged {
        let words = quoted(&merged.words);
        let _ = writeln!(out, "      {:<14} {words}  {FAINT}{}{FAINT:#}", "merged", merged.rule);
    }
    let _ =
        writeln!(out, "      {:<14} {}, {}\n", "status", event.status.to_lowercase(), event.certainty.to_lowercase());
}
