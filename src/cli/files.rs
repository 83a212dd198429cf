//! Reading files and folders.

use std::path::{Path, PathBuf};

/// A text with its name.
pub struct Source {
    /// The path as it is shown.
    pub name: String,
    /// What it contains.
    pub text: String,
    /// Whether only the fenced blocks are read.
    pub literate: bool,
}

/// Reads one file. Bytes that are no UTF-8 are replaced, so that the reader can point at them.
pub fn read(path: &Path) -> Result<Source, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Source {
        name: path.display().to_string(),
        text: String::from_utf8_lossy(&bytes).into_owned(),
        literate: path.extension().is_some_and(|extension| extension == "md"),
    })
}

/// The files with one of the extensions at the paths and in the folders below them, in sorted order.
pub fn find(paths: &[PathBuf], extensions: &[&str]) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for path in paths {
        if !path.exists() {
            return Err(format!("{}: there is no such file or folder", path.display()));
        }
        if path.is_dir() { walk(path, extensions, &mut found, 0)? } else { found.push(path.clone()) }
    }
    Ok(found)
}

fn walk(folder: &Path, extensions: &[&str], found: &mut Vec<PathBuf>, depth: usize) -> Result<(), String> {
    if depth > 32 {
        return Ok(());
    }
    let fault = |error: std::io::Error| format!("{}: {error}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(fault)?;
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().map_err(fault)?;
    paths.sort();
    for path in paths {
        if path.is_dir() && !path.is_symlink() {
            walk(&path, extensions, found, depth + 1)?;
        } else if path.extension().is_some_and(|extension| extensions.iter().any(|known| extension == *known)) {
            found.push(path);
        }
    }
    Ok(())
}
