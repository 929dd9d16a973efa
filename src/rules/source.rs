//! Where packs come from: the binary itself, folders, or memory.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};

use super::diagnostic::{Code, Diagnostic, Level};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// Bytes of one file at most.
pub const MAX_FILE_BYTES: u64 = 16 << 20;
/// Files of one pack at most.
pub const MAX_FILES: usize = 2_000;
/// Depth of folders at most; links that lead in a circle end here.
const MAX_DEPTH: usize = 6;

/// The files of one pack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackFiles {
    /// Name of the pack's folder.
    pub name: String,
    /// Contents by path inside the pack, with `/`.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl PackFiles {
    /// A pack from texts in memory.
    pub fn from_texts<'a>(name: &str, texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let files = texts.into_iter().map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).collect();
        Self { name: name.to_owned(), files }
    }

    /// SHA-256 over paths and contents, in hexadecimal.
    pub fn digest(&self) -> String {
        digest(std::slice::from_ref(self))
    }
}

/// SHA-256 over all packs, in hexadecimal; the order of the packs does not matter.
pub fn digest(packs: &[PackFiles]) -> String {
    let mut sorted: Vec<&PackFiles> = packs.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    for pack in sorted {
        part(pack.name.as_bytes());
        for (path, content) in &pack.files {
            part(path.as_bytes());
            part(content);
        }
    }
    hash.finalize().iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The packs that the binary carries.
pub fn embedded() -> Vec<PackFiles> {
    let packs = EMBEDDED.dirs().filter(|dir| dir.get_file(dir.path().join("pack.toml")).is_some());
    packs
        .map(|dir| {
            let mut files = BTreeMap::new();
            collect(dir, dir.path(), &mut files);
            PackFiles { name: file_name(dir.path()), files }
        })
        .collect()
}

fn collect(dir: &Dir<'_>, root: &Path, out: &mut BTreeMap<String, Vec<u8>>) {
    for file in dir.files() {
        let path = file.path().strip_prefix(root).unwrap_or(file.path());
        if is_rule_file(path) {
            out.insert(slashes(path), file.contents().to_vec());
        }
    }
    dir.dirs().for_each(|inner| collect(inner, root, out));
}

/// The packs of a folder: the folder itself if it has a `pack.toml`, else every folder in it that has one.
///
/// Names that begin with a dot are passed over (Kubernetes keeps its versions of a mounted volume there); links are
/// followed. What cannot be read is reported.
pub fn from_folder(folder: &Path) -> (Vec<PackFiles>, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let mut roots: Vec<PathBuf> = Vec::new();
    if folder.join("pack.toml").is_file() {
        roots.push(folder.to_owned());
    } else {
        match std::fs::read_dir(folder) {
            Ok(entries) => roots.extend(
                entries
                    .filter_map(|entry| Some(entry.ok()?.path()))
                    .filter(|path| !is_hidden(path) && path.join("pack.toml").is_file()),
            ),
            Err(error) => problems.push(unreadable(folder, &error.to_string())),
        }
        roots.sort();
        if roots.is_empty() && problems.is_empty() {
            problems.push(unreadable(folder, "there is no pack here: no folder with a `pack.toml`"));
        }
    }
    let mut packs = Vec::new();
    for root in roots {
        let mut files = BTreeMap::new();
        walk(&root, &root, 0, &mut files, &mut problems);
        let name = root.canonicalize().map_or_else(|_| file_name(&root), |path| file_name(&path));
        packs.push(PackFiles { name, files });
    }
    (packs, problems)
}

/// Whether a folder is there and has nothing in it that [`from_folder`] would look at.
pub fn is_empty(folder: &Path) -> bool {
    let visible = |entry: std::io::Result<std::fs::DirEntry>| entry.is_ok_and(|entry| !is_hidden(&entry.path()));
    std::fs::read_dir(folder).is_ok_and(|mut entries| !entries.any(visible))
}

fn walk(folder: &Path, root: &Path, depth: usize, out: &mut BTreeMap<String, Vec<u8>>, problems: &mut Vec<Diagnostic>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return problems.push(unreadable(folder, &error.to_string())),
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if is_hidden(&path) {
            continue;
        }
        if path.is_dir() {
            if depth + 1 < MAX_DEPTH {
                walk(&path, root, depth + 1, out, problems);
            }
            continue;
        }
        let inner = path.strip_prefix(root).unwrap_or(&path);
        if !is_rule_file(inner) {
            continue;
        }
        if out.len() >= MAX_FILES {
            return problems.push(unreadable(root, &format!("a pack has at most {MAX_FILES} files")));
        }
        match std::fs::metadata(&path) {
            Ok(meta) if meta.len() > MAX_FILE_BYTES => {
                problems.push(unreadable(&path, &format!("a rule file has at most {MAX_FILE_BYTES} bytes")));
            }
            Ok(_) => match std::fs::read(&path) {
                Ok(bytes) => {
                    out.insert(slashes(inner), bytes);
                }
                Err(error) => problems.push(unreadable(&path, &error.to_string())),
            },
            Err(error) => problems.push(unreadable(&path, &error.to_string())),
        }
    }
}

fn unreadable(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::new(Code::Unreadable, Level::Error, format!("{}: {why}", path.display()))
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

fn is_rule_file(path: &Path) -> bool {
    let of_tests = path.starts_with("tests");
    path.extension().is_some_and(|end| {
        end == "toml" || end == "tsv" || end == "proto" || (of_tests && (end == "txt" || end == "events"))
    })
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn slashes(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
