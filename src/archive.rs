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
/// ```
pub fn read(text: &str) -> Result<Certificate, String> {
    let saved: Saved = serde_json::from_str(text).map_err(|error| format!("this is no certificate: {error}"))?;
    if saved.schema == SCHEMA {
        Ok(saved.certificate)
    } else {
        Err(format!("the certificate has the schema {}, not {SCHEMA}", saved.schema))
    }
}
