//! Matrices of layers: against direct loops, against the transposed layer, and on hostile input.

use std::collections::BTreeMap;

use convprove::kernel::Name;
use convprove::picture::{Fault, Layer, Matrix, latex, markdown, matrix, svg, text};
use convprove::syntax::load;

fn sizes(given: &[(&str, i64)]) -> BTreeMap<Name, i64> {
    given.iter().map(|(name, value)| (Name::from(*name), *value)).collect()
}

fn draw(source: &str, name: &str, input: Option<&str>, given: &[(&str, i64)]) -> Result<Matrix, Fault> {
    let module = load(source, false);
    assert!(module.diagnostics.is_empty(), "{:?}", module.diagnostics);
    let definitions: Vec<_> = module.definitions.iter().map(|known| known.definition.clone()).collect();
    let known = module.definitions.iter().find(|known| known.definition.name.as_str() == name).unwrap();
    let layer = Layer {
        definition: &known.definition,
        definitions: &definitions,
        defaults: &known.defaults,
        assumptions: &known.assumptions,
    };
    matrix(&layer, input, &sizes(given))
}

fn std(name: &str, input: &str, given: &[(&str, i64)]) -> Matrix {
    draw(&format!("use std # {name}"), name, Some(input), given).unwrap_or_else(|fault| panic!("{name}: {fault}"))
}

/// The matrix as rows of texts, `0` for what is not there.
fn table(matrix: &Matrix) -> Vec<Vec<String>> {
    let cell = |row, column| matrix.cells.get(&(row, column)).map_or_else(|| "0".to_string(), ToString::to_string);
    (0..matrix.rows.len()).map(|row| (0..matrix.columns.len()).map(|column| cell(row, column)).collect()).collect()
}

#[test]
fn the_matrix_of_the_exercise() {
    let drawn = std("conv2", "X", &[("M", 4), ("N", 4), ("m", 3), ("n", 3)]);
    assert_eq!((drawn.rows.len(), drawn.columns.len(), drawn.kinds().len()), (4, 16, 9));
    let row = "0 W[0,0] W[0,1] W[0,2] 0 W[1,0] W[1,1] W[1,2] 0 W[2,0] W[2,1] W[2,2] 0 0 0 0";
    assert_eq!(table(&drawn)[1].join(" "), row);
    assert_eq!(table(&drawn.transposed()).len(), 16);
    assert_eq!(drawn.transposed().transposed(), drawn);
}

/// Every stride, padding and dilation, sizes 0 and 1 included, against a loop.
#[test]
fn one_dimension_against_a_loop() {
    let mut drawn = 0;
    for n in 0..6 {
        for k in 1..4 {
            for (s, pl, ph, d) in [(1, 0, 0, 1), (2, 1, 1, 1), (3, 0, 2, 2), (1, 2, -1, 1)] {
                let given = [("n", n), ("K", k), ("s", s), ("pl", pl), ("ph", ph), ("d", d)];
                // Without entries there is no span.
                let Ok(found) = draw("use std # conv", "conv", Some("x"), &given) else {
                    assert_eq!(n, 0);
                    continue;
                };
                let outputs = ((n + pl + ph - (d * (k - 1) + 1)).div_euclid(s) + 1).max(0);
                let entry = |o: i64, i: i64| {
                    let shift = i + pl - s * o;
                    let inside = shift >= 0 && shift % d == 0 && shift / d < k;
                    if inside { format!("w[{}]", shift / d) } else { "0".to_string() }
                };
                let expected: Vec<Vec<String>> = (0..outputs).map(|o| (0..n).map(|i| entry(o, i)).collect()).collect();
                assert_eq!(table(&found), expected, "{given:?}");
                drawn += 1;
            }
        }
    }
    assert!(drawn > 50, "{drawn}");
}

/// The transposed matrix of a layer is the matrix of its transposed layer.
#[test]
fn the_transpose_is_the_transposed_layer() {
    for (n, k, s, p, d) in [(5, 3, 1, 0, 1), (7, 3, 2, 1, 1), (8, 2, 3, 0, 2), (6, 4, 2, 3, 1), (1, 1, 4, 0, 3)] {
        let forward = std("conv", "x", &[("n", n), ("K", k), ("s", s), ("pl", p), ("ph", p), ("d", d)]);
        let outputs = forward.rows.len() as i64;
        let back = std("convT", "g", &[("O", outputs), ("K", k), ("s", s), ("p", p), ("d", d), ("n", n)]);
        assert_eq!(table(&forward.transposed()), table(&back));
    }
}

#[test]
fn coefficients_are_polynomials_in_the_other_entries() {
    let source = "use std\n\
        def twice(x[0..n-1], w[0..K-1], v[0..L-1] where K >= 1, L >= 1, n >= 1)[i in 0..n+K+L-3] = full(full(x, w), v)[i]\n\
        def odd(x[0..n-1], w[0..1])[i in 0..n-1] = (w[0]^2 - 3*w[1])*x[i] / 2 - x[i]\n";
    let drawn = draw(source, "twice", Some("x"), &[("n", 1), ("K", 2), ("L", 2)]).unwrap();
    let column: Vec<String> = table(&drawn).into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(column, ["w[0]*v[0]", "w[0]*v[1] + w[1]*v[0]", "w[1]*v[1]"]);
    let drawn = draw(source, "odd", Some("x"), &[("n", 1)]).unwrap();
    assert_eq!(table(&drawn), [["-1 + 1/2*w[0]^2 - 3/2*w[1]"]]);
    assert!(latex(&drawn).contains(r"-1+\frac{1}{2} {w}_{0}^{2}-\frac{3}{2} {w}_{1}"), "{}", latex(&drawn));
}

#[test]
fn what_is_not_linear_is_told_why() {
    let source = "use std # corr, rev\nscalar function sigma(x)\n\
        def square(x[0..n-1])[i in 0..n-1] = x[i]^2\n\
        def constant(x[0..n-1])[i in 0..n-1] = x[i] + 1\n\
        def cut(x[0..n-1])[i in 0..n-1] = relu(x[i])\n\
        def over(x[0..n-1])[i in 0..n-1] = 1 / x[i]\n\
        def through(x[0..n-1])[i in 0..n-1] = sigma(x[i])\n\
        def huge(x[0..n-1], w[0..n-1])[i in 0..n-1] = (sum(k in 0..n-1) w[k])^64*x[i]\n";
    let say = |name: &str, input: Option<&str>, given: &[(&str, i64)]| {
        draw(source, name, input, given).map_or_else(|fault| fault.to_string(), |found| panic!("{found:?}"))
    };
    let n = [("n", 3)];
    assert_eq!(
        say("square", None, &n),
        "the layer is not linear: its output at [0] has the term x[0]^2, which contains the input 2 times"
    );
    assert!(say("constant", None, &n).contains("has the term 1, which does not contain the input"));
    assert!(say("cut", None, &n).contains("a maximum"));
    assert!(say("over", None, &n).contains("divides"));
    assert!(!say("through", None, &n).is_empty());
    assert_eq!(say("corr", None, &[("n", 3), ("K", 1)]), "say which tensor is the input: x or w");
    assert_eq!(say("corr", Some("y"), &[("n", 3), ("K", 1)]), "there is no tensor y; there are x, w");
    assert_eq!(say("corr", Some("x"), &n), "the size K is not given");
    assert_eq!(say("corr", Some("x"), &[("z", 3)]), "there is no size z; there are n, K");
    assert!(say("corr", Some("x"), &[("n", 3), ("K", 0)]).contains("does not hold"));
    assert!(say("rev", None, &[("n", 2_000)]).contains("too large"));
    assert!(!say("rev", None, &[("n", i64::MAX)]).is_empty());
    assert!(!say("huge", Some("x"), &[("n", 40)]).is_empty());
}

/// The tags of a drawing are balanced, nothing in it is raw, and it asks for nothing from outside.
fn check_svg(drawing: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = drawing;
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, next) = after.split_once('>').expect("a tag ends");
        assert!(!tag.contains('<'), "{tag}");
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
        match (tag.starts_with('/'), tag.ends_with('/')) {
            (true, _) => assert_eq!(open.pop(), Some(name)),
            (_, true) => {}
            _ => open.push(name),
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        rest = next;
    }
    assert!(open.is_empty(), "{open:?}");
    let addresses = drawing.matches("http").count();
    assert_eq!(addresses, 1, "only the name space");
    for word in ["href", "<script", "<image", "url("] {
        assert!(!drawing.contains(word));
    }
}

#[test]
fn drawings_are_well_formed() {
    let small = std("conv2", "X", &[("M", 4), ("N", 4), ("m", 3), ("n", 3)]);
    check_svg(&svg(&small));
    check_svg(&svg(&small.transposed()));
    assert_eq!(svg(&small).matches("text-anchor=\"middle\"").count(), 36 + 16);
    let large = std("corr", "x", &[("n", 60), ("K", 5)]);
    check_svg(&svg(&large));
    assert!(!svg(&large).contains("text-anchor"));
    let empty = std("corr", "x", &[("n", 2), ("K", 3)]);
    assert!(empty.rows.is_empty());
    check_svg(&svg(&empty));
    assert!(text(&empty).starts_with("corr = C x\n"));
    let mut hostile = small;
    hostile.names = ("<script>alert(1)</script>\u{7}".into(), "\"|&".into());
    check_svg(&svg(&hostile));
    assert!(!text(&hostile).contains('\u{7}'));
    assert!(!markdown(&hostile).contains("<script"));
}

#[test]
fn tables_have_one_line_for_each_output() {
    let drawn = std("corr", "x", &[("n", 3), ("K", 2)]);
    assert_eq!(
        markdown(&drawn),
        "| corr = C x | x\\[0\\] | x\\[1\\] | x\\[2\\] |\n| :-- | :-: | :-: | :-: |\n\
         | \\[0\\] | w\\[0\\] | w\\[1\\] |  |\n| \\[1\\] |  | w\\[0\\] | w\\[1\\] |\n"
    );
    assert_eq!(
        latex(&drawn.transposed()),
        "\\[\nC^{T} = \\left(\\begin{array}{cc}\n  {w}_{0} & \\cdot \\\\\n  {w}_{1} & {w}_{0} \\\\\n  \\cdot & {w}_{1} \\\\\n\\end{array}\\right)\n\\]\n"
    );
}

#[test]
fn the_commands_draw() {
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_convprove")).args(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let picture = ["--input", "X", "--at", "M=4,N=4,m=3,n=3"];
    let with = |before: &[&'static str]| run(&[before, &picture].concat());
    let (status, drawing, _) = with(&["picture", "std:conv2", "--format", "svg"]);
    assert_eq!(status, Some(0));
    check_svg(&drawing);
    let (_, page, _) =
        with(&["explain", "proofs/exercise-5-7.cvp:layer_is_matrix", "--format", "html", "--picture", "conv2"]);
    assert!(page.contains(drawing.trim_end()), "{page}");
    let (_, document, _) =
        with(&["explain", "proofs/exercise-5-7.cvp:layer_is_matrix", "--format", "latex", "--picture", "conv2"]);
    assert_eq!(document.matches("\\begin{array}{cccccccccccccccc}").count(), 1);
    let (status, _, complaint) = run(&["picture", "std:relu", "--at", ""]);
    assert_eq!((status, complaint.is_empty()), (Some(2), false));
    let (status, _, complaint) = run(&["picture", "std:maxpool", "--at", "n=4,K=2"]);
    assert_eq!(status, Some(2));
    assert!(complaint.contains("it takes a maximum"), "{complaint}");
}
