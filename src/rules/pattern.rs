//! The pattern language: what stands between `'''` and `'''`.
//!
//! A pattern is a regular expression over tokens. [`Pattern::parse`] reads it into a tree whose every node knows its
//! place inside the string; nothing is resolved here.

use std::ops::Range;

use super::diagnostic::Code;
use super::syntax::Place;

/// Most repetitions that a pattern may ask for.
pub const MAX_REPEAT: u32 = 40;
/// Deepest nesting of groups.
const MAX_DEPTH: usize = 48;

/// A parsed pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// The pattern as written; of a list, its members one under the other.
    pub source: String,
    /// Its tree.
    pub root: Node,
    /// Where the parts of [`Pattern::source`] stand in the file: byte in the source, byte in the file.
    pieces: Vec<(usize, usize)>,
}

/// A node of a pattern with its byte range inside [`Pattern::source`].
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub kind: NodeKind,
    pub at: Range<usize>,
}

/// The forms that a pattern is made of.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// `word` or `"two words"`: one or more words, still to be tokenised.
    Words(String),
    /// `$lexicon`
    Lexicon(String),
    /// `@Type`
    Mention(String),
    /// `%number`
    Class(String),
    /// `[lemma=launch pos=VERB]`: all must hold; `a|b` in a value means either.
    Attributes(Vec<(String, Vec<String>)>),
    /// `_`
    Any,
    /// `a b c`
    Sequence(Vec<Node>),
    /// `a | b`
    Alternatives(Vec<Node>),
    /// `x?` is `{0,1}`; both bounds inclusive.
    Repeat { node: Box<Node>, min: u32, max: u32 },
    /// `name:x`
    Capture { name: String, node: Box<Node> },
    /// `(?! x)` or `(?<! x)`
    Not { behind: bool, node: Box<Node> },
}

/// Something wrong inside a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternProblem {
    pub code: Code,
    /// Bytes of the pattern.
    pub at: Range<usize>,
    pub message: String,
    pub help: Option<String>,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, the first place first.
    pub fn parse(source: &str) -> Result<Self, Vec<PatternProblem>> {
        let mut parser = Parser { source, at: 0, problems: Vec::new() };
        let root = parser.alternatives(0);
        parser.space();
        if parser.at < source.len() && parser.problems.is_empty() {
            let end = parser.next_end();
            parser.problem(Code::PatternSyntax, parser.at..end, "nothing here opens what this closes".into(), None);
        }
        if parser.problems.is_empty() {
            Ok(Self { source: source.to_owned(), root, pieces: vec![(0, 0)] })
        } else {
            Err(parser.problems)
        }
    }

    /// Patterns that are alternatives of one another, each with the place of its first byte in the file.
    pub(super) fn join(patterns: Vec<(Pattern, usize)>) -> Self {
        let mut source = String::new();
        let (mut nodes, mut pieces) = (Vec::new(), Vec::new());
        for (pattern, file) in patterns {
            let offset = source.len();
            pieces.push((offset, file));
            let mut node = pattern.root;
            node.shift(offset);
            nodes.push(node);
            source.push_str(&pattern.source);
            source.push('\n');
        }
        let root = match nodes.len() {
            1 => nodes.remove(0),
            _ => Node { kind: NodeKind::Alternatives(nodes), at: 0..source.len() },
        };
        Self { source, root, pieces }
    }

    /// A stand-in for something that is no pattern but has captures (a regex), so that places can be asked for.
    pub(super) fn of_source(source: &str) -> Self {
        Self { source: source.to_owned(), root: Node { kind: NodeKind::Any, at: 0..source.len() }, pieces: Vec::new() }
    }

    /// Where a part of the pattern stands in the file; `whole` is the place of the value that holds the pattern.
    pub(super) fn place(&self, whole: &Place, at: &Range<usize>) -> Place {
        let index = self.pieces.partition_point(|(source, _)| *source <= at.start);
        match index.checked_sub(1).and_then(|index| self.pieces.get(index)) {
            Some((source, file)) if *file > 0 => {
                let start = file + (at.start - source);
                let end = (start + at.len()).min(whole.bytes.end.max(start));
                Place { file: whole.file, bytes: start..end }
            }
            _ => whole.clone(),
        }
    }

    /// Where a capture stands in the file.
    pub(super) fn capture_place(&self, whole: &Place, name: &str) -> Place {
        match self.root.capture(name) {
            Some(at) => self.place(whole, &at),
            None => whole.clone(),
        }
    }
}

impl Node {
    fn shift(&mut self, by: usize) {
        self.at = self.at.start + by..self.at.end + by;
        match &mut self.kind {
            NodeKind::Sequence(nodes) | NodeKind::Alternatives(nodes) => nodes.iter_mut().for_each(|n| n.shift(by)),
            NodeKind::Repeat { node, .. } | NodeKind::Capture { node, .. } | NodeKind::Not { node, .. } => {
                node.shift(by);
            }
            _ => {}
        }
    }

    fn capture(&self, name: &str) -> Option<Range<usize>> {
        match &self.kind {
            NodeKind::Capture { name: own, .. } if own == name => Some(self.at.clone()),
            NodeKind::Capture { node, .. } | NodeKind::Repeat { node, .. } | NodeKind::Not { node, .. } => {
                node.capture(name)
            }
            NodeKind::Sequence(nodes) | NodeKind::Alternatives(nodes) => nodes.iter().find_map(|n| n.capture(name)),
            _ => None,
        }
    }
}

struct Parser<'a> {
    source: &'a str,
    at: usize,
    problems: Vec<PatternProblem>,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next_end(&self) -> usize {
        self.at + self.peek().map_or(0, char::len_utf8)
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    fn problem(&mut self, code: Code, at: Range<usize>, message: String, help: Option<String>) {
        self.problems.push(PatternProblem { code, at, message, help });
    }

    /// White space and comments.
    fn space(&mut self) {
        loop {
            let skipped = self.rest().len() - self.rest().trim_start().len();
            self.at += skipped;
            if !self.rest().starts_with('#') {
                return;
            }
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    fn name(&mut self) -> String {
        let end = self.rest().find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest().len());
        let name = self.rest().get(..end).unwrap_or_default().to_owned();
        self.at += end;
        name
    }

    fn alternatives(&mut self, depth: usize) -> Node {
        let start = self.at;
        let mut nodes = vec![self.sequence(depth)];
        loop {
            self.space();
            if !self.eat("|") {
                break;
            }
            nodes.push(self.sequence(depth));
        }
        match nodes.len() {
            1 => nodes.remove(0),
            _ => Node { kind: NodeKind::Alternatives(nodes), at: start..self.at },
        }
    }

    fn sequence(&mut self, depth: usize) -> Node {
        self.space();
        let start = self.at;
        let mut nodes = Vec::new();
        loop {
            self.space();
            match self.peek() {
                None | Some('|' | ')') => break,
                _ => {}
            }
            let before = self.at;
            if let Some(node) = self.repeated(depth) {
                nodes.push(node);
            }
            if self.at == before {
                // Nothing was read: the character is no part of the language.
                let end = self.next_end();
                let message = format!("`{}` has no meaning here", self.source.get(before..end).unwrap_or_default());
                let help = Some("put words with marks in quotes: \"'s\", \"U.S.\"".to_owned());
                self.problem(Code::PatternSyntax, before..end, message, help);
                self.at = end;
            }
            if self.problems.len() > 16 {
                self.at = self.source.len();
            }
        }
        if nodes.is_empty() && self.problems.is_empty() {
            let end = self.next_end();
            self.problem(Code::PatternSyntax, start..end, "a pattern is missing here".into(), None);
        }
        match nodes.len() {
            1 => nodes.remove(0),
            _ => Node { kind: NodeKind::Sequence(nodes), at: start..self.at },
        }
    }

    /// An atom with `?` or `{m,n}` behind it.
    fn repeated(&mut self, depth: usize) -> Option<Node> {
        let start = self.at;
        let node = self.atom(depth)?;
        let (min, max) = match self.peek() {
            Some('?') => {
                self.at += 1;
                (0, 1)
            }
            Some('{') => self.bounds(),
            Some(sign @ ('*' | '+')) => {
                let at = self.at..self.at + 1;
                self.at += 1;
                let help = Some(format!("say how often at most: `{{{},8}}`", u8::from(sign == '+')));
                self.problem(Code::UnboundedRepeat, at, format!("`{sign}` has no upper bound"), help);
                return Some(node);
            }
            _ => return Some(node),
        };
        Some(Node { kind: NodeKind::Repeat { node: Box::new(node), min, max }, at: start..self.at })
    }

    fn bounds(&mut self) -> (u32, u32) {
        let start = self.at;
        let end = self.rest().find('}').map_or(self.source.len(), |at| start + at + 1);
        let inner = self.source.get(start + 1..end.saturating_sub(1).max(start + 1)).unwrap_or_default().to_owned();
        self.at = end;
        let numbers: Vec<Option<u32>> = inner.split(',').map(|part| part.trim().parse().ok()).collect();
        match numbers.as_slice() {
            [Some(n)] if (1..=MAX_REPEAT).contains(n) => (*n, *n),
            [Some(min), Some(max)] if min <= max && (1..=MAX_REPEAT).contains(max) => (*min, *max),
            _ => {
                let message = format!("`{{{inner}}}` is no repetition");
                let help = Some(format!("write {{n}} or {{m,n}}, with n from 1 to {MAX_REPEAT}"));
                self.problem(Code::UnboundedRepeat, start..end, message, help);
                (1, 1)
            }
        }
    }

    fn atom(&mut self, depth: usize) -> Option<Node> {
        let start = self.at;
        let kind = match self.peek()? {
            '(' => return self.group(depth),
            '$' => self.sigil(NodeKind::Lexicon),
            '@' => self.sigil(NodeKind::Mention),
            '%' => self.sigil(NodeKind::Class),
            '[' => self.attributes(),
            '"' => self.quoted(),
            c if c.is_alphanumeric() || c == '_' => return self.word(depth),
            _ => return None,
        };
        Some(Node { kind, at: start..self.at })
    }

    fn sigil(&mut self, make: fn(String) -> NodeKind) -> NodeKind {
        let start = self.at;
        self.at += 1;
        let name = self.name();
        if name.is_empty() {
            self.problem(Code::PatternSyntax, start..self.at, "a name is missing behind this sign".into(), None);
        }
        make(name)
    }

    fn group(&mut self, depth: usize) -> Option<Node> {
        let start = self.at;
        if depth >= MAX_DEPTH {
            let message = format!("groups are nested deeper than {MAX_DEPTH}");
            self.problem(Code::PatternTooLarge, start..start + 1, message, None);
            self.at = self.source.len();
            return None;
        }
        self.at += 1;
        let not = if self.eat("?!") {
            Some(false)
        } else if self.eat("?<!") {
            Some(true)
        } else {
            None
        };
        let node = self.alternatives(depth + 1);
        self.space();
        if !self.eat(")") && self.problems.is_empty() {
            self.problem(Code::PatternSyntax, start..start + 1, "this bracket is never closed".into(), None);
        }
        let at = start..self.at;
        Some(match not {
            Some(behind) => Node { kind: NodeKind::Not { behind, node: Box::new(node) }, at },
            None => Node { kind: node.kind, at },
        })
    }

    /// A bare word, `_`, or the name of a capture.
    fn word(&mut self, depth: usize) -> Option<Node> {
        let start = self.at;
        let end = self
            .rest()
            .char_indices()
            .find(|(offset, c)| {
                let inside = *c == '-'
                    && self.rest().get(offset + 1..).and_then(|r| r.chars().next()).is_some_and(char::is_alphanumeric);
                !(c.is_alphanumeric() || *c == '_' || inside)
            })
            .map_or(self.rest().len(), |(offset, _)| offset);
        let word = self.rest().get(..end).unwrap_or_default().to_owned();
        self.at += end;
        if self.rest().starts_with(':') && !word.contains('-') {
            self.at += 1;
            let Some(node) = self.atom(depth) else {
                let at = start..self.at;
                self.problem(Code::PatternSyntax, at, format!("nothing stands behind `{word}:`"), None);
                return None;
            };
            let kind = NodeKind::Capture { name: word, node: Box::new(node) };
            return Some(Node { kind, at: start..self.at });
        }
        let kind = if word == "_" { NodeKind::Any } else { NodeKind::Words(word) };
        Some(Node { kind, at: start..self.at })
    }

    fn quoted(&mut self) -> NodeKind {
        let start = self.at;
        self.at += 1;
        let mut words = String::new();
        loop {
            match self.peek() {
                None => {
                    self.problem(Code::PatternSyntax, start..start + 1, "this quote is never closed".into(), None);
                    break;
                }
                Some('"') => {
                    self.at += 1;
                    break;
                }
                Some('\\') if self.rest().starts_with("\\\"") => {
                    words.push('"');
                    self.at += 2;
                }
                Some(c) => {
                    words.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
        if words.trim().is_empty() && self.problems.is_empty() {
            self.problem(Code::PatternSyntax, start..self.at, "no words stand in these quotes".into(), None);
        }
        NodeKind::Words(words)
    }

    fn attributes(&mut self) -> NodeKind {
        let start = self.at;
        let end = self.rest().find(']').map(|at| start + at);
        let Some(end) = end else {
            self.problem(Code::PatternSyntax, start..start + 1, "this bracket is never closed".into(), None);
            self.at = self.source.len();
            return NodeKind::Any;
        };
        let inner = self.source.get(start + 1..end).unwrap_or_default().to_owned();
        self.at = end + 1;
        let mut tests = Vec::new();
        for part in inner.split_whitespace() {
            match part.split_once('=') {
                Some((key, values)) if !key.is_empty() && !values.is_empty() => {
                    tests.push((key.to_owned(), values.split('|').map(str::to_owned).collect()));
                }
                _ => {
                    let message = format!("`{part}` is no test of the form key=value");
                    self.problem(Code::PatternSyntax, start..end + 1, message, None);
                }
            }
        }
        if tests.is_empty() && self.problems.is_empty() {
            self.problem(Code::PatternSyntax, start..end + 1, "no test stands in these brackets".into(), None);
        }
        NodeKind::Attributes(tests)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_are_read() {
        let source =
            r#"count:@Count? (class:$missile_class)? "U.S." [lemma=launch|fire pos=VERB] _{0,4} (?! %name) a-b | x"#;
        let pattern = Pattern::parse(source).unwrap();
        let NodeKind::Alternatives(nodes) = &pattern.root.kind else { panic!("{pattern:?}") };
        let NodeKind::Sequence(parts) = &nodes[0].kind else { panic!("{pattern:?}") };
        assert_eq!(parts.len(), 7);
        assert!(matches!(&parts[0].kind, NodeKind::Repeat { node, min: 0, max: 1 }
            if matches!(&node.kind, NodeKind::Capture { name, .. } if name == "count")));
        assert!(matches!(&parts[2].kind, NodeKind::Words(words) if words == "U.S."));
        assert!(matches!(&parts[6].kind, NodeKind::Words(words) if words == "a-b"));
    }

    #[test]
    fn problems_point_at_their_place() {
        for (source, at) in [("a b*", 3..4), ("(a", 0..1), ("a )", 2..3), ("$ x", 0..1), ("a{9}{", 4..5), ("x:", 0..2)]
        {
            let problems = Pattern::parse(source).unwrap_err();
            assert_eq!(problems[0].at, at, "{source}: {problems:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_the_parser_panic(source in "[a-z(){}?|:$@%_\\[\\]\"'!<\\\\# é0-9,=*+-]{0,60}") {
            let _ = Pattern::parse(&source);
        }
    }
}
