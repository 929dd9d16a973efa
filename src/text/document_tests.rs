use super::*;
use crate::text::LayoutRule;
use crate::text::layout::LayoutRules;

/// The knowledge of the core pack.
fn rules() -> ReadingRules {
    let reading: toml::Table = toml::from_str(include_str!("../../rules/core/reading.toml")).unwrap();
    let words = |key: &str| reading["reading"][key].as_array().unwrap().iter().map(|w| w.as_str().unwrap()).collect();
    let layout = include_str!("../../rules/core/layout.toml");
    let table: toml::Table = toml::from_str(layout).unwrap();
    let mut rules: Vec<(usize, LayoutRule)> = table["layout"]
        .as_table()
        .unwrap()
        .iter()
        .map(|(id, rule)| {
            let place = layout.find(&format!("[layout.{id}]")).unwrap();
            (place, LayoutRule::new(id, rule["part"].as_str().unwrap(), rule["regex"].as_str().unwrap()).unwrap())
        })
        .collect();
    rules.sort_by_key(|(place, _)| *place);
    ReadingRules {
        title_abbreviations: words("title_abbreviation"),
        abbreviations: words("abbreviation"),
        number_abbreviations: words("number_abbreviation"),
        sentence_starters: words("sentence_starter"),
        stop_words: words("stop_word"),
        pair_names: ["Russian", "US", "Korea"].into_iter().collect(),
        layout: LayoutRules::new(rules.into_iter().map(|(_, rule)| rule).collect()).unwrap(),
    }
}

thread_local! {
    static RULES: ReadingRules = rules();
}

fn read_as(source: &str, media: MediaType) -> Document {
    RULES.with(|rules| Document::read(source, media, None, rules, &ReadingLimits::default()))
}

fn read(source: &str) -> Document {
    read_as(source, MediaType::Plain)
}

fn parts(doc: &Document) -> Vec<(Part, &str)> {
    doc.paragraphs().iter().map(|p| (p.part, &doc.text()[p.span.range()])).collect()
}

fn sentences(doc: &Document) -> Vec<&str> {
    doc.sentences().iter().map(|s| doc.text_of(s.tokens)).collect()
}

const PAGE: &str = "All news\n\
\n\
Minister: neighbour's actions should not be pretext for military build-up in region\n\
\n\
According to the minister, it's important to defuse tensions after the tests\n\
A missile system unveiled by the US military during the joint South Korea-US exercise EPA/STRINGER\n\
A missile system unveiled by the US military during the joint South Korea-US exercise\n\
© EPA/STRINGER\n\
\n\
MOSCOW, March 25 /TASS/. Russia is opposed to it, the minister said on Friday after Russian-US talks.\n\
\n\
\"Our stance remains unchanged,\" the minister added. \"It should not be used,\" he said.\n\
\n\
Launches were registered at 3:39 pm (9:39am Moscow time). Projectiles fell into the sea.\n\
\n\
Read also\n\
\n\
The envoy called on them to \"halt these actions.\" This month the Council met.";

#[test]
fn a_news_page_falls_into_its_parts() {
    use Part::*;
    let doc = read(PAGE);
    let parts = parts(&doc);
    let only: Vec<Part> = parts.iter().map(|(part, _)| *part).collect();
    assert_eq!(
        only,
        [Furniture, Headline, Lead, Caption, Credit, Caption, Credit, Dateline, Body, Body, Body, Furniture, Body],
        "{parts:#?}"
    );
    assert!(doc.headline().unwrap().starts_with("Minister: neighbour's"));
    assert!(parts[3].1.ends_with("South Korea-US exercise"));
    assert_eq!(parts[4].1, "EPA/STRINGER");
    let repeated: Vec<Option<u32>> = doc.paragraphs().iter().map(|p| p.duplicate_of).collect();
    assert_eq!(repeated[5], Some(3));
    assert_eq!(repeated.iter().flatten().count(), 1);
    let dateline = doc.dateline().unwrap();
    let slice = |span: Option<TextSpan>| &doc.text()[span.unwrap().range()];
    assert_eq!((slice(dateline.place), slice(dateline.date), slice(dateline.agency)), ("MOSCOW", "March 25", "TASS"));
    assert_eq!(parts[7].1, "MOSCOW, March 25 /TASS/.");
    assert_eq!(
        sentences(&doc)[8..],
        [
            "Russia is opposed to it, the minister said on Friday after Russian-US talks.",
            "\"Our stance remains unchanged,\" the minister added.",
            "\"It should not be used,\" he said.",
            "Launches were registered at 3:39 pm (9:39am Moscow time).",
            "Projectiles fell into the sea.",
            "Read also",
            "The envoy called on them to \"halt these actions.\"",
            "This month the Council met.",
        ]
    );
    let first = doc.sentences()[8].tokens.start as usize;
    assert!(doc.shape(first).has(Shape::START) && !doc.shape(first + 1).has(Shape::START));
    assert_eq!(doc.notes(), []);
}

#[test]
fn a_caption_may_come_without_its_credit_first() {
    let page = "A missile system unveiled by the US military during exercises\n\
        A missile system unveiled by the US military during exercises AFP/STRINGER\n\nThe army said so on Friday.";
    let doc = read(page);
    assert!(doc.paragraphs()[1].duplicate_of.is_some() || doc.paragraphs()[0].duplicate_of.is_some());
}

#[test]
fn datelines_come_off_the_first_sentence() {
    for (text, place, date, agency) in [
        ("MOSCOW, March 25 /TASS/. Russia is opposed.", "MOSCOW", "March 25", "TASS"),
        ("Concepcion, 23 Aug 88 (Radio) -- Russia is opposed.", "Concepcion", "23 Aug 88", "Radio"),
        ("San Salvador, 4 Jan 90 -- [Text] Russia is opposed.", "San Salvador", "4 Jan 90", ""),
        ("(Reuters) - Russia is opposed.", "", "", "Reuters"),
        ("KABUL, Afghanistan (AP) — Russia is opposed.", "KABUL, Afghanistan", "", "AP"),
        ("GENEVA (AFP) - Russia is opposed.", "GENEVA", "", "AFP"),
        ("LONDON, Jan 5 (Reuters) - Russia is opposed.", "LONDON", "Jan 5", "Reuters"),
        ("BEIJING, Oct. 12 (Xinhua) -- Russia is opposed.", "BEIJING", "Oct. 12", "Xinhua"),
        ("ST. PETERSBURG, Russia, June 3 (UPI) -- Russia is opposed.", "ST. PETERSBURG, Russia", "June 3", "UPI"),
        ("WASHINGTON — Russia is opposed.", "WASHINGTON", "", ""),
        ("GAZA CITY, Gaza Strip -- Russia is opposed.", "GAZA CITY, Gaza Strip", "", ""),
        ("SEOUL, March 10 -- Russia is opposed.", "SEOUL", "March 10", ""),
    ] {
        let doc = read(text);
        let dateline = doc.dateline().unwrap_or_else(|| panic!("{text}"));
        let slice = |span: Option<TextSpan>| span.map_or("", |span| &doc.text()[span.range()]);
        assert_eq!(
            (slice(dateline.place), slice(dateline.date), slice(dateline.agency)),
            (place, date, agency),
            "{text}"
        );
        assert_eq!(sentences(&doc).len(), 2, "{text}");
        assert_eq!(sentences(&doc)[1], "Russia is opposed.");
        assert_eq!(doc.sentences()[0].part, Part::Dateline);
    }
}

#[test]
fn ordinary_beginnings_are_no_datelines() {
    for text in [
        "On March 21, North Korea launched several projectiles.",
        "The U.S. — and its allies — agreed to it.",
        "NATO (the alliance) said so on Friday.",
        "In London, the minister said that May 5 was the day.",
        "Russia, China and Iran met on Friday - and agreed.",
    ] {
        assert_eq!(read(text).dateline(), None, "{text}");
        assert_eq!(parts(&read(text)), [(Part::Body, text)]);
    }
}

#[test]
fn body_lines_are_not_taken_for_anything_else() {
    for text in [
        "More than 20 people died in the attack. Police said so.",
        "Register offices were closed on Friday.",
        "Share prices fell on Friday.",
        "By Friday the army had left.",
        "Related attacks killed 20 people in the north, police said.",
        "Two missiles were launched by North Korea",
        "Copyrights were sold",
    ] {
        assert_eq!(parts(&read(text)), [(Part::Body, text)]);
    }
}

#[test]
fn other_lines_of_pages_are_known() {
    for (line, part) in [
        ("By John Smith", Part::Credit),
        ("By John Smith and Jane van Doe, Reuters", Part::Credit),
        ("(Reporting by John Smith; editing by Jane Doe)", Part::Credit),
        ("Photo: John Smith/AP", Part::Credit),
        ("FILE - The president speaks in the capital, May 5, 2016.", Part::Caption),
        ("Read also: Army fires missiles into the sea", Part::Furniture),
        ("Home | World | Asia", Part::Furniture),
        ("Updated: 25 March 2016, 12:05 GMT", Part::Furniture),
        ("3 hours ago", Part::Furniture),
        ("Share on Facebook", Part::Furniture),
    ] {
        let text = format!("The army fired on them on Friday.\n\n{line}\n\nIt then left the city.");
        let doc = read(&text);
        assert_eq!(parts(&doc)[1], (part, line));
        assert_eq!(parts(&doc).len(), 3);
    }
    let doc = read("By John Smith, AP\n\nThe army left.");
    assert_eq!(&doc.text()[doc.author().unwrap().range()], "John Smith");
}

#[test]
fn a_headline_beside_the_text_is_found_in_it() {
    let text = "Army Leaves City\n\nSoldiers go home after talks\n\nThe army left on Friday.";
    let given = |headline| {
        RULES.with(|rules| Document::read(text, MediaType::Plain, headline, rules, &ReadingLimits::default()))
    };
    let doc = given(Some(" ARMY leaves city "));
    use Part::*;
    let of = |doc: &Document| doc.paragraphs().iter().map(|p| p.part).collect::<Vec<_>>();
    assert_eq!(of(&doc), [Headline, Lead, Body]);
    assert_eq!(doc.headline(), Some("ARMY leaves city"));
    let doc = given(Some("Another one"));
    assert_eq!(of(&doc), [Furniture, Lead, Body]);
    assert_eq!((doc.headline(), doc.headline_span()), (Some("Another one"), None));
}

#[test]
fn html_is_read_with_its_parts_and_offsets() {
    let source = "<html><head><title>Army leaves | Site</title><style>p{}</style></head><body>\
        <nav><ul><li>Home<li>World</ul></nav><header>Site name<h1>Army &amp; navy leave\n  the city</h1></header>\
        <figure><img src=x><figcaption>Soldiers on a road EPA/STRINGER</figcaption></figure>\
        <p>MOSCOW, March 25 /TASS/. He <b>&quot;met&quot;</b>\r\n her&nbsp;then.</p><script>if (a<b) x</script>\
        <p>Bad &#xD800; end, &#99999999999; too &notit; &unknown; &copy 2016.<br>New line.<aside>Buy</aside>\
        <footer>Imprint</footer></body></html>";
    let doc = read_as(source, MediaType::Html);
    use Part::*;
    assert_eq!(
        parts(&doc),
        [
            (Furniture, "Army leaves | Site"),
            (Furniture, "Site name"),
            (Headline, "Army & navy leave the city"),
            (Caption, "Soldiers on a road"),
            (Credit, "EPA/STRINGER"),
            (Dateline, "MOSCOW, March 25 /TASS/."),
            (Body, "He \"met\" her then."),
            (Body, "Bad \u{fffd} end, \u{fffd} too ¬it; &unknown; © 2016."),
            (Body, "New line."),
        ]
    );
    let at = |words: &str| {
        let start = doc.text().find(words).unwrap();
        let span = TextSpan::new(start, start + words.len());
        let (start, end) = doc.offsets(source, OffsetEncoding::Utf8).source(span);
        &source[start as usize..end as usize]
    };
    for (words, origin) in [
        ("met", "met"),
        ("Army &", "Army &amp;"),
        ("\"met\"", "&quot;met&quot;"),
        ("\"met\" her", "&quot;met&quot;</b>\r\n her"),
        ("leave the", "leave\n  the"),
        ("her then", "her&nbsp;then"),
        ("\u{fffd} end", "&#xD800; end"),
        ("too ¬", "too &not"),
        ("it; &", "it; &"),
        ("¬it", "&notit"),
        ("© 2016", "&copy 2016"),
        ("New line", "New line"),
    ] {
        assert_eq!(at(words), origin, "{words}");
    }
}

#[test]
fn the_words_of_a_page_survive_markup_that_nobody_closed() {
    for source in [
        "<nav>Menu<h1>Army leaves city</h1><p>It left.",
        "<form><article><p>It left.</p></article></form>",
        "<p>It left.</nav></p></footer>",
        "It left.",
        "<p>It <!-- never --> left.<script>",
    ] {
        let doc = read_as(source, MediaType::Html);
        assert_eq!(sentences(&doc).last().copied(), Some("It left."), "{source}");
    }
    // Without a heading, the title is the headline.
    let doc = read_as("<title>Army leaves</title><p>It left.", MediaType::Html);
    assert_eq!(doc.headline(), Some("Army leaves"));
}

#[test]
fn odd_texts_are_noted_and_read_all_the_same() {
    assert_eq!(read("").notes(), [ReadingNote::Empty]);
    assert_eq!(read(" \n\t").notes(), [ReadingNote::Empty]);
    let table = "12,5 | 33 | 99 | -- | 17\n".repeat(20);
    assert_eq!(read(&table).notes(), [ReadingNote::NotText]);
    let binary =
        String::from_utf8_lossy(&(0..4000u32).map(|i| (i * 7919 % 251) as u8).collect::<Vec<_>>()).into_owned();
    assert_eq!(read(&binary).notes().first(), Some(&ReadingNote::NotText));
    let russian = "Россия выступает против дестабилизации ситуации на полуострове, заявил министр в пятницу после \
        переговоров, а также против наращивания военного потенциала в ответ на действия соседа.";
    assert_eq!(read(russian).notes(), [ReadingNote::OtherLanguage]);
    let spanish = "El ministro dijo el viernes que su país se opone a la desestabilización de la situación en la \
        península y pidió a las partes que vuelvan a la mesa de negociaciones.";
    assert_eq!(read(spanish).notes(), [ReadingNote::OtherLanguage]);
    let long = "word ".repeat(1000);
    let doc = read(&long);
    assert!(matches!(doc.notes(), [ReadingNote::SentenceCut(_), ..]), "{:?}", doc.notes());
    assert!(doc.sentences().iter().all(|s| s.tokens.len() <= 400));
    let limits = ReadingLimits { source_bytes: 13, ..ReadingLimits::default() };
    let doc = RULES.with(|rules| Document::read("Łódź, Łódź, Łódź", MediaType::Plain, None, rules, &limits));
    assert_eq!((doc.text(), doc.notes()), ("Łódź, Łó", &[ReadingNote::SourceCut][..]));
}

#[test]
fn tokens_are_found_by_place() {
    let doc = read("He left. She stayed.");
    assert_eq!(doc.sentence_of(3), Some(1));
    assert_eq!(doc.sentence_of(99), None);
    assert_eq!(doc.word(99), "");
    assert_eq!(doc.text_of(doc.tokens_in(TextSpan::new(3, 13))), "left. She");
}

/// Texts that have made readers slow: each must be read in time linear in its length.
#[test]
fn hostile_texts_are_read_in_bounded_time() {
    const LEN: usize = 1 << 20;
    for piece in [
        "(", "\"", "a", "a ", "a.", ". ", "'", "n't", "&", "&amp", "&#", "<", "<p>", "<nav>", "\n", "a\n", "A B\n",
        "http://)", "a-", "1-", "no. ", "\u{301}",
    ] {
        let text = piece.repeat(LEN / piece.len());
        for media in [MediaType::Plain, MediaType::Html] {
            let doc = read_as(&text, media);
            check(&doc, &text);
        }
    }
}

/// What holds for every document.
fn check(doc: &Document, source: &str) {
    let mut token = 0;
    let mut paragraph = 0;
    for sentence in doc.sentences() {
        assert_eq!(sentence.tokens.start as usize, token, "sentences tile the tokens");
        assert!(!sentence.tokens.is_empty());
        assert!(sentence.paragraph >= paragraph);
        paragraph = sentence.paragraph;
        let own = &doc.paragraphs()[paragraph as usize];
        assert_eq!(own.part, sentence.part);
        let span = doc.span_of(sentence.tokens);
        assert!(own.span.start <= span.start && span.end <= own.span.end);
        token = sentence.tokens.end as usize;
    }
    assert_eq!(token, doc.tokens().len());
    let mut at = 0;
    for paragraph in doc.paragraphs() {
        assert!(at <= paragraph.span.start && !paragraph.span.is_empty());
        assert!(doc.text().get(paragraph.span.range()).is_some());
        at = paragraph.span.end;
    }
    let offsets = doc.offsets(source, OffsetEncoding::Utf8);
    let mut at = 0;
    for token in doc.tokens() {
        let (start, end) = offsets.source(token.span);
        assert!(source.get(start as usize..end as usize).is_some_and(|s| !s.is_empty()));
        assert!(start >= at, "source spans ascend");
        at = start;
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(text in "(\\PC|[ \\na-zA-Z.,!?'\"()/0-9:©-]|MOSCOW, March 25 /TASS/. |U.S. |A line\\n){0,120}") {
        let doc = read(&text);
        check(&doc, &text);
        assert_eq!(format!("{doc:?}"), format!("{:?}", read(&text)), "the same each time");
        let units: Vec<u16> = text.encode_utf16().collect();
        let chars: Vec<char> = text.chars().collect();
        for (at, token) in doc.tokens().iter().enumerate() {
            let (start, end) = doc.offsets(&text, OffsetEncoding::Utf16).source(token.span);
            assert_eq!(String::from_utf16(&units[start as usize..end as usize]).unwrap(), doc.word(at));
            let (start, end) = doc.offsets(&text, OffsetEncoding::Utf32).source(token.span);
            assert_eq!(chars[start as usize..end as usize].iter().collect::<String>(), doc.word(at));
        }
    }

    #[test]
    fn any_bytes_are_read_as_html(bytes in proptest::collection::vec(0u8.., 0..300)) {
        let text = String::from_utf8_lossy(&bytes);
        check(&read_as(&text, MediaType::Html), &text);
    }

    #[test]
    fn any_markup_is_read_and_its_words_map_back(
        text in "(<p>|</p>|<h1>|<nav>|</nav>|<article>|<title>|<br/>|<!--|-->|<script>|</script>|<b>|&amp;|&lt|&#65;|&#xD800;|&|;|<|>|\r\n| |[a-zé\u{1f600}]{1,3}|\u{0}){0,60}"
    ) {
        let doc = read_as(&text, MediaType::Html);
        check(&doc, &text);
        let offsets = |encoding| doc.offsets(&text, encoding);
        let units: Vec<u16> = text.encode_utf16().collect();
        let chars: Vec<char> = text.chars().collect();
        for (at, token) in doc.tokens().iter().enumerate() {
            let word = doc.word(at);
            let (start, end) = offsets(OffsetEncoding::Utf8).source(token.span);
            let origin = &text[start as usize..end as usize];
            // What was no reference, and runs through no tag, stands in the source as it is.
            if !origin.contains(['&', '<', '\0']) {
                assert_eq!(origin, word);
            }
            let (start, end) = offsets(OffsetEncoding::Utf16).source(token.span);
            assert_eq!(String::from_utf16(&units[start as usize..end as usize]).unwrap(), origin);
            let (start, end) = offsets(OffsetEncoding::Utf32).source(token.span);
            assert_eq!(chars[start as usize..end as usize].iter().collect::<String>(), origin);
        }
    }
}
