//! The usual layout of rule files: keys of a run stand under one another, no white space at ends of lines, at most one
//! empty line between things. Comments, strings and the order of things stay as they are.

/// The text in the usual layout. What is no TOML is given back as it is.
pub fn format(text: &str) -> String {
    let out = lay_out(text);
    // Nothing but white space may have changed.
    let values = |text: &str| text.parse::<toml::Table>().ok();
    match (values(text), values(&out)) {
        (Some(before), Some(after)) if before == after => out,
        _ => text.to_owned(),
    }
}

/// A line that stands outside of any value that began above.
enum Line<'a> {
    /// `key = value`, where the value may go on below.
    Pair {
        key: &'a str,
        value: &'a str,
    },
    /// A header, a comment, the rest of a value: as it is.
    Other(&'a str),
    Empty,
}

fn lay_out(text: &str) -> String {
    let mut state = State::default();
    let mut lines: Vec<Line<'_>> = Vec::new();
    for line in text.lines() {
        let inside_text = state.text.is_some();
        let inside = inside_text || state.depth > 0;
        // Strings of several lines keep all their white space.
        let kept = if inside_text { line } else { line.trim_end() };
        let pair = if inside { None } else { equals(kept) };
        state.read(line);
        let trimmed = if state.text.is_some() { line } else { kept };
        lines.push(match pair {
            Some(at) => Line::Pair {
                key: trimmed.get(..at).unwrap_or_default().trim(),
                value: trimmed.get(at + 1..).unwrap_or_default().trim_start(),
            },
            None if kept.is_empty() && !inside => Line::Empty,
            None => Line::Other(trimmed),
        });
    }
    let mut out = String::new();
    let mut empty = true;
    let mut index = 0;
    while let Some(line) = lines.get(index) {
        match line {
            Line::Empty => {
                if !empty {
                    out.push('\n');
                }
                empty = true;
                index += 1;
            }
            Line::Other(text) => {
                out.push_str(text);
                out.push('\n');
                empty = false;
                index += 1;
            }
            Line::Pair { .. } => {
                let run: Vec<(&str, &str)> = lines
                    .iter()
                    .skip(index)
                    .map_while(|line| match line {
                        Line::Pair { key, value } => Some((*key, *value)),
                        _ => None,
                    })
                    .collect();
                let width = run.iter().map(|(key, _)| key.chars().count()).max().unwrap_or_default();
                for (key, value) in &run {
                    let room = width - key.chars().count();
                    out.push_str(key);
                    out.extend(std::iter::repeat_n(' ', room));
                    out.push_str(" = ");
                    out.push_str(value);
                    out.push('\n');
                }
                empty = false;
                index += run.len();
            }
        }
    }
    let end = out.trim_end().len();
    out.truncate(end);
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// The byte of the sign of equality behind a key, if the line begins with one.
fn equals(line: &str) -> Option<usize> {
    let mut quote: Option<char> = None;
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '=') => return (at > 0).then_some(at),
            (None, '#' | '[') => return None,
            _ => {}
        }
    }
    None
}

/// What is open at the end of a line.
#[derive(Default)]
struct State {
    /// Brackets and braces.
    depth: usize,
    /// The quotes of a string of several lines.
    text: Option<&'static str>,
}

impl State {
    fn read(&mut self, line: &str) {
        let mut rest = line;
        while !rest.is_empty() {
            if let Some(quotes) = self.text {
                match rest.find(quotes) {
                    Some(at) => {
                        self.text = None;
                        rest = rest.get(at + 3..).unwrap_or_default();
                        // Up to two quotes more may belong to the text.
                        rest = rest.trim_start_matches(quotes.chars().next().unwrap_or_default());
                    }
                    None => return,
                }
                continue;
            }
            if let Some(quotes) = ["\"\"\"", "'''"].into_iter().find(|quotes| rest.starts_with(quotes)) {
                self.text = Some(quotes);
                rest = rest.get(3..).unwrap_or_default();
                continue;
            }
            let Some(c) = rest.chars().next() else { return };
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            match c {
                '#' => return,
                '[' | '{' => self.depth += 1,
                ']' | '}' => self.depth = self.depth.saturating_sub(1),
                '\'' => rest = rest.find('\'').and_then(|end| rest.get(end + 1..)).unwrap_or_default(),
                '"' => {
                    let mut escaped = false;
                    let end = rest.char_indices().find(|(_, c)| {
                        let ends = *c == '"' && !escaped;
                        escaped = *c == '\\' && !escaped;
                        ends
                    });
                    rest = end.and_then(|(at, _)| rest.get(at + 1..)).unwrap_or_default();
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_under_one_another_and_texts_stay_as_they_are() {
        let text = "\n[event.x]   \nemits=\"a = b\"  # why\n\"odd key\"   =   1\n\n\n\n# a comment\n[[event.x.test]]\nname = \"y\"\n\
                    text = \"\"\"one  \n\n\n  two = 3\"\"\"\nlist = [\n    1,  \n]\n";
        let expected = "[event.x]\nemits     = \"a = b\"  # why\n\"odd key\" = 1\n\n# a comment\n[[event.x.test]]\nname = \"y\"\n\
                        text = \"\"\"one  \n\n\n  two = 3\"\"\"\nlist = [\n    1,\n]\n";
        assert_eq!(format(text), expected);
        assert_eq!(format(expected), expected);
    }

    #[test]
    fn what_is_no_toml_is_left_alone() {
        for text in ["a = ", "[x\n  y=1", "a = '''b\n\n\n"] {
            assert_eq!(format(text), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn formatting_changes_no_value_and_settles(text in "([a-c]{1,2} *= *(1|\"x # y\"|'''p\n\n q'''|\\[1, *\n2\\]) *\n|\\[t\\.[a-c]{1,3}\\] *\n|# c *\n|\n){0,12}") {
            let once = format(&text);
            proptest::prop_assert_eq!(text.parse::<toml::Table>().ok(), once.parse::<toml::Table>().ok());
            proptest::prop_assert_eq!(format(&once), once.clone());
        }
    }
}
