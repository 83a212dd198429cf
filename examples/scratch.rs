//! scratch
use convprove::decide::*;
fn main(){
  for path in std::env::args().skip(1) {
    let text=std::fs::read_to_string(&path).unwrap();
    let module=convprove::syntax::load(&text,false);
    for d in &module.diagnostics { let line=text[..d.span.start].matches('\n').count()+1; println!("{path}:{line}: {:?} {} {:?}",d.severity,d.message,d.hint); }
    decide_all(&module.goals,&Options::default(),|d| {
      println!("{:10} {:40} ok={} search {:?} check {:?} iter {} nodes {} {:?}",d.verdict.name(),d.name,d.as_expected(),d.time,d.check_time,d.statistics.iterations,d.statistics.nodes,match &d.cross_check { convprove::numeric::CrossCheck::Refuted(_)=>"R".to_string(), c=>format!("{c:?}")});
      if let Verdict::Undecided(o)=&d.verdict { println!("   {} {:?} || {:?}",o.reason,o.left,o.right);}
      for l in &d.lines { if !l.holds { println!("   line {:?} {:?} {:?}",l.source,l.reason,l.rejected);} }
    });
  }
}
