//! Forms of English words: regular morphology here, irregular words from the packs.

use rustc_hash::FxHashMap;

use super::syntax::{Inflect, InflectionTable};

/// Knows the forms of verbs and nouns.
#[derive(Clone, Debug, Default)]
pub(super) struct Inflector {
    verbs: FxHashMap<String, Vec<String>>,
    nouns: FxHashMap<String, Vec<String>>,
}

impl Inflector {
    /// Takes the irregular forms from the tables.
    pub fn new<'a>(tables: impl Iterator<Item = &'a InflectionTable>) -> Self {
        let mut own = Self::default();
        for table in tables {
            let map = if table.part == Inflect::Noun { &mut own.nouns } else { &mut own.verbs };
            for (base, forms) in &table.forms {
                map.insert(base.value.to_lowercase(), forms.clone());
            }
        }
        own
    }

    /// The forms of a verb beside its base: third person, past, participle, -ing. A prefixed verb (`re-elect`,
    /// `test-fire`) takes the forms of its last part.
    pub fn verb(&self, base: &str) -> Vec<String> {
        let lower = base.to_lowercase();
        if let Some(forms) = self.verbs.get(&lower) {
            return forms.clone();
        }
        if let Some((prefix, last)) = base.rsplit_once('-')
            && !last.is_empty()
        {
            return self.verb(last).into_iter().map(|form| format!("{prefix}-{form}")).collect();
        }
        regular_verb(base)
    }

    /// The plural forms of a noun.
    pub fn noun(&self, base: &str) -> Vec<String> {
        let lower = base.to_lowercase();
        if let Some(forms) = self.nouns.get(&lower) {
            return forms.clone();
        }
        if let Some((prefix, last)) = lower.rsplit_once('-')
            && let Some(forms) = self.nouns.get(last)
        {
            return forms.iter().map(|form| format!("{prefix}-{form}")).collect();
        }
        // "gunman", "policewoman": the plural of the last part
        for (ending, plural) in [("man", "men"), ("woman", "women")] {
            if let Some(stem) = base.strip_suffix(ending).filter(|stem| stem.len() > 2)
                && self.nouns.contains_key(ending)
            {
                return vec![format!("{stem}{plural}")];
            }
        }
        vec![add_s(base)]
    }
}

fn is_vowel(c: char) -> bool {
    matches!(c.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u')
}

/// The third person and the plural are formed alike.
fn add_s(word: &str) -> String {
    let lower = word.to_lowercase();
    let mut back = lower.chars().rev();
    let (last, before) = (back.next(), back.next());
    if ["s", "x", "z", "ch", "sh"].iter().any(|end| lower.ends_with(end)) {
        return format!("{word}es");
    }
    match (before, last) {
        (Some(before), Some('y')) if !is_vowel(before) => {
            format!("{}ies", word.get(..word.len() - 1).unwrap_or(word))
        }
        (Some(before), Some('o')) if !is_vowel(before) => format!("{word}es"),
        _ => format!("{word}s"),
    }
}

fn regular_verb(base: &str) -> Vec<String> {
    let stem = |cut: usize| base.get(..base.len().saturating_sub(cut)).unwrap_or(base);
    let lower = base.to_lowercase();
    let chars: Vec<char> = lower.chars().collect();
    let third = add_s(base);
    if lower.ends_with("ie") {
        return vec![third, format!("{base}d"), format!("{base}d"), format!("{}ying", stem(2))];
    }
    if lower.ends_with("ee") || lower.ends_with("oe") || lower.ends_with("ye") {
        return vec![third, format!("{base}d"), format!("{base}d"), format!("{base}ing")];
    }
    if lower.ends_with('e') {
        return vec![third, format!("{base}d"), format!("{base}d"), format!("{}ing", stem(1))];
    }
    if let [.., before, 'y'] = chars.as_slice()
        && !is_vowel(*before)
    {
        let past = format!("{}ied", stem(1));
        return vec![third, past.clone(), past, format!("{base}ing")];
    }
    if lower.ends_with('c') {
        let past = format!("{base}ked");
        return vec![third, past.clone(), past, format!("{base}king")];
    }
    let syllables = chars.split(|c| !is_vowel(*c)).filter(|group| !group.is_empty()).count();
    let doubles = match chars.as_slice() {
        [.., before, vowel, last] => {
            is_vowel(*vowel) && !is_vowel(*before) && !is_vowel(*last) && !matches!(last, 'w' | 'x' | 'y')
        }
        [vowel, last] => is_vowel(*vowel) && !is_vowel(*last),
        _ => false,
    };
    let mut forms = vec![third];
    let last = chars.last().copied().unwrap_or_default();
    if doubles && syllables == 1 {
        forms.extend([format!("{base}{last}ed"), format!("{base}{last}ed"), format!("{base}{last}ing")]);
        return forms;
    }
    forms.extend([format!("{base}ed"), format!("{base}ed"), format!("{base}ing")]);
    if doubles && syllables > 1 {
        // Where the stress lies the spelling does not say (`admitted`, `visited`, `travelled`): both are taken.
        forms.extend([format!("{base}{last}ed"), format!("{base}{last}ing")]);
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_forms_follow_the_spelling() {
        let words = Inflector::default();
        for (base, expected) in [
            ("launch", "launches launched launched launching"),
            ("fire", "fires fired fired firing"),
            ("deny", "denies denied denied denying"),
            ("stop", "stops stopped stopped stopping"),
            ("deploy", "deploys deployed deployed deploying"),
            ("agree", "agrees agreed agreed agreeing"),
            ("panic", "panics panicked panicked panicking"),
            ("test-fire", "test-fires test-fired test-fired test-firing"),
        ] {
            assert_eq!(words.verb(base).join(" "), expected);
        }
        assert!(words.verb("admit").contains(&"admitted".to_owned()));
        assert!(words.verb("visit").contains(&"visited".to_owned()));
        for (base, plural) in
            [("missile", "missiles"), ("army", "armies"), ("clash", "clashes"), ("journey", "journeys")]
        {
            assert_eq!(words.noun(base), [plural]);
        }
    }
}
