//! Answers from strangers: whatever they hold, the grader ends and says something of every step.

use convprove::grade::{Options, grade};

#[test]
fn nothing_breaks_the_grader() {
    let deep = format!("$${}x{} = 1$$", "(".repeat(38), ")".repeat(38));
    let sums = format!("$${} x_i = 0$$", "\\sum_{i=1}^{n}".repeat(30));
    let long = format!("$$y = {}$$", vec!["a_i b_{i+1}"; 400].join(" + "));
    let matrix = format!(
        "$$\\frac{{\\partial C}}{{\\partial a}} = \\begin{{matrix}}{}\\end{{matrix}}$$",
        vec![["w_{11}\\delta_{11}"; 12].join("&"); 12].join("\\\\")
    );
    let many = "$$1+1=2$$\n\n".repeat(900);
    // Many layers of the answer's own, and many wrong gradients of them: the claims of an answer are counted.
    let layer = |shift: usize| {
        format!(
            "$$Y_{{f,i}} = \\sum_{{c=0}}^{{C-1}}\\sum_{{u=0}}^{{K-1}} W_{{f,c,u}} X_{{c, S i + u - P + {shift}}}$$\n\n"
        )
    };
    let gradient = "$$\\frac{\\partial L}{\\partial W_{f,c,u}} = \\sum_{i} \\frac{\\partial L}{\\partial Y_{f,i}} X_{c, S i - u - P}$$\n\n";
    let layers: String = (0..8).map(layer).chain([gradient.repeat(40)]).collect();
    let cases = [
        "".to_string(),
        "$$3**256**256**256 = 9$$".to_string(),
        "$$9^{9^{9^9}} = 1$$ $$1/0 = 2$$ $$0^{-1} = 3$$".to_string(),
        "$$\\delta^l = \\delta^l * \\delta^l * W * W \\odot \\sigma'(z)$$".to_string(),
        "$$s = s$$ $$s = 2s+u$$ $$\\sum_s x_s = \\sum_u x_{2u}$$".to_string(),
        "$$\\delta^{l+9223372036854775807} = W^{l-9223372036854775808} * \\delta^{99999999999999999999}$$".to_string(),
        "$$z_{9223372036854775807} = a_{9223372036854775807}w_{1} + a_{1}w_{9223372036854775807}$$".to_string(),
        "$$\\nabla a_{9223372036854775807,1} = \\delta_{9223372036854775807,1} w_{1,9223372036854775807}$$".to_string(),
        "<script>alert(1)</script> $$x = <script>$$".to_string(),
        deep,
        sums,
        long,
        matrix,
        many,
        layers,
    ];
    for text in cases {
        let grade = grade(&text, &Options::default());
        assert_eq!(grade.steps.len(), grade.reading.steps.len() + grade.reading.unreadable.len());
        assert!(
            !grade
                .steps
                .iter()
                .any(|step| step.findings.iter().any(|finding| finding.message.english.contains("could not work"))),
            "{text:.60}"
        );
        let page = convprove::grade::html::page(
            &grade,
            "a<b>.md",
            convprove::grade::verdict::Language::English,
            convprove::grade::report::Feedback::Repair,
        );
        assert!(!page.contains("<script") && !page.contains("a<b>"));
    }
}
