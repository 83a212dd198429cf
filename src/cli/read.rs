//! `read`: what is understood of homework.

use std::fmt::Write;

use convprove::diag::{Diagnostic, render};
use convprove::export::text;
use convprove::homework::{self, PieceKind, Places, Reading, Step};
use serde_json::{Value, json};

use super::args::Read;
use super::files::{self, Source};
use super::status::Status;
use super::{complain, error_color, say};

/// Prints the normalised reading of each answer.
pub fn read(args: &Read) -> Status {
    let mut status = Status::Fine;
    let mut results = Vec::new();
    let (mut steps, mut unreadable, mut notes) = (0, 0, 0);
    for path in &args.answers {
        let source = match files::read(path) {
            Ok(source) => source,
            Err(fault) => {
                complain(&format!("convprove: {fault}"));
                status = Status::Unreadable;
                continue;
            }
        };
        let reading = homework::read(&source.text);
        if !reading.unreadable.is_empty() {
            status = Status::Unreadable;
        }
        steps += reading.steps.len();
        unreadable += reading.unreadable.len();
        notes += reading.steps.iter().map(|step| step.notes.len()).sum::<usize>();
        if args.json {
            results.push(as_json(&source, &reading));
        } else {
            say(as_text(&source, &reading).trim_end());
            complain_of(&source, &reading);
        }
    }
    let summary = json!({ "steps": steps, "unreadable": unreadable, "notes": notes });
    if args.json {
        say(&json!({ "schema": "convprove/read/1", "results": results, "summary": summary }).to_string());
    } else {
        say(&format!("{steps} steps, {unreadable} unreadable, {notes} remarks"));
    }
    status
}

fn as_text(source: &Source, reading: &Reading) -> String {
    let mut page = String::new();
    for step in &reading.steps {
        let label = step.label.as_ref().map(|label| format!("{label} ")).unwrap_or_default();
        let after = step.continues.and_then(|before| reading.steps.get(before));
        let after = after.map(|before| format!(", goes on from {}", before.id)).unwrap_or_default();
        let tag = step.tag.as_ref().map(|tag| format!("  ({tag})")).unwrap_or_default();
        let _ =
            writeln!(page, "{}:{}:{}: {} {}{after}", source.name, step.line, step.column, step.id, step.kind.word());
        let _ = writeln!(page, "    {}", text::name(&format!("{label}{}{tag}", step.reading())));
        for note in &step.notes {
            let repair = note.repair.as_ref().map(|repair| format!("; perhaps `{repair}`")).unwrap_or_default();
            let _ = writeln!(page, "    note: {}", text::name(&format!("{}{repair}", note.message)));
        }
    }
    page
}

/// So many faults of one answer are drawn; each looks through the whole text.
const MAX_DRAWN: usize = 100;

fn complain_of(source: &Source, reading: &Reading) {
    let more = reading.unreadable.len().saturating_sub(MAX_DRAWN);
    for fault in reading.unreadable.iter().take(MAX_DRAWN) {
        let mut diagnostic = Diagnostic::error(fault.at.clone(), fault.message.clone());
        if let Some(hint) = &fault.hint {
            diagnostic = diagnostic.with_hint(hint.clone());
        }
        complain(render(&diagnostic, &source.name, &source.text, error_color()).trim_end());
    }
    if more > 0 {
        complain(&format!("{}: {more} more formulas could not be read; --json names them all", source.name));
    }
}

fn as_json(source: &Source, reading: &Reading) -> Value {
    let places = Places::new(&source.text);
    let place = |span: &std::ops::Range<usize>| {
        let (line, column) = places.of(span.start);
        json!({ "line": line, "column": column, "start": span.start, "end": span.end })
    };
    let step = |step: &Step| {
        let notes: Vec<Value> = step
            .notes
            .iter()
            .map(|note| {
                json!({ "kind": note.kind.word(), "message": note.message, "repair": note.repair, "place": place(&note.span) })
            })
            .collect();
        let statements: Vec<Value> = step
            .statements
            .iter()
            .zip(&step.kinds)
            .map(|(statement, kind)| json!({ "kind": kind.word(), "reading": homework::print::statement(statement) }))
            .collect();
        let continues = step.continues.and_then(|before| reading.steps.get(before)).map(|before| before.id.clone());
        json!({
            "id": step.id, "line": step.line, "column": step.column, "kind": step.kind.word(), "source": step.source,
            "reading": step.reading(), "statements": statements, "label": step.label, "tag": step.tag, "remarks": step.remarks, "continues": continues,
            "start": step.span.start, "end": step.span.end, "notes": notes,
        })
    };
    let prose: Vec<Value> = reading
        .pieces
        .iter()
        .filter(|piece| matches!(piece.kind, PieceKind::Prose | PieceKind::Hidden))
        .map(|piece| json!({ "text": source.text.get(piece.span.clone()), "place": place(&piece.span) }))
        .collect();
    let unreadable: Vec<Value> = reading
        .unreadable
        .iter()
        .map(|fault| {
            json!({
                "line": fault.line, "column": fault.column, "message": fault.message, "hint": fault.hint,
                "source": source.text.get(fault.span.clone()), "start": fault.span.start, "end": fault.span.end,
            })
        })
        .collect();
    let symbols = &reading.symbols;
    let name = |name: &homework::formula::Name| homework::print::name(name);
    json!({
        "file": source.name,
        "steps": reading.steps.iter().map(step).collect::<Vec<_>>(),
        "unreadable": unreadable,
        "prose": prose,
        "symbols": {
            "tensors": symbols.tensors.iter().map(|(tensor, axes)| json!({ "name": name(tensor), "axes": axes })).collect::<Vec<_>>(),
            "functions": symbols.functions.keys().map(name).collect::<Vec<_>>(),
            "indices": symbols.indices.iter().map(name).collect::<Vec<_>>(),
            "sizes": symbols.sizes.iter().map(name).collect::<Vec<_>>(),
        },
    })
}
