//! Rules and articles of any kind: nothing panics, every problem has a place, the same input gives the same answer.

use std::sync::OnceLock;

use dateline::pipeline::trace::What;
use dateline::pipeline::{Article, Options, extract, observe};
use dateline::rules::diagnostic::Level;
use dateline::rules::source::{PackFiles, embedded};
use dateline::rules::{Ruleset, load};
use dateline::text::{MediaType, OffsetEncoding};
use proptest::prelude::*;

const PACK: &str = "[pack]\nid = \"x\"\nversion = \"1.0.0\"\n";

const VALID: &str = r#"
[lexicon.verb]
inflect = "verb"
terms = ["seize", "capture"]
[entity.Actor]
emits = "dateline.v1.Actor"
patterns = ['''name:(%name{1,3})''']
set.kind = "PERSON"
[event.seizure]
emits = "dateline.events.v1.Coercion"
category = "COERCE"
version = "1.0.0"
trigger.verb = '''$verb (?! "up")'''
unless.patient = '''[lemma=moment pos=NOUN]'''
[event.seizure.slot]
authority = { role = "agent", type = "@Actor", required = true }
seized = { role = "patient", type = "text" }
[[event.seizure.test]]
name = "x"
text = """He seized it."""
rejects = true
"#;

fn pack(rules: &str) -> PackFiles {
    PackFiles::from_texts("x", [("pack.toml", PACK), ("rules.toml", rules)])
}

fn rules() -> &'static Ruleset {
    static RULES: OnceLock<Ruleset> = OnceLock::new();
    RULES.get_or_init(|| load(&embedded()).ruleset.expect("the embedded rules load"))
}

#[test]
fn the_valid_pack_is_valid() {
    let loaded = load(&[pack(VALID)]);
    assert!(!loaded.failed(), "{:?}", loaded.diagnostics);
}

#[test]
fn the_embedded_packs_have_no_problem_and_pass_their_tests() {
    let loaded = load(&embedded());
    let errors: Vec<_> = loaded.diagnostics.iter().filter(|d| d.level == Level::Error).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let report = dateline::testing::run_tests(&loaded.ruleset.unwrap());
    let failed: Vec<String> = report.diagnostics.iter().map(ToString::to_string).collect();
    assert_eq!(report.failed, 0, "{failed:#?}");
}

#[test]
fn every_problem_of_a_file_is_reported_with_its_place() {
    let wrong = r#"
[lexicon.verb]
inflekt = "verb"
terms = ["seize"]
[event.seizure]
emits = "dateline.events.v1.Coercoin"
category = "COERCE"
trigger.verb = '''$vreb'''
[event.seizure.slot]
authority = { role = "agnet", type = "@Actor" }
[evnt.x]
"#;
    let loaded = load(&[pack(wrong)]);
    let codes: Vec<&str> = loaded.diagnostics.iter().map(|d| d.code.name()).collect();
    for code in ["E-UNKNOWN-KEY", "E-UNDEFINED-MESSAGE", "E-UNKNOWN-TABLE"] {
        assert!(codes.contains(&code), "{code} is not in {codes:?}");
    }
    let suggested = loaded.diagnostics.iter().filter_map(|d| d.help.clone()).collect::<Vec<_>>().join("\n");
    for word in ["inflect", "dateline.events.v1.Coercion", "event"] {
        assert!(suggested.contains(word), "no suggestion of {word} in {suggested}");
    }
    for diagnostic in loaded.diagnostics.iter().filter(|d| d.level == Level::Error) {
        let record = diagnostic.record(&loaded.sources);
        assert!(record.line > 0, "{diagnostic} has no place");
        assert!(!diagnostic.render(&loaded.sources, false).is_empty());
    }
}

#[test]
fn what_did_not_come_to_be_is_noted_with_its_reason() {
    let loaded = dateline::rules::load_for(&[pack(VALID)], true);
    let rules = loaded.ruleset.unwrap();
    let article = Article { body: "It was seized.\n\nPolice seized the moment.".to_owned(), ..Article::default() };
    let (_, extraction, seen) = observe(&rules, &article, &Options::default(), false, &|| false).unwrap();
    assert!(extraction.events.is_empty());
    let reasons: Vec<&What> = seen.notes.iter().map(|note| &note.what).collect();
    assert!(
        matches!(reasons.as_slice(), [What::EmptySlot(slot), What::Unless(0)] if &**slot == "authority"),
        "{reasons:?}"
    );
    assert!(seen.costs.iter().any(|cost| cost.tries > 0 && cost.matches > 0 && cost.steps > cost.tries));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_as_a_rule_file_panics(text in "\\PC{0,200}") {
        let loaded = load(&[pack(&text)]);
        for diagnostic in &loaded.diagnostics {
            let _ = diagnostic.render(&loaded.sources, false);
        }
    }

    #[test]
    fn no_change_of_a_rule_file_panics(at in 0usize..700, len in 0usize..30, put in "[a-z$@%\\[\\]{}()'\"=.,|?! \\n0-9]{0,12}") {
        let mut text = VALID.to_owned();
        let at = at.min(text.len());
        let end = (at + len).min(text.len());
        text.replace_range(at..end, &put);
        let loaded = load(&[pack(&text)]);
        for diagnostic in &loaded.diagnostics {
            let _ = diagnostic.render(&loaded.sources, false);
        }
        if let Some(ruleset) = &loaded.ruleset {
            dateline::testing::run_tests(ruleset);
        }
    }

    #[test]
    fn any_article_gives_the_same_answer_twice(
        body in "(\\PC{0,40}|(North Korea|Mr\\. Bush|police|fired|two missiles|talks|on Friday|in Kabul|said|,|\\.|\"|the| ){0,40}){0,6}",
        html in any::<bool>(),
    ) {
        let media_type = if html { MediaType::Html } else { MediaType::Plain };
        let article = Article { body, media_type, ..Article::default() };
        let run = || {
            let (doc, extraction) = extract(rules(), &article, &Options::default(), &|| false).unwrap();
            dateline::event::envelope::response(rules(), None, &article, &doc, &extraction, OffsetEncoding::Utf16).unwrap()
        };
        let first = run();
        prop_assert_eq!(&first, &run());
        let units = article.body.encode_utf16().count() as u32;
        for event in &first.events {
            for span in &event.evidence {
                prop_assert!(span.start <= span.end && span.end <= units);
            }
        }
    }
}
