//! Diagnostics for people, for programs, and for the pages on which code is reviewed.

use serde_json::{Value, json};

use super::{Code, Diagnostic, DiagnosticRecord, Level, Sources};

/// How diagnostics are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people: the lines of the files with marks under them.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// Workflow commands of GitHub, which become notes at the lines of a change.
    Github,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// All diagnostics in a format. `path` says where a file of the rules stands for whoever reads this.
pub fn print(
    problems: &[Diagnostic],
    sources: &Sources,
    format: Format,
    color: bool,
    path: &dyn Fn(&str) -> String,
) -> String {
    let records = || problems.iter().map(|problem| located(problem.record(sources), path));
    match format {
        Format::Text => problems.iter().map(|problem| problem.render(sources, color) + "\n\n").collect(),
        Format::Json => {
            let records: Vec<DiagnosticRecord> = records().collect();
            let errors = records.iter().filter(|record| record.level == Level::Error).count();
            let warnings = records.len() - errors;
            pretty(&json!({ "diagnostics": records, "errors": errors, "warnings": warnings }))
        }
        Format::Github => records().map(|record| github(&record)).collect(),
        Format::Sarif => pretty(&sarif(&records().collect::<Vec<_>>())),
    }
}

fn located(mut record: DiagnosticRecord, path: &dyn Fn(&str) -> String) -> DiagnosticRecord {
    if !record.file.is_empty() {
        record.file = path(&record.file);
    }
    for related in &mut record.related {
        related.file = path(&related.file);
    }
    record
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// A workflow command; the characters that end its parts are escaped.
fn github(record: &DiagnosticRecord) -> String {
    let escape = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| escape(text).replace(':', "%3A").replace(',', "%2C");
    let level = if record.level == Level::Error { "error" } else { "warning" };
    let mut message = record.message.clone();
    for related in &record.related {
        message.push_str(&format!("\n{} ({}:{})", related.text, related.file, related.line));
    }
    if let Some(help) = &record.help {
        message.push_str(&format!("\n{help}"));
    }
    let place = match record.file.as_str() {
        "" => String::new(),
        file => format!(
            "file={},line={},col={},endLine={},endColumn={},",
            property(file),
            record.line,
            record.column,
            record.end_line,
            record.end_column
        ),
    };
    format!("::{level} {place}title={}::{}\n", property(&record.code), escape(&message))
}

fn sarif(records: &[DiagnosticRecord]) -> Value {
    let mut codes: Vec<Code> = records.iter().filter_map(|record| Code::from_name(&record.code)).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<Value> = codes
        .iter()
        .map(|code| {
            let page = super::explain(*code);
            let summary = page.lines().skip(1).find(|line| !line.trim().is_empty()).unwrap_or_default();
            let level = if code.is_warning() { "warning" } else { "error" };
            json!({
                "id": code.name(),
                "shortDescription": { "text": summary },
                "help": { "text": page, "markdown": page },
                "defaultConfiguration": { "level": level },
            })
        })
        .collect();
    let place = |file: &str, region: Value| json!({ "physicalLocation": { "artifactLocation": { "uri": file }, "region": region } });
    let results: Vec<Value> = records
        .iter()
        .map(|record| {
            let level = if record.level == Level::Error { "error" } else { "warning" };
            let text = match &record.help {
                Some(help) => format!("{}\n{help}", record.message),
                None => record.message.clone(),
            };
            let mut result = json!({ "ruleId": record.code, "level": level, "message": { "text": text } });
            if !record.file.is_empty() {
                let region = json!({
                    "startLine": record.line, "startColumn": record.column,
                    "endLine": record.end_line, "endColumn": record.end_column,
                });
                result["locations"] = json!([place(&record.file, region)]);
            }
            if !record.related.is_empty() {
                let related = record.related.iter().map(|related| {
                    let region = json!({ "startLine": related.line, "startColumn": related.column });
                    let mut location = place(&related.file, region);
                    location["message"] = json!({ "text": related.text });
                    location
                });
                result["relatedLocations"] = related.collect();
            }
            result
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "dateline",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::syntax::Place;

    fn case() -> (Vec<Diagnostic>, Sources) {
        let mut sources = Sources::default();
        let file = sources.add("p/a.toml".into(), "one\ntwo, three\n".into());
        let at = |bytes| Place { file, bytes };
        let problem = Diagnostic::error(Code::DuplicateId, at(4..7), "100% wrong".into())
            .with_label(at(0..3), "the first one")
            .with_help(Some("mend it".into()));
        (vec![problem], sources)
    }

    #[test]
    fn each_format_says_where_and_why() {
        let (problems, sources) = case();
        let path = |file: &str| format!("rules/{file}");
        let github = print(&problems, &sources, Format::Github, false, &path);
        assert_eq!(
            github,
            "::error file=rules/p/a.toml,line=2,col=1,endLine=2,endColumn=4,title=E-DUPLICATE-ID::100%25 wrong%0A\
             the first one (rules/p/a.toml:1)%0Amend it\n"
        );
        let json: Value = serde_json::from_str(&print(&problems, &sources, Format::Json, false, &path)).unwrap();
        assert_eq!(json["errors"], 1);
        assert_eq!(json["diagnostics"][0]["related"][0]["line"], 1);
        let sarif: Value = serde_json::from_str(&print(&problems, &sources, Format::Sarif, false, &path)).unwrap();
        let result = &sarif["runs"][0]["results"][0];
        assert_eq!(result["locations"][0]["physicalLocation"]["region"]["endColumn"], 4);
        assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"][0]["id"], "E-DUPLICATE-ID");
    }
}
