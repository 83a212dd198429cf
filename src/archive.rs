//! Saved certificates: a proof as data, to be checked again by whoever reads it.

use serde::{Deserialize, Serialize};

use crate::kernel::Certificate;

/// The version of the format.
pub const SCHEMA: &str = "convprove/certificate/1";

#[derive(Serialize, Deserialize)]
struct Saved {
    schema: String,
    certificate: Certificate,
}

/// The text of a certificate.
///
/// # Errors
/// Where a term cannot be written as JSON, which does not happen for terms that the kernel accepts.
pub fn write(certificate: &Certificate) -> Result<String, String> {
    let saved = Saved { schema: SCHEMA.to_owned(), certificate: certificate.clone() };
    serde_json::to_string(&saved).map_err(|error| error.to_string())
}

/// Reads a certificate back. Nothing is believed: check it.
///
/// # Errors
/// In words, where the text is no certificate of this version.
///
/// ```
/// assert!(convprove::archive::read("{}").is_err());
/// assert!(convprove::archive::read(&"[".repeat(100_000)).is_err());
/// ```
pub fn read(text: &str) -> Result<Certificate, String> {
    let depth = nesting(text);
    if depth > DEEPEST {
        return Err(format!("this is no certificate: it is nested {depth} deep, and {DEEPEST} is the limit"));
    }
    let saved = if depth <= SHALLOW { parse(text) } else { with_stack(|| parse(text)) };
    let saved = saved.map_err(|error| format!("this is no certificate: {error}"))?;
    if saved.schema == SCHEMA {
        Ok(saved.certificate)
    } else {
        Err(format!("the certificate has the schema {:?}, not {SCHEMA}", saved.schema))
    }
}

/// The deepest terms that the kernel takes have a few brackets for each of their levels.
const DEEPEST: usize = 1024;

/// Texts that are not deeper than this are read on the caller's stack.
const SHALLOW: usize = 100;

/// Room for the deepest text, where the reader is not optimised.
const STACK: usize = 64 << 20;

fn parse(text: &str) -> Result<Saved, String> {
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.disable_recursion_limit();
    let saved = Saved::deserialize(&mut reader).map_err(|error| error.to_string())?;
    reader.end().map_err(|error| error.to_string())?;
    Ok(saved)
}

fn with_stack(read: impl FnOnce() -> Result<Saved, String> + Send) -> Result<Saved, String> {
    std::thread::scope(|scope| {
        let reader = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, read);
        let reader = reader.map_err(|error| error.to_string())?;
        reader.join().unwrap_or_else(|_| Err("it cannot be read".to_owned()))
    })
}

/// How deep the brackets of a JSON text are nested, those in strings left out.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut quoted, mut escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
