//! Names that mean the same in every answer.

/// Functions of the field and of mathematics, which take what follows them.
const FUNCTIONS: [&str; 62] = [
    "rot180",
    "rot90",
    "flip",
    "flipud",
    "fliplr",
    "trans",
    "transpose",
    "conv",
    "conv1",
    "conv2",
    "conv3",
    "convn",
    "conv1d",
    "conv2d",
    "Conv",
    "Conv1D",
    "Conv2D",
    "Conv3D",
    "FullConv",
    "fullconv",
    "full",
    "valid",
    "same",
    "pad",
    "padpad",
    "Pad",
    "up",
    "upsample",
    "up_sample",
    "down",
    "downsample",
    "down_sample",
    "pool",
    "Pool",
    "maxpool",
    "avgpool",
    "im2col",
    "col2im",
    "vec",
    "diag",
    "sum",
    "mean",
    "max",
    "min",
    "argmax",
    "argmin",
    "exp",
    "log",
    "ln",
    "sin",
    "cos",
    "tan",
    "tanh",
    "sinh",
    "cosh",
    "relu",
    "ReLU",
    "softmax",
    "sigmoid",
    "ceil",
    "floor",
    "dot",
];

/// Those of them that are written without brackets too: `\log x`, `rot180 W`.
const PREFIXES: [&str; 17] = [
    "rot180", "log", "ln", "exp", "sin", "cos", "tan", "tanh", "sinh", "cosh", "flip", "max", "min", "argmax",
    "argmin", "up", "vec",
];

/// Letters that are functions wherever a bracket follows.
const LETTERS: [&str; 13] = ["f", "g", "σ", "φ", "ψ", "ℒ", "J", "O", "θ", "Pr", "Loss", "loss", "F"];

/// Words in subscripts that are labels and no two indices.
const LABELS: [&str; 24] = [
    "in", "out", "up", "max", "min", "old", "new", "pad", "tot", "total", "hid", "avg", "sum", "row", "col", "ker",
    "ch", "no", "of", "to", "conv", "pool", "full", "valid",
];

pub(super) fn is_function(base: &str) -> bool {
    FUNCTIONS.contains(&base) || base.contains('.')
}

pub(super) fn is_prefix(base: &str) -> bool {
    PREFIXES.contains(&base)
}

pub(super) fn is_function_letter(base: &str) -> bool {
    LETTERS.contains(&base)
}

pub(super) fn is_label(base: &str) -> bool {
    LABELS.contains(&base)
}

/// The one spelling of a rotation by 180 degrees, where a word is one of its spellings.
pub(super) fn rotation(base: &str) -> Option<&'static str> {
    match base.to_ascii_lowercase().as_str() {
        "rot180" | "rotate180" | "rotation180" | "rot_180" => Some("rot180"),
        "rot90" => Some("rot90"),
        _ => None,
    }
}
