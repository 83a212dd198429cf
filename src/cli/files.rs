//! Reading files and folders.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use convprove::export::text;

/// Larger files are not read, and special files that never end do no harm.
const LARGEST: u64 = 256 << 20;

/// Folders below this depth are not entered.
const DEEPEST: usize = 64;

/// A text with its name.
pub struct Source {
    /// The path as it is shown.
    pub name: String,
    /// What it contains.
    pub text: String,
    /// Whether only the fenced blocks are read.
    pub literate: bool,
}

/// A file or folder that cannot be read, or a file that cannot be written.
#[derive(Debug)]
pub struct Fault {
    /// The path as it is shown.
    pub name: String,
    /// What is wrong with it.
    pub message: String,
}

impl Fault {
    /// A fault of the system.
    pub fn new(path: &Path, message: impl std::fmt::Display) -> Self {
        Fault { name: shown(path), message: message.to_string() }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.name, self.message)
    }
}

/// A path as it may be printed: a file's name may hold anything, a terminal obeys some of it.
fn shown(path: &Path) -> String {
    text::name(&path.display().to_string())
}

/// `FILE` or `FILE:NAME`.
pub fn target(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((path, name)) if !Path::new(text).exists() => (path, Some(name)),
        _ => (text, None),
    }
}

/// Reads one file, which must be UTF-8: a guess at what was meant could change a statement.
pub fn read(path: &Path) -> Result<Source, Fault> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| Fault::new(path, error))?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| Fault::new(path, error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Fault::new(path, format!("the file is larger than {} MB", LARGEST >> 20)));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Fault::new(path, format!("line {line} is not UTF-8 text"))
    })?;
    let literate = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md"));
    Ok(Source { name: shown(path), text, literate })
}

/// The files with one of the extensions at the paths and in the folders below them, folders in sorted order, each file once.
/// A file that is named itself is taken whatever its extension.
pub fn find(paths: &[PathBuf], extensions: &[&str]) -> Vec<Result<PathBuf, Fault>> {
    find_beside(paths, extensions, &[])
}

/// The same, where files with others of the extensions cannot be read and may not be passed over in silence.
pub fn find_beside(paths: &[PathBuf], extensions: &[&str], refused: &[&str]) -> Vec<Result<PathBuf, Fault>> {
    let mut finder = Finder { extensions, refused, found: Vec::new(), seen: BTreeSet::new() };
    for path in paths {
        match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                finder.found.push(Err(Fault::new(path, "there is no such file or folder")));
            }
            Err(error) => finder.found.push(Err(Fault::new(path, error))),
            Ok(found) if found.is_dir() => finder.walk(path, 0),
            Ok(_) => finder.file(path.clone()),
        }
    }
    finder.found
}

struct Finder<'a> {
    extensions: &'a [&'a str],
    refused: &'a [&'a str],
    found: Vec<Result<PathBuf, Fault>>,
    seen: BTreeSet<PathBuf>,
}

impl Finder<'_> {
    fn file(&mut self, path: PathBuf) {
        let real = std::fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        if self.seen.insert(real) {
            self.found.push(Ok(path));
        }
    }

    fn walk(&mut self, folder: &Path, depth: usize) {
        if depth > DEEPEST {
            self.found.push(Err(Fault::new(folder, "the folder is too deep")));
            return;
        }
        let entries = std::fs::read_dir(folder)
            .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>());
        let mut paths = match entries {
            Ok(paths) => paths,
            Err(error) => {
                self.found.push(Err(Fault::new(folder, error)));
                return;
            }
        };
        paths.sort();
        for path in paths {
            // Links to folders could lead round in a circle.
            if path.is_dir() && !path.is_symlink() {
                self.walk(&path, depth + 1);
            } else if path.is_file() {
                let has = |known: &&&str| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(known));
                if self.extensions.iter().any(|known| has(&known)) {
                    self.file(path);
                } else if self.refused.iter().any(|known| has(&known)) {
                    let kinds: Vec<String> = self.extensions.iter().map(|known| format!(".{known}")).collect();
                    let message = format!("files of this kind are not read: save it as text ({})", kinds.join(", "));
                    self.found.push(Err(Fault::new(&path, message)));
                }
            }
        }
    }
}
