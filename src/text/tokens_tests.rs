use super::*;

fn rules() -> ReadingRules {
    ReadingRules {
        title_abbreviations: ["Gen.", "Mr.", "Lt."].into_iter().collect(),
        abbreviations: ["Inc.", "Corp."].into_iter().collect(),
        number_abbreviations: ["No.", "Jan.", "Oct.", "Mar."].into_iter().collect(),
        pair_names: ["Russian", "US", "Korea", "U.S.", "Chinese", "Re", "Open"].into_iter().collect(),
        ..ReadingRules::default()
    }
}

fn cut(text: &str) -> String {
    let mut tokens = Vec::new();
    tokenize(text, TextSpan::new(0, text.len()), &rules(), &mut tokens);
    tokens.iter().map(|token| &text[token.span.range()]).collect::<Vec<_>>().join("|")
}

#[test]
fn words_are_cut_as_in_the_penn_treebank() {
    for (text, expected) in [
        // clitics
        ("Iraq's soldiers' don't I'll", "Iraq|'s|soldiers|'|do|n't|I|'ll"),
        ("Korea’s soldiers’ don’t I’ll we’ve", "Korea|’s|soldiers|’|do|n’t|I|’ll|we|’ve"),
        ("IRAQ'S, the U.S.'s \"Bush\"'s he'd've", "IRAQ|'S|,|the|U.S.|'s|\"|Bush|\"|'s|he|'d|'ve"),
        ("O'Brien, Qur'an and Cote d'Ivoire can't, cannot", "O'Brien|,|Qur'an|and|Cote|d'Ivoire|ca|n't|,|can|not"),
        ("n't Iraq 's the '90s 'twas ''so''", "n't|Iraq|'s|the|'90s|'|twas|''|so|''"),
        // hyphens and dashes
        (
            "test-fire medium-range Secretary-General re-election",
            "test-fire|medium-range|Secretary-General|re-election",
        ),
        ("16-year-old F-16 U.S.-led anti-U.S. Al-Qaida", "16-year-old|F-16|U.S.-led|anti-U.S.|Al-Qaida"),
        ("short- and medium-range -- he said— and – so---", "short-|and|medium-range|--|he|said|—|and|–|so|---"),
        ("(Reuters) - A man", "(|Reuters|)|-|A|man"),
        ("Russian-US, South Korea-US, Chinese-made", "Russian|-|US|,|South|Korea|-|US|,|Chinese-made"),
        ("to re-open it", "to|re-open|it"),
        // full stops
        ("U.S. Gen. J. Smith of the U.N. said.", "U.S.|Gen.|J.|Smith|of|the|U.N.|said|."),
        ("at 9 a.m. or 5 p.m. with Ph.D. Hepatitis B.", "at|9|a.m.|or|5|p.m.|with|Ph.D.|Hepatitis|B|."),
        ("No. 5 on Jan. 3, Oct. and no. Then Mar. We", "No.|5|on|Jan.|3|,|Oct.|and|no|.|Then|Mar|.|We"),
        ("Apple Inc. fell. the region.The army... so.", "Apple|Inc.|fell|.|the|region|.|The|army|...|so|."),
        // numbers
        ("range of 1,200-1,500 kilometers, 1,00,000", "range|of|1,200|-|1,500|kilometers|,|1,00,000"),
        ("at 3:39 pm (9:39am Moscow time).", "at|3:39|pm|(|9:39|am|Moscow|time|)|."),
        ("$5.7 billion, 5%, US$3 -5 .5 10-15", "$|5.7|billion|,|5|%|,|US$|3|-5|.5|10|-|15"),
        ("2016-03-18 15/16 1990s 20th 500km km2 3D 2,3", "2016-03-18|15/16|1990s|20th|500|km|km2|3D|2|,|3"),
        ("rose to 3.5.", "rose|to|3.5|."),
        ("5-0 in 2005, 2006,2007", "5|-|0|in|2005|,|2006|,|2007"),
        // slashes
        ("/TASS/. EPA/STRINGER and/or km/h", "/|TASS|/|.|EPA/STRINGER|and/or|km/h"),
        // the net
        (
            "See https://a.com/b?c=1&d=2. Mail a.b@c.org, @who #tag.",
            "See|https://a.com/b?c=1&d=2|.|Mail|a.b@c.org|,|@who|#tag|.",
        ),
        ("(www.voanews.com/a/b.html), voanews.com.", "(|www.voanews.com/a/b.html|)|,|voanews.com|."),
        // the rest
        ("AT&T \"halt these actions.\" [sic] {x}", "AT&T|\"|halt|these|actions|.|\"|[|sic|]|{|x|}"),
        ("“Łódź” naïve Zürich e\u{301}te\u{301}", "“|Łódź|”|naïve|Zürich|e\u{301}te\u{301}"),
        ("\u{feff}a\u{a0}b\u{200b}c\u{0}d", "a|b|c|d"),
    ] {
        assert_eq!(cut(text), expected, "{text}");
    }
}

#[test]
fn rule_words_keep_the_full_stop_of_an_abbreviation() {
    let rules = rules();
    assert_eq!(rules.words_of("Jan."), ["Jan."]);
    assert_eq!(rules.words_of("Lt. Gen."), ["Lt.", "Gen."]);
    assert_eq!(rules.words_of("South Korea-US"), ["South", "Korea", "-", "US"]);
}

#[test]
fn tokens_know_what_stands_before_them() {
    let text = " He said \"no\".";
    let mut tokens = Vec::new();
    tokenize(text, TextSpan::new(0, text.len()), &rules(), &mut tokens);
    let spaces: Vec<bool> = tokens.iter().map(|token| token.space_before).collect();
    assert_eq!(spaces, [true, true, true, false, false, false]);
}

#[test]
fn a_span_is_cut_by_itself() {
    let text = "one two, three";
    let mut tokens = Vec::new();
    tokenize(text, TextSpan::new(4, 8), &rules(), &mut tokens);
    assert_eq!(tokens.iter().map(|t| &text[t.span.range()]).collect::<Vec<_>>(), ["two", ","]);
    tokenize(text, TextSpan::new(4, 80), &rules(), &mut tokens);
    assert_eq!(tokens.len(), 2);
}

proptest::proptest! {
    #[test]
    fn tokens_cover_all_that_can_be_seen(text in "(\\PC|[ a-cN-P0-2'’.,:/@#&$%\\-\u{2011}\u{301}…]){0,60}") {
        let mut tokens = Vec::new();
        tokenize(&text, TextSpan::new(0, text.len()), &rules(), &mut tokens);
        let mut at = 0;
        for token in &tokens {
            proptest::prop_assert!(token.span.start as usize >= at && !token.span.is_empty());
            proptest::prop_assert!(text.get(token.span.range()).is_some());
            let gap = &text[at..token.span.start as usize];
            proptest::prop_assert!(gap.chars().all(|c| c.is_control() || wide_kind(c) == Kind::Gap), "{gap:?}");
            proptest::prop_assert_eq!(token.space_before, at == 0 || !gap.is_empty());
            at = token.span.end as usize;
        }
    }
}
