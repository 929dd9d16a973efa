//! What keys of the rule language do to the events of an article, on a small pack over the core pack.

use dateline::pipeline::{Article, Options, extract};
use dateline::rules::source::{PackFiles, embedded};
use dateline::rules::{Ruleset, load};

const PACK: &str = r#"
[pack]
id = "small"
version = "1.0.0"
requires = { core = ">=1.0" }
"#;

const ATTACKS: &str = r#"
[event.small_attack]
emits = "dateline.events.v1.Assault"
category = "SMALL"
version = "1.0.0"
trigger.verb = '''[lemma=attack|kill|explode]'''
trigger.noun = '''[lemma=attack|explosion]'''
unless.status = ["HYPOTHETICAL", "NEGATED"]
[event.small_attack.slot]
attacker = { role = "agent", type = "@Actor" }
target = { role = "patient", type = "@Actor" }
[[event.small_attack.test]]
name = "x"
text = """He smiled."""
rejects = true
"#;

const APPEAL: &str = r#"
[event.small_appeal]
emits = "dateline.events.v1.Request"
category = "APPEAL"
version = "1.0.0"
absorbs = true
trigger.verb = '''[lemma=urge|condemn]'''
[event.small_appeal.slot]
requester = { role = "agent", type = "@Actor" }
[[event.small_appeal.test]]
name = "x"
text = """He smiled."""
rejects = true
"#;

/// The core pack, and a pack of these rules.
fn rules(tables: &[&str]) -> Ruleset {
    let mut packs: Vec<PackFiles> = embedded().into_iter().filter(|pack| pack.name == "core").collect();
    packs.push(PackFiles::from_texts("small", [("pack.toml", PACK), ("rules.toml", &tables.join("\n"))]));
    let loaded = load(&packs);
    assert!(!loaded.failed(), "{:?}", loaded.diagnostics);
    loaded.ruleset.expect("rules without an error load")
}

/// Category and trigger (with those of merged mentions) of every event.
fn events(rules: &Ruleset, text: &str) -> Vec<String> {
    let article = Article { body: text.to_owned(), ..Article::default() };
    let (_, found) = extract(rules, &article, &Options::default(), &|| false).expect("nothing cancels");
    let words = |event: &dateline::event::domain::Event| {
        let own: Vec<&str> = event.evidence.iter().map(|e| &text[e.span.range()]).collect();
        format!("{} {}", event.category, own.join("+"))
    };
    found.events.iter().map(words).collect()
}

#[test]
fn a_status_that_a_rule_refuses_makes_no_event() {
    let rules = rules(&[ATTACKS]);
    assert_eq!(events(&rules, "The rebels attacked the police."), ["SMALL attacked"]);
    assert!(events(&rules, "The rebels did not attack the police.").is_empty());
    assert!(events(&rules, "The rebels may attack the police.").is_empty());
}

#[test]
fn what_is_asked_for_is_no_event_of_its_own() {
    let rules = rules(&[ATTACKS, APPEAL]);
    assert_eq!(events(&rules, "Kofi Annan urged the rebels to attack the police."), ["APPEAL urged"]);
    assert_eq!(
        events(&rules, "The rebels attacked the police and urged others to join."),
        ["SMALL attacked", "APPEAL urged"]
    );
}

#[test]
fn an_independent_event_stands_where_others_are_absorbed() {
    let independent = ATTACKS.replace("[event.small_attack]", "[event.small_attack]\nindependent = true");
    let rules = rules(&[&independent, APPEAL]);
    assert_eq!(events(&rules, "Kofi Annan condemned the attack."), ["APPEAL condemned", "SMALL attack"]);
}

#[test]
fn what_a_clause_of_time_tells_is_a_fact_whatever_is_asked_around_it() {
    let rules = rules(&[ATTACKS, APPEAL]);
    let told = "Officials urged the government to end the talks after rebels killed six soldiers.";
    assert_eq!(events(&rules, told), ["APPEAL urged", "SMALL killed"]);
    assert_eq!(events(&rules, "Officials urged the rebels to attack the town."), ["APPEAL urged"]);
}

#[test]
fn what_is_told_as_a_fact_inside_a_demand_is_an_event() {
    let rules = rules(&[ATTACKS, APPEAL]);
    let told = "Kofi Annan urged the rebels to leave the town after the attack on the police.";
    assert_eq!(events(&rules, told), ["APPEAL urged", "SMALL attack"]);
}

#[test]
fn what_is_judged_is_an_event_if_it_is_told_elsewhere() {
    let merge = "[merge.small]\nof = [\"category:SMALL\"]\nlater = \"definite\"\nagree = [\"actors\"]\n";
    let rules = rules(&[ATTACKS, APPEAL, merge]);
    assert_eq!(events(&rules, "Kofi Annan condemned the attack."), ["APPEAL condemned"]);
    let told = "Kofi Annan condemned the attack. The rebels attacked the police.";
    assert_eq!(events(&rules, told), ["APPEAL condemned", "SMALL attacked+attack"]);
}

#[test]
fn what_is_told_in_one_breath_can_be_one_event() {
    let merge = "[merge.small]\nof = [\"category:SMALL\"]\nwithin = 0\nshare = [\"clause\"]\n";
    let rules = rules(&[ATTACKS, merge]);
    assert_eq!(events(&rules, "A bomb exploded in Cairo, killing two soldiers."), ["SMALL killing+exploded"]);
    let two = "A bomb exploded in Cairo and the rebels attacked a village.";
    assert_eq!(events(&rules, two).len(), 2);
}

#[test]
fn a_sentence_goes_over_as_a_whole_to_what_was_told_before() {
    let inside = "[merge.inside]\nof = [\"category:SMALL\"]\nwithin = 0\nshare = [\"clause\"]\n";
    let over = "[merge.over]\nof = [\"category:SMALL\"]\nlater = \"definite\"\nagree = [\"actors\"]\n";
    let rules = rules(&[ATTACKS, inside, over]);
    let text = "The rebels attacked a village. Two officers were killed in that attack.";
    assert_eq!(events(&rules, text).len(), 1);
    assert_eq!(events(&rules, "The rebels attacked a village. Two officers were killed in an attack.").len(), 2);
}

#[test]
fn of_modes_that_exclude_one_another_the_first_stays() {
    let modes = "[event.small_attack.modes_if]\nsuicide.clause = '''bomber'''\nexplosives.clause = '''bomb'''\n";
    let merge = "[merge.small]\nof = [\"category:SMALL\"]\nmodes = [\"suicide\", \"explosives\"]\n";
    let rules = rules(&[&ATTACKS.replace("[[event", &format!("{modes}[[event")), merge]);
    let article = Article { body: "A bomb exploded. The bomber attacked at dawn.".into(), ..Article::default() };
    let (_, found) = extract(&rules, &article, &Options::default(), &|| false).expect("nothing cancels");
    let modes: Vec<Vec<String>> =
        found.events.iter().map(|event| event.modes.iter().map(ToString::to_string).collect()).collect();
    assert_eq!(modes, [["suicide"]]);
}

#[test]
fn a_condition_of_a_merge_looks_at_the_later_mention() {
    let merge = "[merge.small]\nof = [\"category:SMALL\"]\nunless.phrase = '''another'''\n";
    let rules = rules(&[ATTACKS, merge]);
    assert_eq!(events(&rules, "An explosion shook Cairo. The explosion was loud.").len(), 1);
    assert_eq!(events(&rules, "An explosion shook Cairo. Another explosion was loud.").len(), 2);
}

#[test]
fn names_must_be_the_same_and_other_words_must_not_contradict() {
    let merge = "[merge.small]\nof = [\"category:SMALL\"]\nagree = [\"actors\"]\n";
    let rules = rules(&[ATTACKS, merge]);
    let count = |text: &str| events(&rules, text).len();
    assert_eq!(count("Syrian soldiers attacked a village. Syria attacked at dawn."), 1);
    assert_eq!(count("Iranian soldiers attacked a village. Syria attacked at dawn."), 2);
    assert_eq!(count("Soldiers attacked a village. Police attacked at dawn."), 2);
}

const MODES: &str = r#"
[event.small_talk]
emits = "dateline.events.v1.Consultation"
category = "TALK"
version = "1.0.0"
mode_else = ["other"]
one_mode = true
trigger.verb = '''[lemma=meet]'''
trigger.phrase = '''"will" "not" "meet"'''
assume.status = "HISTORICAL"
[event.small_talk.modes_if]
inside.after = '''room | hall'''
outside.after = '''garden'''
[event.small_talk.slot]
parties = { role = "agent", type = "@Actor" }
[[event.small_talk.test]]
name = "x"
text = """He smiled."""
rejects = true
"#;

const PLAN: &str = r#"
[recast.small_plan]
of = ["category:TALK"]
status = ["FUTURE"]
category = "PLAN"
mode = []
unless.after = '''secret'''
"#;

/// Category, modes and status of every event, of those categories only that are asked for.
fn modes(rules: &Ruleset, text: &str, categories: &[&str]) -> Vec<String> {
    let article = Article { body: text.to_owned(), ..Article::default() };
    let categories = categories.iter().map(|category| (*category).to_owned()).collect();
    let options = Options { categories, ..Options::default() };
    let (_, found) = extract(rules, &article, &options, &|| false).expect("nothing cancels");
    let words = |event: &dateline::event::domain::Event| {
        format!("{} {} {}", event.category, event.modes.join("+"), event.assertion.status.name())
    };
    found.events.iter().map(words).collect()
}

#[test]
fn of_several_modes_the_first_stands_and_without_any_the_other() {
    let rules = rules(&[MODES]);
    let talk = |text: &str| modes(&rules, text, &[]);
    assert_eq!(talk("The ministers met in a room beside the garden."), ["TALK inside HISTORICAL"]);
    assert_eq!(talk("The ministers met in the garden."), ["TALK outside HISTORICAL"]);
    assert_eq!(talk("The ministers met in Rome."), ["TALK other HISTORICAL"]);
}

#[test]
fn the_words_of_a_trigger_are_no_cues() {
    let rules = rules(&[MODES]);
    assert_eq!(modes(&rules, "The ministers will not meet in Rome.", &[]), ["TALK other HISTORICAL"]);
}

#[test]
fn an_event_is_recast_by_its_status_and_found_under_its_new_category() {
    let rules = rules(&[MODES, PLAN]);
    let text = "The ministers will meet in Rome.";
    assert_eq!(modes(&rules, text, &[]), ["PLAN  FUTURE"]);
    assert_eq!(modes(&rules, text, &["PLAN"]), ["PLAN  FUTURE"]);
    assert!(modes(&rules, text, &["TALK"]).is_empty());
    assert_eq!(modes(&rules, "The ministers met in Rome.", &["TALK"]), ["TALK other HISTORICAL"]);
    assert_eq!(modes(&rules, "The ministers will meet at a secret place.", &[]), ["TALK other FUTURE"]);
}

#[test]
fn rules_that_one_list_names_are_merged() {
    let second = ATTACKS
        .replace("small_attack", "small_raid")
        .replace("attack|kill|explode", "raid")
        .replace("attack|explosion", "raid");
    let merge = "[merge.small]\nof = [\"event.small_attack\", \"event.small_raid\"]\nlater = \"definite\"\n";
    let text = "An attack was reported in Cairo. The raid was over by noon.";
    assert_eq!(events(&rules(&[ATTACKS, &second]), text).len(), 2);
    assert_eq!(events(&rules(&[ATTACKS, &second, merge]), text).len(), 1);
}

const CLAIM: &str = r#"
[event.small_claim]
emits = "dateline.events.v1.Accusation"
category = "CLAIM"
version = "1.0.0"
trigger.verb = '''[lemma=allege|denounce]'''
[event.small_claim.slot]
accuser = { role = "agent", type = "@Actor" }
accused = { role = "content", in = "topic", type = "@Actor", as = "recipient" }
topic = { role = ["content", "patient"], type = "text" }
[[event.small_claim.test]]
name = "whoever does what is claimed"
text = """Georgia alleged that the rebels were armed by Russia."""
expect.accused.country = "RUS"
expect.topic = "the rebels were armed by Russia"
[[event.small_claim.test]]
name = "inside the words of a slot that comes later"
text = """Georgia denounced the invasion of Iraq."""
expect.accused.country = "IRQ"
[[event.small_claim.test]]
name = "x"
text = """He smiled."""
rejects = true
"#;

#[test]
fn what_is_claimed_and_what_stands_inside_another_slot_fill_slots() {
    let report = dateline::testing::run_tests(&rules(&[CLAIM]));
    assert_eq!(report.failed, 0, "{:?}", report.diagnostics);
}

#[test]
fn a_mention_that_says_neither_where_nor_when_can_go_to_the_one_before() {
    let merge = "[merge.small]\nof = [\"category:SMALL\"]\nlater = \"unsettled\"\nagree = [\"actors\"]\n";
    let rules = rules(&[ATTACKS, merge]);
    let count = |text: &str| events(&rules, text).len();
    assert_eq!(count("Gunmen attacked a bus in Karachi. Five soldiers were killed."), 1);
    assert_eq!(count("Gunmen attacked a bus in Karachi. Five soldiers were killed in Lahore."), 2);
}

#[test]
fn the_second_sentence_tells_the_first_again() {
    let merge = "[merge.small]\nof = [\"category:SMALL\"]\nlater = \"retold\"\nagree = [\"actors\"]\n";
    let rules = rules(&[ATTACKS, merge]);
    let count = |text: &str| events(&rules, text).len();
    assert_eq!(count("Gunmen attacked a bus in Karachi. Five soldiers were killed on Monday."), 1);
    // Not the third, nor what others did.
    assert_eq!(count("Gunmen attacked a bus in Karachi. It was late. Five soldiers were killed on Monday."), 2);
    assert_eq!(count("Gunmen attacked a bus in Karachi. Police killed five men."), 2);
}

#[test]
fn the_sentences_between_count_from_where_an_event_was_last_told() {
    let merge = "[merge.small]\nof = [\"category:SMALL\"]\nagree = [\"place\"]\nwithin = 1\n";
    let rules = rules(&[ATTACKS, merge]);
    let told = "Gunmen attacked a bus. Five soldiers were killed. ";
    assert_eq!(events(&rules, &format!("{told}Two men were killed.")).len(), 1);
    assert_eq!(events(&rules, &format!("{told}It was late. Two men were killed.")).len(), 2);
}

/// Place and first day of every event of the small pack, with a policy for places that the text does not give.
fn settings(policy: &str, published: &str, text: &str) -> Vec<String> {
    let rules =
        rules(&[&ATTACKS.replace("[event.small_attack]", &format!("[event.small_attack]\nplace = \"{policy}\""))]);
    let published_at = format!("{published}T12:00:00Z").parse().ok();
    let article = Article { body: text.to_owned(), published_at, ..Article::default() };
    let (_, found) = extract(&rules, &article, &Options::default(), &|| false).expect("nothing cancels");
    let setting = |event: &dateline::event::domain::Event| {
        let place = event.place.as_ref().and_then(|place| place.text("name")).unwrap_or("-");
        let day = event.time.as_ref().and_then(|time| time.text("start")).unwrap_or("-");
        format!("{place} {day}")
    };
    found.events.iter().map(setting).collect()
}

#[test]
fn without_a_place_an_event_is_in_the_country_that_is_spoken_of() {
    let country = |text: &str| settings("country", "2007-06-15", text);
    // The country of those who do it goes before others of the sentence.
    assert_eq!(country("Peru is at peace. French rebels attacked the police. France is at war."), ["France -"]);
    // Else that of which the sentences around it speak most.
    let kenya = "Kenya is at war. Rebels attacked the police and fled to Uganda. Kenya has called for calm.";
    assert_eq!(country(kenya), ["Kenya -"]);
    assert_eq!(settings("own", "2007-06-15", kenya), ["- -"]);
}

#[test]
fn without_a_place_an_event_can_be_where_the_story_is() {
    let story = |text: &str| settings("story", "2007-06-15", text);
    let first = "Rebels attacked a bus in Karachi on Monday.";
    let then = |next: &str| story(&format!("{first} {next}")).pop();
    assert_eq!(then("They killed six men.").as_deref(), Some("Karachi 2007-06-11"));
    assert_eq!(then("They have killed six men.").as_deref(), Some("Karachi -"));
    assert_eq!(then("Meanwhile, they killed six men.").as_deref(), Some("- -"));
    assert_eq!(then("It rained. It snowed. It rained. They killed six men.").as_deref(), Some("- -"));
    // Another day, or other people's soldiers, are another scene.
    assert_eq!(then("They killed six men on Tuesday.").as_deref(), Some("- 2007-06-12"));
    assert_eq!(then("Kenyan soldiers killed six men.").as_deref(), Some("- -"));
}

#[test]
fn what_happens_at_a_place_is_at_the_place_that_is_attacked() {
    let story = |text: &str| settings("story", "2007-06-15", text);
    assert_eq!(story("The attack on London's transport system shocked the world."), ["London -"]);
    assert_eq!(story("Rebels attacked a man in his Moscow apartment."), ["Moscow -"]);
    assert_eq!(story("In Mosul, witnesses say rebels attacked the police."), ["Mosul -"]);
    assert_eq!(story("Rebels attacked two men who had opened fire in Nairobi."), ["Nairobi -"]);
}

#[test]
fn what_is_told_by_the_way_was_elsewhere_and_at_another_time() {
    let story = |text: &str| settings("story", "2007-06-15", text);
    assert_eq!(story("Officials in Lima on Monday raised the toll from the explosion to ten."), ["- -"]);
    assert_eq!(story("The toll from Monday's explosion in Lima rose to ten."), ["Lima 2007-06-11"]);
    // "a day after" dates what comes behind it.
    let after = "Rebels attacked Karachi on Wednesday, two days after soldiers killed their leader.";
    assert_eq!(story(after), ["Karachi 2007-06-13", "- 2007-06-11"]);
}

#[test]
fn whom_it_is_done_to_may_be_the_place() {
    let text = "Rebels attacked Kuwait.";
    assert_eq!(settings("target", "2007-06-15", text), ["Kuwait -"]);
    assert_eq!(settings("own", "2007-06-15", text), ["- -"]);
}

#[test]
fn the_sentence_after_a_lead_says_when_and_where() {
    let story = |text: &str| settings("story", "2007-06-15", text);
    let lead = "Rebels have attacked a bus in Pakistan. Police say the bus burned Tuesday in the city of Quetta.";
    assert_eq!(story(lead), ["Quetta 2007-06-12"]);
    // When somebody said so is not when it was.
    assert_eq!(
        story("Rebels have attacked a bus in Pakistan. Police said Tuesday that the bus burned."),
        ["Pakistan -"]
    );
    // Another country is another place.
    let other = "Rebels have attacked a bus in Pakistan. A summit opened in London.";
    assert_eq!(story(other), ["Pakistan -"]);
}

#[test]
fn the_sentence_after_an_act_of_speech_says_when_it_was() {
    let rules = rules(&[APPEAL]);
    let day = |text: &str| {
        let published_at = "2007-06-15T12:00:00Z".parse().ok();
        let article = Article { body: text.to_owned(), published_at, ..Article::default() };
        let (_, found) = extract(&rules, &article, &Options::default(), &|| false).expect("nothing cancels");
        found.events.first().and_then(|e| e.time.as_ref()?.text("start").map(str::to_owned))
    };
    let urged = "Peru's president has urged the rebels to disarm.";
    assert_eq!(day(&format!("{urged} Alan Garcia said Monday it was time.")).as_deref(), Some("2007-06-11"));
    assert_eq!(day(&format!("{urged} The rebels said Monday it was too early.")), None);
    assert_eq!(day("Peru announced Monday that it condemned the raid.").as_deref(), Some("2007-06-11"));
}
