//! The report that build servers read.

use std::fmt::Write as _;

use super::{Outcome, TestReport, TestResult};
use crate::rules::diagnostic::Sources;

/// The tests as JUnit XML: a suite for each rule.
pub fn junit(report: &TestReport, sources: &Sources) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let total: f64 = report.results.iter().map(|result| result.took.as_secs_f64()).sum();
    let (tests, skipped) = (report.results.len(), report.todo + report.skipped);
    let _ = writeln!(
        out,
        "<testsuites name=\"dateline\" tests=\"{tests}\" failures=\"{}\" skipped=\"{skipped}\" time=\"{total:.3}\">",
        report.failed
    );
    for suite in report.results.chunk_by(|a, b| a.rule == b.rule) {
        let Some(first) = suite.first() else { continue };
        let count = |what: &[Outcome]| suite.iter().filter(|result| what.contains(&result.outcome)).count();
        let time: f64 = suite.iter().map(|result| result.took.as_secs_f64()).sum();
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" time=\"{time:.3}\">",
            escape(&first.rule),
            suite.len(),
            count(&[Outcome::Failed]),
            count(&[Outcome::Todo, Outcome::Superseded, Outcome::Skipped])
        );
        suite.iter().for_each(|result| case(&mut out, result, sources));
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(out: &mut String, result: &TestResult, sources: &Sources) {
    let (file, line, _) = sources.locate(&result.at);
    let _ = write!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{line}\" time=\"{:.3}\"",
        escape(&result.rule),
        escape(&result.name),
        escape(&file),
        result.took.as_secs_f64()
    );
    let _ = match result.outcome {
        Outcome::Failed => {
            let first = result.problems.first().map_or("", String::as_str);
            let all = result.problems.join("\n");
            writeln!(out, ">\n      <failure message=\"{}\">{}</failure>\n    </testcase>", escape(first), escape(&all))
        }
        Outcome::Todo => writeln!(out, ">\n      <skipped message=\"todo\"/>\n    </testcase>"),
        Outcome::Superseded => writeln!(out, ">\n      <skipped message=\"superseded\"/>\n    </testcase>"),
        Outcome::Skipped => writeln!(out, ">\n      <skipped message=\"no time was left\"/>\n    </testcase>"),
        Outcome::Passed | Outcome::TodoPassed => writeln!(out, "/>"),
    };
}

/// Text inside XML; control characters, which it cannot hold, are left out.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::syntax::Place;

    #[test]
    fn failures_and_todos_are_told_and_marks_escaped() {
        let result = |name: &str, outcome, problems: &[&str]| TestResult {
            rule: "event.x".into(),
            name: name.into(),
            outcome,
            problems: problems.iter().map(|p| (*p).to_owned()).collect(),
            took: std::time::Duration::from_millis(2),
            at: Place::default(),
        };
        let results = vec![
            result("a < b", Outcome::Failed, &["expected \"x\"", "near miss"]),
            result("later", Outcome::Todo, &["no"]),
            result("fine", Outcome::Passed, &[]),
        ];
        let report = TestReport { passed: 1, failed: 1, todo: 1, results, ..TestReport::default() };
        let xml = junit(&report, &Sources::default());
        assert!(xml.contains("<testsuites name=\"dateline\" tests=\"3\" failures=\"1\" skipped=\"1\""), "{xml}");
        assert!(xml.contains("name=\"a &lt; b\""), "{xml}");
        assert!(
            xml.contains("<failure message=\"expected &quot;x&quot;\">expected &quot;x&quot;\nnear miss</failure>")
        );
        assert_eq!(xml.matches("<skipped").count(), 1);
    }
}
