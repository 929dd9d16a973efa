//! The sample article through the service with the packs that the binary carries: the ten events that it tells, each
//! with its fields, and no others.

use dateline::api::v1;
use dateline::event::schema::EventTypes;
use dateline::rules::source;
use dateline::service::RuleFiles;
use prost_reflect::{DynamicMessage, Value};

use super::support;

const BODY: &str = include_str!("../../examples/tass-2016-03-25.txt");

async fn extract(published: bool) -> Vec<v1::Event> {
    let files = RuleFiles { base: source::embedded(), folders: Vec::new(), candidate: Vec::new() };
    let mut running = support::start_files(files, support::settings()).await;
    running.service.ready().await.unwrap();
    let published_at = published.then_some(prost_types::Timestamp { seconds: 1_458_907_200, nanos: 0 });
    let article = v1::Article { id: "tass".into(), body: BODY.into(), published_at, ..v1::Article::default() };
    let request = v1::ExtractRequest { article: Some(article), options: None };
    running.extraction().extract(request).await.unwrap().into_inner().events
}

/// The typed message of an event.
fn detail(event: &v1::Event) -> DynamicMessage {
    let types = EventTypes::new(&Default::default()).unwrap();
    let descriptor = types.message(&event.event_type).unwrap();
    DynamicMessage::decode(descriptor, event.detail.as_ref().unwrap().value.as_slice()).unwrap()
}

/// A value inside a message as text: `weapon.count.min`; the first of a list.
fn at(message: &DynamicMessage, path: &str) -> String {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let field = message.descriptor_field(first);
    match (&field, rest) {
        (Value::List(list), _) => match list.first() {
            Some(Value::Message(inner)) if !rest.is_empty() => at(inner, rest),
            _ => String::new(),
        },
        (Value::Message(inner), rest) if !rest.is_empty() => at(inner, rest),
        (Value::String(text), _) => text.clone(),
        (Value::I64(n), _) => n.to_string(),
        (Value::F64(n), _) => n.to_string(),
        (Value::EnumNumber(n), _) => n.to_string(),
        (Value::Bool(truth), _) => truth.to_string(),
        _ => String::new(),
    }
}

trait Field {
    fn descriptor_field(&self, name: &str) -> Value;
}

impl Field for DynamicMessage {
    fn descriptor_field(&self, name: &str) -> Value {
        self.get_field_by_name(name).unwrap_or_else(|| panic!("no field {name}")).into_owned()
    }
}

fn kinds(events: &[v1::Event]) -> Vec<(&str, &str)> {
    let mut kinds: Vec<(&str, &str)> =
        events.iter().map(|event| (event.event_type.rsplit('.').next().unwrap(), event.category.as_str())).collect();
    kinds.sort_unstable();
    kinds
}

fn time(event: &v1::Event) -> (&str, &str) {
    event.time.as_ref().map_or(("", ""), |time| (time.start.as_str(), time.end.as_str()))
}

fn expect(message: &DynamicMessage, fields: &[(&str, &str)]) {
    for (path, value) in fields {
        assert_eq!(at(message, path), *value, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_article_tells_its_ten_events() {
    let events = extract(true).await;
    assert_eq!(
        kinds(&events),
        [
            ("Accusation", "ACCUSE"),
            ("Accusation", "ACCUSE"),
            ("Consultation", "CONSULT"),
            ("MilitaryExercise", "COOPERATE"),
            ("Request", "REQUEST"),
            ("Sanction", "SANCTION"),
            ("WeaponLaunch", "MOBILIZE"),
            ("WeaponLaunch", "MOBILIZE"),
            ("WeaponLaunch", "MOBILIZE"),
            ("WeaponTest", "MOBILIZE"),
        ]
    );
    assert!(events.iter().all(|event| event.assertion.as_ref().unwrap().status() == v1::AssertionStatus::Asserted));
    let of = |kind: &str| {
        let kind = format!(".{kind}");
        events.iter().filter(move |event| event.event_type.ends_with(&kind)).collect::<Vec<_>>()
    };

    let launches = of("WeaponLaunch");
    let launch = detail(launches[0]);
    expect(
        &launch,
        &[
            ("launcher.country", "PRK"),
            ("weapon.kind", "projectile"),
            ("weapon.weapon_class", "1"),
            ("weapon.count.min", "3"),
            ("weapon.count.approximate", "true"),
            ("origin.name", "Hamhung"),
            ("origin.country", "PRK"),
            ("direction.name", "Sea of Japan"),
            ("flight_distance.min", "200000"),
            ("flight_distance.unit", "m"),
            ("impact_surface", "2"),
        ],
    );
    assert_eq!(time(launches[0]), ("2016-03-21T15:39+09:00", "2016-03-21T15:39+09:00"));
    assert_eq!(launches[0].time.as_ref().unwrap().earliest.as_ref().unwrap().seconds, 1_458_542_340);

    let launch = detail(launches[1]);
    expect(
        &launch,
        &[
            ("launcher.country", "PRK"),
            ("weapon.kind", "ballistic missile"),
            ("weapon.weapon_class", "2"),
            ("weapon.count.min", "2"),
            ("weapon.count.max", "2"),
            ("weapon.model", "Nodong"),
            ("weapon.model_certainty", "2"),
            ("weapon.range.min", "1200000"),
            ("weapon.range.max", "1500000"),
            ("weapon.range_certainty", "2"),
            ("direction.name", "Sea of Japan"),
        ],
    );
    assert_eq!(time(launches[1]), ("2016-03-18", "2016-03-18"));

    let launch = detail(launches[2]);
    expect(
        &launch,
        &[
            ("launcher.country", "PRK"),
            ("weapon.weapon_class", "1"),
            ("weapon.count.min", "2"),
            ("origin.name", "North Hwanghae"),
            ("origin.country", "PRK"),
            ("flight_distance.min", "500000"),
            ("impact.name", "Wonsan"),
            ("impact.bearing", "north-east"),
            ("impact_surface", "2"),
        ],
    );
    // "The country's south" is not that of the Joint Chiefs who speak of it.
    assert!(launches[2].place.is_none());
    assert_eq!(time(launches[2]), ("2016-03-10", "2016-03-10"));
    assert_eq!(launches[2].assertion.as_ref().unwrap().attributed_to.as_ref().unwrap().country, "KOR");

    let accusations = of("Accusation");
    let lavrov = accusations[0];
    assert_eq!(lavrov.actors[0].name, "Sergey Lavrov");
    assert_eq!(lavrov.actors[0].role, "Foreign Minister");
    assert_eq!(lavrov.actors[0].country, "RUS");
    assert_eq!(lavrov.actors[0].kind(), v1::ActorKind::Person);
    let message = detail(lavrov);
    expect(&message, &[("on_behalf_of.country", "RUS")]);
    let topic = at(&message, "topic");
    assert!(topic.starts_with("destabilization of the situation on the Korean Peninsula"), "{topic}");
    assert!(topic.ends_with("actions"), "{topic}");
    assert_eq!(time(lavrov), ("2016-03-25", "2016-03-25"));
    assert_eq!(lavrov.place.as_ref().unwrap().name, "Moscow");
    assert_eq!(accusations[1].actors[0].name, "United Nations Security Council");
    assert!(at(&detail(accusations[1]), "topic").contains("ballistic missile launches"));
    // Not he who in the clause behind "and" calls on Pyongyang.
    let accused: Vec<&str> = accusations[1].recipients.iter().map(|actor| actor.name.as_str()).collect();
    assert_eq!(accused, ["North Korea"]);

    let talks = of("Consultation")[0];
    let mut countries: Vec<&str> = talks.actors.iter().map(|actor| actor.country.as_str()).collect();
    countries.sort_unstable();
    assert_eq!(countries, ["RUS", "USA"]);

    assert_eq!(time(talks), ("2016-03-25", "2016-03-25"));
    expect(&detail(talks), &[("topic", "the situation on the Korean Peninsula")]);

    let request = of("Request")[0];
    assert_eq!(request.actors[0].name, "Ban Ki-moon");
    assert_eq!(request.actors[0].role, "Secretary General");
    assert_eq!(request.recipients[0].country, "PRK");
    expect(&detail(request), &[("quote", "halt these inflammatory and escalatory actions")]);

    let sanction = of("Sanction")[0];
    assert_eq!(sanction.actors[0].entity_id, "UN-SC");
    assert_eq!(sanction.recipients[0].country, "PRK");
    assert_eq!(sanction.time.as_ref().unwrap().timex, "2016-03");
    // What was done "this month" was done by the day of publication.
    assert_eq!(time(sanction), ("2016-03-01", "2016-03-25"));
    let message = detail(sanction);
    expect(&message, &[("measures", "harsh new sanctions"), ("resolution.vote", "1")]);
    assert!(at(&message, "purpose").starts_with("starve it of money"));
    let Value::Message(resolution) = message.descriptor_field("resolution") else { panic!("no resolution") };
    let Value::List(drafters) = resolution.descriptor_field("drafters") else { panic!("no drafters") };
    let drafters: Vec<String> = drafters.iter().map(|d| at(d.as_message().unwrap(), "country")).collect();
    assert_eq!(drafters, ["USA", "CHN"]);

    let exercise = of("MilitaryExercise")[0];
    let mut countries: Vec<&str> = exercise.actors.iter().map(|actor| actor.country.as_str()).collect();
    countries.sort_unstable();
    assert_eq!(countries, ["KOR", "USA"]);
    expect(&detail(exercise), &[("kind", "1"), ("equipment", "Patriot missile system")]);
    assert!(exercise.time.is_none());

    let test = of("WeaponTest")[0];
    assert_eq!(test.actors[0].country, "PRK");
    expect(&detail(test), &[("kind", "1")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_day_of_publication_the_year_is_inferred() {
    let events = extract(false).await;
    assert_eq!(events.len(), 10);
    for event in events.iter().filter(|event| event.time.is_some()) {
        let time = event.time.as_ref().unwrap();
        assert!(time.start.starts_with("2016-03"), "{}", time.start);
        assert!(time.inferred, "{}", time.start);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_talks_were_where_the_article_was_filed() {
    let events = extract(true).await;
    let talks = events.iter().find(|event| event.event_type.ends_with(".Consultation")).unwrap();
    assert_eq!(talks.place.as_ref().unwrap().name, "Moscow");
}
