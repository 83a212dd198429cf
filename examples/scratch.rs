use convprove::kernel::*;
use convprove::search::*;
fn v(n: &str) -> Index {
    Index::scalar(n)
}
fn main() {
    let one = Index::from(1);
    let tens = |n: &str, hi: &str| TensorDeclaration {
        name: n.into(),
        axes: vec![Var::scalar("k")],
        support: Guard::between(&one, &v("k"), &v(hi)),
    };
    let l = Expr::Sum(
        vec![Var::scalar("u")],
        Guard::between(&one, &v("u"), &v("m")),
        Box::new(Expr::Mul(vec![Expr::entry("w", vec![v("u")]), Expr::entry("x", vec![&v("i") - &v("u")])])),
    );
    let r = Expr::Sum(
        vec![Var::scalar("s")],
        Guard::between(&one, &v("s"), &v("n")),
        Box::new(Expr::Mul(vec![Expr::entry("x", vec![v("s")]), Expr::entry("w", vec![&v("i") - &v("s")])])),
    );
    let st = Statement {
        name: "t".into(),
        signature: Signature { tensors: vec![tens("w", "m"), tens("x", "n")], ..Default::default() },
        parameters: vec![Var::scalar("m"), Var::scalar("n")],
        assumptions: [Literal::le(&one, &v("m")), Literal::le(&one, &v("n"))].into_iter().collect(),
        indices: vec![Var::scalar("i")],
        ranges: Guard::always(),
        claim: Claim::Equation(l, r),
    };
    let mut stats = Statistics::default();
    match prove(&st, &[], &Budget::default(), &mut stats) {
        Ok(p) => {
            if let Proof::Chain(s) = &p.certificate.proof {
                for s in s {
                    println!("{:?} {} {} \n   {:?}", s.path, s.law.name(), s.reversed, s.to);
                }
            }
            println!("{:?}", p.theorem.laws());
        }
        Err(o) => println!("{o:?}"),
    }
    println!("{stats:?}");
}
