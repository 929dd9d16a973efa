//! Patterns to programs.

use std::ops::Range;
use std::sync::Arc;

use super::Compiler;
use crate::relations::Tag;
use crate::rules::diagnostic::Code;
use crate::rules::pattern::{Node, NodeKind, Pattern};
use crate::rules::program::{Inst, Program, TokenTest, class};
use crate::rules::syntax::{Located, Place};
use crate::rules::vocabulary::fold;

/// Instructions that one pattern may come to.
const MAX_INSTRUCTIONS: usize = 8192;

/// Parts of speech that patterns name, and the Penn tags that they stand for.
const PARTS_OF_SPEECH: &[(&str, &[&str])] = &[
    ("VERB", &["VB", "VBD", "VBG", "VBN", "VBP", "VBZ"]),
    ("NOUN", &["NN", "NNS", "NNP", "NNPS"]),
    ("NAME", &["NNP", "NNPS"]),
    ("ADJ", &["JJ", "JJR", "JJS"]),
    ("ADV", &["RB", "RBR", "RBS"]),
    ("NUM", &["CD"]),
];

struct Emitter<'c, 'a> {
    compiler: &'c mut Compiler<'a>,
    pattern: &'c Located<Pattern>,
    insts: Vec<Inst>,
    captures: Vec<Arc<str>>,
    failed: bool,
}

impl Compiler<'_> {
    /// Compiles a pattern; reports what is wrong with it and gives nothing then.
    pub(super) fn program(&mut self, pattern: &Located<Pattern>) -> Option<Arc<Program>> {
        let mut emitter = Emitter { compiler: self, pattern, insts: Vec::new(), captures: Vec::new(), failed: false };
        emitter.node(&pattern.value.root);
        emitter.insts.push(Inst::Match);
        if emitter.failed {
            return None;
        }
        let (insts, captures) = (emitter.insts, emitter.captures);
        if insts.len() > MAX_INSTRUCTIONS {
            self.error(
                Code::PatternTooLarge,
                &pattern.at,
                format!("this pattern comes to {} steps; at most {MAX_INSTRUCTIONS} are allowed", insts.len()),
            );
            return None;
        }
        let mut program = Program::new(insts, captures);
        let required = self.required(&pattern.value.root).map(|required| required.one_of);
        program.require(required.unwrap_or_default());
        program.id = self.owners.len() as u32;
        self.owners.push(self.owner_of(&pattern.at));
        self.firsts.push(program.first.list().to_vec());
        self.check_alternatives(pattern);
        if program.nullable {
            self.error(Code::MatchesEmpty, &pattern.at, "this pattern matches without any word".into());
            return None;
        }
        Some(Arc::new(program))
    }
}

impl Emitter<'_, '_> {
    fn place(&self, at: &Range<usize>) -> Place {
        self.pattern.value.place(&self.pattern.at, at)
    }

    fn fail(&mut self, code: Code, at: &Range<usize>, message: String, help: Option<String>) {
        let place = self.place(at);
        self.compiler.error_with_help(code, &place, message, help);
        self.failed = true;
    }

    fn node(&mut self, node: &Node) {
        if self.insts.len() > MAX_INSTRUCTIONS {
            return;
        }
        match &node.kind {
            NodeKind::Words(words) => self.words(words, &node.at),
            NodeKind::Lexicon(name) => match self.compiler.lexicon_named(name) {
                Some(id) => self.insts.push(Inst::Lexicon(id)),
                None => {
                    let help = self.compiler.suggest_lexicon(name);
                    self.fail(Code::UndefinedLexicon, &node.at, format!("there is no lexicon `{name}`"), help);
                }
            },
            NodeKind::Mention(name) => match self.compiler.type_named(name) {
                Some(id) => {
                    self.compiler.used_types.insert(id);
                    self.insts.push(Inst::Mention(id));
                }
                None => {
                    let help = self.compiler.suggest_type(name);
                    self.fail(Code::UndefinedType, &node.at, format!("nothing makes mentions of type `{name}`"), help);
                }
            },
            NodeKind::Class(name) if name == "numeral" => self.insts.push(Inst::Numeral),
            NodeKind::Class(name) => match class::NAMES.iter().find(|(n, _)| n == name) {
                Some((_, bits)) => self.insts.push(Inst::Class(*bits)),
                None => {
                    let known: Vec<&str> = class::NAMES.iter().map(|(n, _)| *n).chain(["numeral"]).collect();
                    let help = Some(format!("the classes are {}", known.join(", ")));
                    self.fail(Code::UnknownClass, &node.at, format!("there is no token class `{name}`"), help);
                }
            },
            NodeKind::Attributes(tests) => self.attributes(tests, &node.at),
            NodeKind::Any => self.insts.push(Inst::Any),
            NodeKind::Sequence(nodes) => nodes.iter().for_each(|n| self.node(n)),
            NodeKind::Alternatives(nodes) => self.alternatives(nodes),
            NodeKind::Repeat { node, min, max } => self.repeat(node, *min, *max),
            NodeKind::Capture { name, node } => {
                let index = match self.captures.iter().position(|c| **c == **name) {
                    Some(index) => index,
                    None => {
                        self.captures.push(name.as_str().into());
                        self.captures.len() - 1
                    }
                } as u16;
                self.insts.push(Inst::Open(index));
                self.node(node);
                self.insts.push(Inst::Close(index));
            }
            NodeKind::Not { behind, node } => {
                let mut inner = Emitter {
                    compiler: &mut *self.compiler,
                    pattern: self.pattern,
                    insts: Vec::new(),
                    captures: Vec::new(),
                    failed: false,
                };
                inner.node(node);
                inner.insts.push(Inst::Match);
                let (insts, failed) = (inner.insts, inner.failed);
                self.failed |= failed;
                let program = Arc::new(Program::new(insts, Vec::new()));
                self.insts.push(Inst::Not { behind: *behind, program });
            }
        }
    }

    fn words(&mut self, words: &str, at: &Range<usize>) {
        let tokens: Vec<String> = self.compiler.tokenise(words);
        if tokens.is_empty() {
            self.fail(Code::NeverMatches, at, "these words hold no token".into(), None);
        }
        for token in tokens {
            let id = self.compiler.vocabulary.intern(&token);
            if *fold(&token) == *token {
                self.insts.push(Inst::Word(id));
            } else {
                self.insts.push(Inst::Form(Box::new((id, token.into()))));
            }
        }
    }

    fn attributes(&mut self, tests: &[(String, Vec<String>)], at: &Range<usize>) {
        let mut test = TokenTest::default();
        let (mut words, mut tags) = (Vec::new(), Vec::new());
        for (key, values) in tests {
            let (mut own_words, mut own_tags) = (Vec::new(), Vec::new());
            for value in values {
                match key.as_str() {
                    "word" => {
                        self.one_token(value, at);
                        let id = self.compiler.vocabulary.intern(value);
                        own_words.push(id);
                        if *fold(value) != **value {
                            test.forms.push(value.as_str().into());
                        }
                    }
                    "lemma" => {
                        self.one_token(value, at);
                        for form in self.compiler.all_forms(value) {
                            let id = self.compiler.vocabulary.intern(&form);
                            own_words.push(id);
                        }
                    }
                    "tag" => match Tag::from_name(value) {
                        Some(tag) => own_tags.push(tag),
                        None => self.fail(Code::UnknownTag, at, format!("`{value}` is no Penn Treebank tag"), None),
                    },
                    "pos" => match PARTS_OF_SPEECH.iter().find(|(name, _)| name == value) {
                        Some((_, tags)) => own_tags.extend(tags.iter().filter_map(|t| Tag::from_name(t))),
                        None => {
                            let known: Vec<&str> = PARTS_OF_SPEECH.iter().map(|(n, _)| *n).collect();
                            let help = Some(format!("the parts of speech are {}", known.join(", ")));
                            self.fail(Code::UnknownTag, at, format!("there is no part of speech `{value}`"), help);
                        }
                    },
                    _ => {
                        let help = Some("the attributes are word, lemma, tag, pos".to_owned());
                        self.fail(Code::UnknownAttribute, at, format!("tokens have no attribute `{key}`"), help);
                    }
                }
            }
            match key.as_str() {
                "word" | "lemma" => words.push(own_words),
                _ => tags.push(own_tags),
            }
        }
        test.words = common(words);
        test.tags = common(tags);
        let asks = |key: &str| tests.iter().any(|(own, _)| own == key);
        let nothing = (asks("word") && asks("lemma") && test.words.is_empty())
            || (asks("tag") && asks("pos") && test.tags.is_empty());
        if nothing && !self.failed {
            let help = Some("all attributes must hold; `a|b` is either of two values".to_owned());
            self.fail(Code::NeverMatches, at, "no token has all of these attributes".to_owned(), help);
        }
        test.words.sort_unstable();
        test.words.dedup();
        self.insts.push(Inst::Test(Box::new(test)));
    }

    /// Attributes are of one token: a value that the tokeniser cuts up can never match.
    fn one_token(&mut self, value: &str, at: &Range<usize>) {
        let tokens = self.compiler.tokenise(value);
        if tokens.len() != 1 {
            let cut: Vec<String> = tokens.iter().map(|token| format!("`{token}`")).collect();
            let message = format!("no token is ever `{value}`: it is cut into {}", cut.join(" "));
            let help = Some(format!("write the words in quotes: \"{value}\""));
            self.fail(Code::NeverMatches, at, message, help);
        }
    }

    fn alternatives(&mut self, nodes: &[Node]) {
        let mut jumps = Vec::new();
        let mut rest = nodes;
        while !rest.is_empty() {
            // Words beside one another are one step; whoever measures coverage wants to know which of them it was.
            let words: Vec<String> = match self.compiler.coverage {
                true => Vec::new(),
                false => rest.iter().map_while(|node| self.word_of(node)).collect(),
            };
            let (nodes, others) = rest.split_at(words.len().max(1));
            rest = others;
            let split = self.insts.len();
            if !rest.is_empty() {
                self.insts.push(Inst::split(split as u32 + 1, 0));
            }
            match nodes {
                [node] => self.alternative(node),
                _ => self.any_of(&words),
            }
            if !rest.is_empty() {
                jumps.push(self.insts.len());
                self.insts.push(Inst::Jump(0));
                let next = self.insts.len() as u32;
                self.insts[split] = Inst::split(split as u32 + 1, next);
            }
        }
        let end = self.insts.len() as u32;
        for jump in jumps {
            self.insts[jump] = Inst::Jump(end);
        }
    }

    fn alternative(&mut self, node: &Node) {
        if self.compiler.coverage {
            let place = self.place(&node.at);
            self.insts.push(Inst::Mark(self.compiler.marks.len() as u32));
            self.compiler.marks.push(place);
        }
        self.node(node);
    }

    /// The word of a node that is a single word, however it is written.
    fn word_of(&self, node: &Node) -> Option<String> {
        let NodeKind::Words(words) = &node.kind else { return None };
        let mut tokens = self.compiler.tokenise(words);
        let token = tokens.pop().filter(|token| *fold(token) == **token);
        token.filter(|_| tokens.is_empty())
    }

    /// One test for alternatives that are single words.
    fn any_of(&mut self, words: &[String]) {
        let mut words: Vec<_> = words.iter().map(|word| self.compiler.vocabulary.intern(word)).collect();
        words.sort_unstable();
        words.dedup();
        self.insts.push(Inst::Test(Box::new(TokenTest { words, ..TokenTest::default() })));
    }

    fn repeat(&mut self, node: &Node, min: u32, max: u32) {
        for _ in 0..min {
            self.node(node);
        }
        let mut splits = Vec::new();
        for _ in min..max {
            if self.insts.len() > MAX_INSTRUCTIONS {
                return;
            }
            splits.push(self.insts.len());
            self.insts.push(Inst::split(self.insts.len() as u32 + 1, 0));
            self.node(node);
        }
        let end = self.insts.len() as u32;
        for split in splits {
            self.insts[split] = Inst::split(split as u32 + 1, end);
        }
    }
}

/// What all lists have.
fn common<T: PartialEq>(lists: Vec<Vec<T>>) -> Vec<T> {
    let mut lists = lists.into_iter();
    let first = lists.next().unwrap_or_default();
    let rest: Vec<Vec<T>> = lists.collect();
    first.into_iter().filter(|value| rest.iter().all(|list| list.contains(value))).collect()
}
