//! The reasons as one page that needs nothing else: the article with its marked words, the events beside it, a
//! timeline, and the places on a map that the gazetteer of the rules draws.

use serde::Serialize;

use super::Explanation;
use crate::event::domain::Value;
use crate::rules::Ruleset;

/// The page, with a place for the data.
const PAGE: &str = include_str!("page.html");

#[derive(Serialize)]
struct Data<'a> {
    #[serde(flatten)]
    explanation: &'a Explanation,
    /// Longitudes and latitudes of known places, rounded: the map behind the events.
    world: Vec<(f32, f32)>,
}

/// The page.
///
/// # Errors
/// The data cannot be written as JSON.
pub fn html(rules: &Ruleset, explanation: &Explanation) -> Result<String, serde_json::Error> {
    let data = serde_json::to_string(&Data { explanation, world: world(rules) })?;
    // Nothing in the article can end the script that holds it.
    let data = data.replace('<', "\\u003c");
    Ok(PAGE.replacen("{{DATA}}", &data, 1))
}

/// Where the places of the rules lie.
fn world(rules: &Ruleset) -> Vec<(f32, f32)> {
    let number = |value: Option<&Value>| match value {
        Some(Value::Float(number)) => Some(*number as f32),
        Some(Value::Integer(number)) => Some(*number as f32),
        _ => None,
    };
    let round = |number: f32| (number * 4.0).round() / 4.0;
    let entries = rules.lexicons.all().iter();
    let places = entries.flat_map(|entry| &entry.mentions);
    let mut out: Vec<(f32, f32)> = places
        .filter_map(|(_, place)| {
            let (lat, lon) = (number(place.get("lat"))?, number(place.get("lon"))?);
            Some((round(lon), round(lat)))
        })
        .collect();
    out.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Article, Options};
    use crate::rules::load;
    use crate::rules::source::embedded;

    #[test]
    fn the_page_is_whole_and_what_an_article_says_cannot_break_out_of_it() {
        let rules = load(&embedded()).ruleset.unwrap();
        let body = "North Korea fired two missiles on Friday. </script><script>alert(1)</script>".to_owned();
        let article = Article { id: "a".into(), body, ..Article::default() };
        let (_, explanation) = super::super::explain(&rules, &article, &Options::default(), &|| false).unwrap();
        let page = html(&rules, &explanation).unwrap();
        assert!(!page.contains("{{DATA}}"));
        assert_eq!(page.matches("<script").count(), 2);
        assert!(!page.contains("src=\"http") && !page.contains("href=\"http"));
        assert!(page.contains("event.weapon_launch"));
        assert!(world(&rules).len() > 500);
    }
}
