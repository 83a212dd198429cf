//! `verify`: saved certificates, checked by the kernel alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use convprove::export::notation::Notation;
use convprove::export::text;
use convprove::kernel::{Certificate, Statement, check};
use convprove::{archive, syntax};
use rayon::prelude::*;
use serde_json::{Value, json};

use super::args::Verify;
use super::files::{self, Fault};
use super::print_back::faithful;
use super::status::Status;
use super::{Failure, report, say};

/// What became of one certificate.
struct Verified {
    file: String,
    status: Status,
    reason: Option<String>,
    /// Where the kernel accepts it and its print says what it says.
    certificate: Option<(Certificate, String)>,
    laws: Vec<&'static str>,
    time_ms: f64,
}

/// Why a statement is not shown though the kernel accepts its proof.
const UNPRINTABLE: &str = "the kernel accepts the proof, but the proof language has no words for the statement: it would be printed as another one";

/// The statements that certificates are held against.
struct Known {
    file: String,
    statements: BTreeMap<String, Statement>,
}

/// Checks certificates with the kernel alone: no search, no parser, no numbers. The parser only sees that nobody is misled by the print.
pub fn verify(args: &Verify) -> Result<Status, Failure> {
    let known = args.against.as_deref().map(known).transpose()?;
    let paths = files::find(&args.certificates, &["json"]);
    if paths.is_empty() {
        return Err(Failure::Usage("there is no certificate (.json) in the folders given".into()));
    }
    let results: Vec<Verified> = paths.into_par_iter().map(|path| one(path, known.as_ref())).collect();
    let status = results.iter().map(|result| result.status).fold(Status::Fine, Status::max);
    let count = |status: Status| results.iter().filter(|result| result.status == status).count();
    let (proved, refused, ill_formed) = (count(Status::Fine), count(Status::Refuted), count(Status::Unreadable));
    if args.json {
        let summary =
            json!({"certificates": results.len(), "proved": proved, "refused": refused, "ill-formed": ill_formed});
        let results: Vec<Value> = results.iter().map(Verified::json).collect();
        say(&json!({"schema": "convprove/verify/1", "results": results, "summary": summary}).to_string());
        return Ok(status);
    }
    results.iter().for_each(|result| say(&result.text()));
    let mut words = vec![format!("{proved} proved")];
    words.extend((refused > 0).then(|| format!("{refused} refused")));
    words.extend((ill_formed > 0).then(|| format!("{ill_formed} ill-formed")));
    say(&words.join(", "));
    Ok(status)
}

fn known(path: &Path) -> Result<Known, Fault> {
    let source = files::read(path)?;
    let module = syntax::load(&source.text, source.literate);
    let statements = module.goals.into_iter().map(|goal| (goal.statement.name.to_string(), goal.statement)).collect();
    Ok(Known { file: source.name, statements })
}

fn one(path: Result<PathBuf, Fault>, known: Option<&Known>) -> Verified {
    let unreadable = |fault: Fault| Verified {
        file: fault.name,
        status: Status::Unreadable,
        reason: Some(fault.message),
        certificate: None,
        laws: Vec::new(),
        time_ms: 0.0,
    };
    let read = path.and_then(|path| {
        let source = files::read(&path)?;
        let certificate =
            archive::read(&source.text).map_err(|message| Fault { name: source.name.clone(), message })?;
        Ok((source.name, certificate))
    });
    let (file, certificate) = match read {
        Ok(read) => read,
        Err(fault) => return unreadable(fault),
    };
    let started = Instant::now();
    let checked = check(&certificate);
    let time_ms = report::milliseconds(started.elapsed());
    match checked {
        Ok(theorem) => {
            let refused = known.and_then(|known| known.difference(theorem.statement()));
            let laws = theorem.laws().iter().copied().collect();
            let (status, reason, print) = match (refused, faithful(theorem.statement())) {
                (Some(reason), print) => (Status::Refuted, Some(reason), print),
                // A statement of a known file needs no print.
                (None, print) if print.is_some() || known.is_some() => (Status::Fine, None, print),
                (None, print) => (Status::Unreadable, Some(UNPRINTABLE.to_owned()), print),
            };
            Verified { file, status, reason, certificate: print.map(|print| (certificate, print)), laws, time_ms }
        }
        // Terms that the kernel has not accepted may be of any size and shape: they are not printed.
        Err(refusal) => Verified {
            file,
            status: Status::Refuted,
            reason: Some(format!("the kernel says: {refusal}")),
            certificate: None,
            laws: Vec::new(),
            time_ms,
        },
    }
}

impl Known {
    /// Why a statement is not one of these.
    fn difference(&self, statement: &Statement) -> Option<String> {
        let name = text::name(statement.name.as_str());
        match self.statements.get(statement.name.as_str()) {
            None => Some(format!("{} has no theorem {name} that can be read", self.file)),
            Some(own) if own != statement => Some(format!("{} states {name} in another way", self.file)),
            Some(_) => None,
        }
    }
}

impl Verified {
    fn verdict(&self) -> &'static str {
        match self.status {
            Status::Fine => "proved",
            Status::Unreadable => "ill-formed",
            _ => "refused",
        }
    }

    fn text(&self) -> String {
        let mut out = format!("{}: {}", self.file, self.verdict());
        if let Some(reason) = &self.reason {
            out.push_str(&format!(": {}", text::name(reason)));
        }
        out.push('\n');
        let Some((certificate, print)) = &self.certificate else { return out.trim_end().to_owned() };
        for line in print.lines() {
            out.push_str(&format!("    {line}\n"));
        }
        if !certificate.lemmas.is_empty() {
            let lemmas = certificate.lemmas.iter().map(|lemma| text::name(lemma.statement.name.as_str()));
            out.push_str(&format!("  by way of {}\n", lemmas.collect::<Vec<_>>().join(", ")));
        }
        if !self.laws.is_empty() {
            out.push_str(&format!("  by the laws {}\n", self.laws.join(", ")));
        }
        out
    }

    fn json(&self) -> Value {
        let mut value =
            json!({"file": self.file, "verdict": self.verdict(), "time_ms": self.time_ms, "laws": self.laws});
        if let Some(reason) = &self.reason {
            value["reason"] = json!(reason);
        }
        if let Some((certificate, print)) = &self.certificate {
            let statement = &certificate.statement;
            let lemmas: Vec<&str> = certificate.lemmas.iter().map(|lemma| lemma.statement.name.as_str()).collect();
            value["name"] = json!(statement.name.as_str());
            value["steps"] = json!(certificate.proof.steps().len());
            value["assumptions"] = report::assumptions(&Notation::of_statement(statement), statement);
            value["statement"] = json!(print);
            value["lemmas"] = json!(lemmas);
        }
        value
    }
}
