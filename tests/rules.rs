//! Rules and articles of any kind: nothing panics, every problem has a place, the same input gives the same answer.

use std::sync::OnceLock;

use dateline::pipeline::trace::What;
use dateline::pipeline::{Article, Options, extract, observe};
use dateline::rules::diagnostic::{Code, Level};
use dateline::rules::source::{PackFiles, embedded};
use dateline::rules::{Ruleset, load};
use dateline::testing::{Outcome, run_tests};
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
    let report = run_tests(&loaded.ruleset.unwrap());
    let failed: Vec<String> = report.diagnostics.iter().map(ToString::to_string).collect();
    assert_eq!(report.failed, 0, "{failed:#?}");
}

/// The outcome of the test of a rule for any seizure, beside a pack whose rule for ships has this priority.
fn beside_a_rule_of_priority(priority: i32) -> (Outcome, Vec<Code>) {
    let base = VALID.replace("He seized it.", "Iran seized a tanker.").replace("rejects = true", "");
    let own = base
        .replace("[lexicon.verb]", "[lexicon.ship_verb]")
        .replace("$verb", "$ship_verb")
        .replace("event.seizure", "event.ship_seizure")
        .replace("[entity.Actor]", "[entity.Person]")
        .replace("category =", &format!("priority = {priority}\ncategory ="));
    let manifest = PACK.replace("\"x\"", "\"ships\"");
    let ships = PackFiles::from_texts("ships", [("pack.toml", manifest.as_str()), ("ships.toml", &own)]);
    let loaded = load(&[pack(&base), ships]);
    assert!(!loaded.failed(), "{:?}", loaded.diagnostics);
    let report = run_tests(&loaded.ruleset.unwrap());
    let of_base = report.results.iter().find(|result| result.rule == "event.seizure").unwrap();
    (of_base.outcome, report.diagnostics.iter().map(|d| d.code).collect())
}

#[test]
fn a_rule_of_another_pack_with_a_higher_priority_may_take_the_words_of_a_test() {
    assert_eq!(beside_a_rule_of_priority(1), (Outcome::Superseded, vec![Code::Superseded]));
    // Nobody said that it goes before: one of the two tests fails.
    let (outcome, codes) = beside_a_rule_of_priority(0);
    assert_ne!(outcome, Outcome::Superseded);
    assert_eq!(codes, [Code::TestFailed]);
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

#[test]
fn an_explanation_says_what_fired_and_what_nearly_did() {
    let body = "Smith did not seize the ship.\n\nJones seized the moment.".to_owned();
    let cue = "[context.refusal]\ncue = '''\"not\"'''\nscope = \"modifier\"\nset.status = \"NEGATED\"\n";
    let packs = [pack(&format!("{VALID}{cue}"))];
    let rules = load(&packs).ruleset.unwrap();
    let article = Article { body, ..Article::default() };
    let (_, own) = dateline::explain::explain(&rules, &article, &Options::default(), &|| false).unwrap();
    assert_eq!(own.events.len(), 1);
    let event = &own.events[0];
    assert_eq!((event.status.as_str(), event.file.as_str()), ("NEGATED", "x/rules.toml"));
    assert_eq!(event.cues.iter().map(|cue| cue.rule.as_str()).collect::<Vec<_>>(), ["context.refusal"]);
    assert!(event.slots.iter().any(|slot| slot.field == "authority" && slot.words.text == "Smith"));
    assert_eq!(own.misses.len(), 1);
    assert!(own.misses[0].why.contains("unless.patient"), "{}", own.misses[0].why);
    assert_eq!(&own.text[own.misses[0].words.start as usize..own.misses[0].words.end as usize], "seized");
    let shown = dateline::explain::show(&own, Some("seizure"));
    assert!(shown.contains("came near") && shown.contains("context.refusal"), "{shown}");
}

/// Rules of the events that a text gives, with what a site's pack changes.
fn fired(site: &str, options: &Options, text: &str) -> Vec<String> {
    let site = PackFiles::from_texts(
        "site",
        [("pack.toml", "[pack]\nid = \"site\"\nversion = \"1.0.0\"\n"), ("a.toml", site)],
    );
    // Neither order of the packs makes a difference.
    let digests: Vec<Vec<String>> = [vec![pack(VALID), site.clone()], vec![site, pack(VALID)]]
        .iter()
        .map(|packs| {
            let loaded = load(packs);
            let problems: Vec<String> = loaded.diagnostics.iter().map(|d| d.render(&loaded.sources, false)).collect();
            let rules = loaded.ruleset.unwrap_or_else(|| panic!("{}", problems.join("\n")));
            let article = Article { body: text.to_owned(), ..Article::default() };
            let (_, extraction) = extract(&rules, &article, options, &|| false).unwrap();
            extraction.events.iter().map(|event| event.rule.id.to_string()).collect()
        })
        .collect();
    assert_eq!(digests[0], digests[1]);
    digests[0].clone()
}

#[test]
fn overrides_change_rules_of_other_packs() {
    let change = |what: &str, of: &str| {
        format!("[override.\"{of}\"]\nbase = \"1.0.0\"\nreason = \"the site wants it\"\n{what}\n")
    };
    let all = Options::default();
    assert!(fired("", &all, "Smith snatched the ship.").is_empty());
    assert_eq!(
        fired(&change("append.terms = [\"snatch\"]", "lexicon.verb"), &all, "Smith snatched the ship."),
        ["seizure"]
    );
    assert!(fired(&change("remove.terms = [\"seize\"]", "lexicon.verb"), &all, "Smith seized the ship.").is_empty());
    assert!(fired("", &all, "It was seized.").is_empty());
    let open = change("set.slot.authority.required = false", "event.seizure");
    assert_eq!(fired(&open, &all, "It was seized."), ["seizure"]);
    let excused = change("remove.unless = [\"patient\"]", "event.seizure");
    assert!(fired("", &all, "Smith seized the moment.").is_empty());
    assert_eq!(fired(&excused, &all, "Smith seized the moment."), ["seizure"]);
}

#[test]
fn filters_and_requests_keep_rules_from_firing() {
    let filter = "[filter.film]\nof = [\"category:COERCE\"]\nreason = \"plots of films\"\nwhen.sentence = '''film'''\n";
    let all = Options::default();
    assert_eq!(fired(filter, &all, "Smith seized the ship."), ["seizure"]);
    assert!(fired(filter, &all, "In the film Smith seized the ship.").is_empty());
    for name in ["event.seizure", "pack:x", "category:COERCE", "*"] {
        let options = Options { disabled: vec![name.to_owned()], ..Options::default() };
        assert!(fired("", &options, "Smith seized the ship.").is_empty(), "{name}");
    }
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
            run_tests(ruleset);
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
