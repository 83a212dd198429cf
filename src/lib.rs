//! convprove proves, refutes and explains identities between sums of products of tensor entries, for all sizes at once.

pub mod archive;
pub mod decide;
pub mod diag;
pub mod entail;
pub mod export;
pub mod goal;
pub mod kernel;
pub mod numeric;
pub mod script;
pub mod search;
pub mod syntax;
