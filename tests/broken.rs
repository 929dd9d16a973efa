//! Five hundred rule files, each broken in one place: none may upset the loader, and every one is told of at the line
//! where it was broken. The files are those of the packs, the places are drawn with a fixed seed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use dateline::rules::diagnostic::{Level, Sources};
use dateline::rules::format::format;
use dateline::rules::load;
use dateline::rules::source::{PackFiles, from_folder};

const BROKEN: usize = 500;

/// Numbers that are the same at every run.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most.max(1)
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// What an author does wrong: the line as it should be, and as it is then; nothing where the line has no place for it.
type Mistake = (&'static str, fn(&str, &mut Random) -> Option<String>);

/// The byte after the name that begins at `from`.
fn name_end(line: &str, from: usize) -> usize {
    line[from..].find(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(line.len(), |end| from + end)
}

fn in_pattern(line: &str) -> Option<(usize, usize)> {
    let start = line.find("'''").filter(|_| !line.contains("regex"))? + 3;
    let end = start + line[start..].find("'''")?;
    (end > start).then_some((start, end))
}

const MISTAKES: &[Mistake] = &[
    ("a kind of table that there is not", |line, _| {
        let rest = line.strip_prefix("[event.").filter(|rest| !rest.contains('.'))?;
        Some(format!("[evnet.{rest}"))
    }),
    ("a key that there is not", |line, _| {
        let key = ["emits", "category", "priority", "inflect", "lookback", "scope"];
        let found = key.iter().find(|key| line.starts_with(*key))?;
        Some(format!("{found}z{}", &line[found.len()..]))
    }),
    ("a number in the place of a text", |line, _| {
        let keys = ["emits", "category", "version", "status", "description", "inflect", "scope", "name", "text"];
        let found =
            keys.iter().find(|key| line.strip_prefix(**key).is_some_and(|rest| rest.trim().starts_with('=')))?;
        (line.matches("\"\"\"").count() != 1).then(|| format!("{found} = 7"))
    }),
    ("a lexicon that there is not", |line, _| {
        let (start, end) = in_pattern(line)?;
        let at = start + line[start..end].find('$')?;
        let end = name_end(line, at + 1);
        Some(format!("{}_zz{}", &line[..end], &line[end..]))
    }),
    ("a type that there is not", |line, _| {
        let (start, end) = in_pattern(line)?;
        let at = start + line[start..end].find('@')?;
        let end = name_end(line, at + 1);
        Some(format!("{}Zz{}", &line[..end], &line[end..]))
    }),
    ("a bracket too many", |line, random| {
        let (start, _) = in_pattern(line)?;
        Some(format!("{}{} {}", &line[..start], random.of(&["(", ")", "|", "*", "]", "{3}"]), &line[start..]))
    }),
    ("an endless repetition", |line, _| {
        let (_, end) = in_pattern(line)?;
        Some(format!("{}{{1,}}{}", &line[..end], &line[end..]))
    }),
    ("a class that there is not", |line, _| {
        let (start, _) = in_pattern(line)?;
        Some(format!("{}%nuon {}", &line[..start], &line[start..]))
    }),
    ("an open quote", |line, _| {
        let start = line.find(" = \"").filter(|_| !line.contains("\"\"\""))?;
        Some(line[..start + 4].to_owned())
    }),
    ("no equals sign", |line, _| {
        let key = line.split(" = ").next().filter(|key| key.chars().all(|c| c.is_ascii_lowercase()))?;
        line.contains(" = ").then(|| line.replacen(&format!("{key} = "), &format!("{key} "), 1))
    }),
];

/// The `kind.id` of the table that a line stands in.
fn table<'a>(lines: &[&'a str], line: usize) -> Option<(&'a str, &'a str)> {
    let header = lines[..=line].iter().rev().find(|line| line.starts_with('['))?;
    let mut parts = header.trim_start_matches('[').split(['.', ']']);
    parts.next().zip(parts.next())
}

/// Mistakes that only show when names are resolved.
const RESOLVED: &[&str] = &["a lexicon that there is not", "a type that there is not", "a class that there is not"];

/// What is wrong with a file, alone in a pack: code, line and message of each error.
fn errors(name: &str, text: &str) -> BTreeSet<(String, u32, String)> {
    let manifest = "[pack]\nid = \"x\"\nversion = \"1.0.0\"\n";
    let pack = PackFiles::from_texts("x", [("pack.toml", manifest), (name, text)]);
    let loaded = load(&[pack]);
    let sources: &Sources = &loaded.sources;
    let lines = u32::try_from(text.lines().count()).unwrap() + 1;
    let wrong = loaded.diagnostics.iter().filter(|problem| problem.level == Level::Error);
    let records = wrong.map(|problem| {
        let record = problem.record(sources);
        let shown = problem.render(sources, false);
        assert!(shown.contains(&record.message), "{shown}");
        record
    });
    let own = records.filter(|record| record.file.ends_with(name)).inspect(|record| {
        assert!((1..=lines).contains(&record.line) && record.column >= 1, "{record:?}");
    });
    own.map(|record| (record.code, record.line, record.message)).collect()
}

#[test]
fn five_hundred_broken_files_are_told_of_where_they_are_broken() {
    let (packs, _) = from_folder(Path::new("rules"));
    let mut texts: Vec<(String, String)> = Vec::new();
    for pack in packs {
        for (path, content) in pack.files {
            if path.ends_with(".toml") && path != "pack.toml" && content.len() < 20_000 {
                texts.push((format!("{}-{}", pack.name, path.replace('/', "-")), String::from_utf8(content).unwrap()));
            }
        }
    }
    assert!(texts.len() > 20, "only {} files", texts.len());
    let mut random = Random(20_161_218);
    let (mut broken, mut tries) = (0, 0);
    let mut made = vec![0; MISTAKES.len()];
    let mut seen = BTreeSet::new();
    let mut whole: BTreeMap<&str, BTreeSet<(String, u32, String)>> = BTreeMap::new();
    while broken < BROKEN {
        tries += 1;
        assert!(tries < 2000 * BROKEN, "only {broken} files could be broken: {made:?}");
        let (name, text) = random.of(&texts);
        let lines: Vec<&str> = text.lines().collect();
        let line = random.below(lines.len());
        let mistake = random.below(MISTAKES.len());
        let (what, make) = MISTAKES[mistake];
        // The rare ones too.
        if made[mistake] >= BROKEN / 8 {
            continue;
        }
        let Some(other) = make(lines[line], &mut random) else { continue };
        if !seen.insert((name, line, mistake)) {
            continue;
        }
        // A table that refers to other files is not whole here, so that not all of it is looked at.
        let before = whole.entry(name).or_insert_with(|| errors(name, text));
        let own = table(&lines, line);
        if RESOLVED.contains(&what) && before.iter().any(|(_, at, _)| table(&lines, *at as usize - 1) == own) {
            continue;
        }
        let mut own = lines.clone();
        own[line] = &other;
        let own = own.join("\n") + "\n";
        let new: Vec<_> = errors(name, &own).difference(before).cloned().collect();
        let number = u32::try_from(line + 1).unwrap();
        assert!(
            new.iter().any(|(_, at, _)| *at == number),
            "{what} in line {number} of {name}, `{other}`, and what is said is {new:#?}"
        );
        let _ = format(&own);
        made[mistake] += 1;
        broken += 1;
    }
    assert!(made.iter().all(|count| *count > 0), "{made:?}");
}

/// Bytes changed anywhere: what comes may even be right, but it is never a panic, and never an error without a place.
/// `ROUNDS=100000` has it go on for longer, from another seed each time.
#[test]
fn bytes_changed_at_random_never_upset_the_loader() {
    let (mut packs, _) = from_folder(Path::new("tests/data/shipping"));
    packs.extend(from_folder(Path::new("tests/data/basics")).0);
    packs.extend(from_folder(Path::new("rules/examples")).0);
    let rounds = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse::<u64>().ok());
    let now = || std::time::UNIX_EPOCH.elapsed().map_or(0, |time| time.subsec_nanos());
    let seed = if rounds.is_some() { u64::from(now()) } else { 7 };
    let mut random = Random(seed);
    for round in 0..rounds.unwrap_or(300) {
        let mut pack = random.of(&packs).clone();
        let paths: Vec<String> = pack.files.keys().cloned().collect();
        let content = pack.files.get_mut(random.of(&paths)).unwrap();
        for _ in 0..=random.below(8) {
            let at = random.below(content.len());
            match random.below(4) {
                0 => content[at] = (random.below(256)) as u8,
                1 => content.truncate(at.max(1)),
                2 => content.insert(at, *random.of(b"[]{}()'\"=.$@%|?#\n")),
                _ => {
                    let end = (at + random.below(30)).min(content.len());
                    let part = content[at..end].to_vec();
                    content.extend(part);
                }
            }
        }
        let loaded = std::panic::catch_unwind(|| load(&[pack.clone()]));
        let loaded = loaded.unwrap_or_else(|_| panic!("seed {seed}, round {round}: {pack:#?}"));
        for problem in &loaded.diagnostics {
            assert!(!problem.render(&loaded.sources, false).is_empty());
            let record = problem.record(&loaded.sources);
            assert!(record.level != Level::Error || record.line > 0 || record.code == "E-ZERO-RULES", "{record:?}");
        }
    }
}
