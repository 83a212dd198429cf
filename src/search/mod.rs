//! Untrusted search: finds certificates.
