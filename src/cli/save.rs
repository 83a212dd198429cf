//! Saving certificates: one file for each proved theorem.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use convprove::archive;
use convprove::kernel::Certificate;

use super::files::Fault;

/// A folder for certificates.
pub struct Folder {
    path: PathBuf,
    taken: BTreeSet<String>,
}

impl Folder {
    /// Makes the folder where there is none.
    pub fn create(path: &Path) -> Result<Self, Fault> {
        std::fs::create_dir_all(path).map_err(|error| Fault::new(path, error))?;
        Ok(Folder { path: path.to_path_buf(), taken: BTreeSet::new() })
    }

    /// Writes `PAGE.THEOREM.json`, where PAGE is the name of the file that states the theorem, without its extension.
    pub fn save(&mut self, page: &str, certificate: &Certificate) -> Result<PathBuf, Fault> {
        let page = Path::new(page).file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        let plain = format!("{page}.{}", certificate.statement.name.as_str());
        let plain: String = plain.chars().map(|letter| if allowed(letter) { letter } else { '_' }).collect();
        // Two pages of one name in different folders must not overwrite each other, nor names that differ in capitals only, which
        // some systems take for one.
        let mut name = plain.clone();
        let mut number = 1;
        while !self.taken.insert(name.to_lowercase()) {
            number += 1;
            name = format!("{plain}-{number}");
        }
        let path = self.path.join(format!("{name}.json"));
        let text = archive::write(certificate).map_err(|message| Fault::new(&path, message))?;
        std::fs::write(&path, text + "\n").map_err(|error| Fault::new(&path, error))?;
        Ok(path)
    }
}

/// Letters that file systems have no other use for.
fn allowed(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | '\'')
}
