//! Who did it to whom, beyond the words at hand: references, abbreviations, appositions, answers. On all packs.

use dateline::event::domain::{Event, Record};
use dateline::pipeline::{Article, Options, extract};
use dateline::rules::source::embedded;
use dateline::rules::{Ruleset, load};

fn rules() -> Ruleset {
    load(&embedded()).ruleset.expect("the embedded packs load")
}

fn words(records: &[Record]) -> String {
    let all: Vec<&str> = records.iter().filter_map(|record| record.text("text")).collect();
    all.join(", ")
}

/// "who -> to whom" of the events of a category.
fn parties(rules: &Ruleset, category: &str, text: &str) -> Vec<String> {
    let article = Article { body: text.to_owned(), ..Article::default() };
    let (_, found) = extract(rules, &article, &Options::default(), &|| false).expect("nothing cancels");
    let of = |event: &Event| format!("{} -> {}", words(&event.actors), words(&event.recipients));
    found.events.iter().filter(|event| *event.category == *category).map(of).collect()
}

#[test]
fn both_are_the_parties_last_named() {
    let rules = rules();
    let talks = "Chad and Sudan signed an accord in Dakar. On Sunday both countries accused the rebels of murder.";
    assert_eq!(parties(&rules, "ACCUSE", talks), ["Chad, Sudan -> rebels"]);
    let two = "Peru said on Monday it wants peace. Ecuador sent more soldiers. The United Nations urged both countries to talk.";
    assert_eq!(parties(&rules, "REQUEST", two), ["United Nations -> Peru, Ecuador"]);
    // With one country only there are no two that could be meant.
    let one = "Peru wants peace. The United Nations urged both countries to talk.";
    assert_eq!(parties(&rules, "REQUEST", one), ["United Nations -> countries"]);
}

#[test]
fn they_are_all_whom_a_conjunction_ties() {
    let rules = rules();
    let text = "Gabon and Ghana met the rebels. They urged the army to leave the town.";
    assert_eq!(parties(&rules, "REQUEST", text), ["Gabon, Ghana -> army"]);
}

#[test]
fn an_owner_of_what_was_done_is_who_did_it() {
    let rules = rules();
    let text = "Chile rejected the offer of Bolivia. Its refusal angered La Paz.";
    let found = parties(&rules, "REJECT", text);
    assert!(found.iter().all(|event| event.starts_with("Chile ->")), "{found:?}");
}

#[test]
fn an_abbreviation_is_the_full_name() {
    let rules = rules();
    let known = "The Free Papua Movement (FPM) is based on the island. The FPM kidnapped two miners.";
    assert_eq!(parties(&rules, "ASSAULT", known), ["Free Papua Movement -> two miners"]);
    // Letters that are not those of the name are not taken for it.
    let other = "The Free Papua Movement is based on the island. The TNI kidnapped two miners.";
    assert!(!parties(&rules, "ASSAULT", other).iter().any(|event| event.contains("Papua")));
}

#[test]
fn a_name_in_apposition_says_who_it_is() {
    let rules = rules();
    let text = "Gunmen killed the governor of the province, Hamid Rezai, on Sunday.";
    assert_eq!(parties(&rules, "ASSAULT", text), ["Gunmen -> Hamid Rezai"]);
}

#[test]
fn a_denial_goes_to_who_accused() {
    let rules = rules();
    let text = "Zimbabwe accused Britain of plotting a coup. London denied the charge.";
    assert_eq!(parties(&rules, "REJECT", text), ["London -> Zimbabwe"]);
    // Others than those who were accused answer nobody.
    let other = "Zimbabwe accused Britain of plotting a coup. Paraguay denied the charge of fraud.";
    assert_eq!(parties(&rules, "REJECT", other), ["Paraguay -> "]);
}

#[test]
fn the_deed_of_another_clause_is_anothers() {
    let rules = rules();
    let text =
        "An airstrike killed a rebel commander in Gaza a day after a suicide bomber killed five people in Haifa.";
    let found = parties(&rules, "ASSAULT", text);
    assert!(found.iter().any(|event| event.ends_with("-> rebel commander")), "{found:?}");
}

#[test]
fn a_town_before_a_noun_is_where_it_was() {
    let rules = rules();
    assert_eq!(parties(&rules, "ASSAULT", "The Lima attacks killed 12 people."), [" -> 12 people"]);
    let inquiry = "Police are investigating the Bristol bombings.";
    assert_eq!(parties(&rules, "ACCUSE", inquiry), ["Police -> "]);
    // A country is who did it.
    let raids = "The governor condemned Chad's raids on the camp. The Sudan offensive went on.";
    assert_eq!(parties(&rules, "ACCUSE", raids), ["governor -> Chad"]);
}

#[test]
fn a_pronoun_in_what_is_reported_is_not_the_speaker_where_another_does_something_there() {
    let rules = rules();
    let freed = "Officials say two ministers were freed hours after their abduction in Quito.";
    assert_eq!(parties(&rules, "ASSAULT", freed), [" -> two ministers"]);
    let killed = "Diplomats said two soldiers were killed when they attacked a checkpoint in Herat.";
    assert_eq!(parties(&rules, "ASSAULT", killed), ["two soldiers -> checkpoint"]);
}

#[test]
fn the_reason_of_a_judgement_is_what_the_judged_did() {
    let rules = rules();
    let sanctions = "Norway imposed sanctions on Iran because of its refusal to halt enrichment.";
    assert!(parties(&rules, "REJECT", sanctions).iter().all(|event| event.starts_with("Iran ->")));
    let fine = "The European Union fined Chile over its refusal to open its ports.";
    assert!(parties(&rules, "REJECT", fine).iter().all(|event| event.starts_with("Chile ->")));
}

#[test]
fn of_two_parties_he_who_is_at_home_is_the_host() {
    let rules = rules();
    let visit = "Venezuelan President Hugo Chavez met Colombian President Juan Manuel Santos in Santa Marta.";
    assert_eq!(parties(&rules, "CONSULT", visit), ["Hugo Chavez -> Juan Manuel Santos"]);
    let abroad = "Venezuelan President Hugo Chavez met Colombian President Juan Manuel Santos in Geneva.";
    assert_eq!(parties(&rules, "CONSULT", abroad), ["Hugo Chavez, Juan Manuel Santos -> "]);
}

#[test]
fn an_apposition_points_back_to_the_name() {
    let rules = rules();
    let elected =
        "Protesters called for the resignation of President Murat Zyazikov, a former general who was elected in 2002.";
    assert_eq!(parties(&rules, "ELECTION", elected), ["Murat Zyazikov -> "]);
    let head = "The head of the Palestine Liberation Organization, Mahmoud Abbas, and Prime Minister Ahmed Qureia are due to \
                meet with Lebanese President Emile Lahoud on Wednesday.";
    assert_eq!(parties(&rules, "AGREE", head), ["Mahmoud Abbas, Ahmed Qureia, Emile Lahoud -> "]);
}

#[test]
fn what_another_clause_tells_is_anothers() {
    let rules = rules();
    let calls = "Some lawmakers have called for his removal, but the White House has rejected calls for top federal \
                 emergency officials to be replaced.";
    assert_eq!(parties(&rules, "REQUEST", calls), ["lawmakers -> "]);
    let beside = "Soldiers shot a teacher in Basra, sparking a gunbattle that killed two policemen.";
    // Whom the gunbattle killed were not shot with the teacher.
    assert!(parties(&rules, "ASSAULT", beside).contains(&"Soldiers -> teacher".to_owned()));
    let said = "Peru condemned the raid, saying that such things would undermine all of Chile's policy.";
    assert_eq!(parties(&rules, "ACCUSE", said), ["Peru -> "]);
    let angry = "Police opened fire to disperse students angry at the desecration of a shrine at the French jail.";
    assert!(parties(&rules, "ASSAULT", angry).iter().all(|event| !event.contains("French")));
}

#[test]
fn of_members_of_a_body_the_members_are_meant() {
    let rules = rules();
    let text = "Authorities in Belarus have detained several key members of the campaign staff of the candidate.";
    assert_eq!(parties(&rules, "COERCE", text), ["Authorities -> several key members"]);
}
