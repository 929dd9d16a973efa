//! `RuleService`: what the rules are, and how the last attempt to load some ended.

use std::sync::Arc;

use prost_reflect::{FieldDescriptor, FileDescriptor, Kind, MessageDescriptor};
use tonic::{Request, Response, Status};

use super::errors::{CallError, Violation};
use super::live::{Attempt, Live, LiveRules};
use super::trials::Trials;
use super::{convert, drafts, reasons};
use crate::api::v1;
use crate::config::{Limits, Settings};
use crate::pipeline::Stopped;
use crate::rules::diagnostic::{DiagnosticRecord, Level};
use crate::rules::{PackInfo, RuleInfo, Ruleset};

/// Rules a page if the caller does not say.
const PAGE: i32 = 100;
/// Rules a page at most.
const MAX_PAGE: i32 = 1000;

/// Tells about the rules.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    rules: Arc<LiveRules>,
    /// Runs what takes long: one at a time, so that authors do not take the cores from callers.
    trials: Trials,
    limits: Limits,
    /// Share of the articles that candidate rules work on too.
    shadow: f64,
}

impl Rules {
    pub fn new(rules: Arc<LiveRules>, settings: &Settings) -> Self {
        Self { rules, trials: Trials::default(), limits: settings.limits, shadow: settings.rules.shadow }
    }

    fn live(&self) -> Result<Arc<Live>, CallError> {
        self.rules.current().ok_or(CallError::NoRules)
    }
}

#[tonic::async_trait]
impl v1::rule_service_server::RuleService for Rules {
    async fn get_ruleset(
        &self,
        _request: Request<v1::GetRulesetRequest>,
    ) -> Result<Response<v1::GetRulesetResponse>, Status> {
        let live = self.live()?;
        Ok(Response::new(v1::GetRulesetResponse {
            digest: live.ruleset.digest().to_owned(),
            packs: packs(&live.ruleset),
            loaded_at: Some(live.loaded_at),
            rule_count: rule_count(&live.ruleset),
            test_count: live.test_count,
            last_attempt: self.rules.attempt().as_deref().map(attempt),
            candidate: self.rules.candidate().map(|rules| candidate(rules, self.shadow)),
            disabled: live.disabled.clone(),
        }))
    }

    async fn list_rules(
        &self,
        request: Request<v1::ListRulesRequest>,
    ) -> Result<Response<v1::ListRulesResponse>, Status> {
        let live = self.live()?;
        Ok(Response::new(page(&live.ruleset, &request.into_inner()).map_err(CallError::Invalid)?))
    }

    async fn list_event_types(
        &self,
        _request: Request<v1::ListEventTypesRequest>,
    ) -> Result<Response<v1::ListEventTypesResponse>, Status> {
        let live = self.live()?;
        Ok(Response::new(v1::ListEventTypesResponse { event_types: event_types(&live.ruleset) }))
    }

    async fn explain(&self, request: Request<v1::ExplainRequest>) -> Result<Response<v1::ExplainResponse>, Status> {
        let v1::ExplainRequest { article, options, page } = request.into_inner();
        let live = self.rules.chosen(options.as_ref())?;
        let job = convert::job(article, options.as_ref(), &live, &self.limits).map_err(CallError::Invalid)?;
        let response = self.trials.run(move |cancelled| {
            let (doc, own) = crate::explain::explain(&live.ruleset, &job.article, &job.options, cancelled)
                .map_err(|Stopped::Cancelled| CallError::Cancelled)?;
            let page = match page {
                true => crate::explain::page::html(&live.ruleset, &own).map_err(|_| CallError::Crashed)?,
                false => String::new(),
            };
            Ok(reasons::response(own, &doc, &job.article.body, job.encoding, page))
        });
        Ok(Response::new(response.await?))
    }

    async fn check_rules(
        &self,
        request: Request<v1::CheckRulesRequest>,
    ) -> Result<Response<v1::CheckRulesResponse>, Status> {
        let packs = drafts::packs(request.into_inner().packs).map_err(CallError::Invalid)?;
        let live = self.rules.packs();
        let verdict = self.trials.run(move |_| Ok(drafts::check(live.to_vec(), packs))).await?;
        Ok(Response::new(v1::CheckRulesResponse {
            valid: verdict.valid,
            diagnostics: verdict.diagnostics.iter().map(diagnostic).collect(),
            digest: verdict.digest,
        }))
    }

    async fn test_rules(
        &self,
        request: Request<v1::TestRulesRequest>,
    ) -> Result<Response<v1::TestRulesResponse>, Status> {
        let v1::TestRulesRequest { packs, drafts_only } = request.into_inner();
        let packs = drafts::packs(packs).map_err(CallError::Invalid)?;
        let live = self.rules.packs();
        let verdict = self.trials.run(move |_| Ok(drafts::test(live.to_vec(), packs, drafts_only))).await?;
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Ok(Response::new(v1::TestRulesResponse {
            valid: verdict.valid,
            diagnostics: verdict.diagnostics.iter().map(diagnostic).collect(),
            passed: count(verdict.passed),
            failed: count(verdict.failed),
            todo: count(verdict.todo),
            skipped: count(verdict.skipped),
        }))
    }

    async fn reload_rules(
        &self,
        _request: Request<v1::ReloadRulesRequest>,
    ) -> Result<Response<v1::ReloadRulesResponse>, Status> {
        let nobody = || Status::failed_precondition("no folder of rules is watched");
        let candidate = async {
            match self.rules.candidate() {
                Some(rules) => rules.look().await,
                None => None,
            }
        };
        let (live, tried) = tokio::join!(self.rules.look(), candidate);
        if live.is_none() && tried.is_none() {
            return Err(nobody());
        }
        let last = |rules: &LiveRules| rules.attempt().as_deref().map(attempt);
        Ok(Response::new(v1::ReloadRulesResponse {
            changed: live == Some(true) || tried == Some(true),
            last_attempt: last(&self.rules),
            last_candidate_attempt: self.rules.candidate().and_then(|rules| last(rules)),
        }))
    }
}

fn candidate(rules: &LiveRules, shadow: f64) -> v1::CandidateRuleset {
    let last_attempt = rules.attempt().as_deref().map(attempt);
    let Some(live) = rules.current() else {
        return v1::CandidateRuleset { last_attempt, shadow, ..v1::CandidateRuleset::default() };
    };
    v1::CandidateRuleset {
        digest: live.ruleset.digest().to_owned(),
        packs: packs(&live.ruleset),
        loaded_at: Some(live.loaded_at),
        rule_count: rule_count(&live.ruleset),
        test_count: live.test_count,
        last_attempt,
        shadow,
    }
}

fn packs(ruleset: &Ruleset) -> Vec<v1::Pack> {
    let pack = |pack: &PackInfo| v1::Pack {
        id: pack.id.clone(),
        version: pack.version.clone(),
        description: pack.description.clone(),
        digest: pack.digest.clone(),
    };
    ruleset.packs().iter().map(pack).collect()
}

fn rule_count(ruleset: &Ruleset) -> u32 {
    u32::try_from(ruleset.rules().len()).unwrap_or(u32::MAX)
}

fn attempt(attempt: &Attempt) -> v1::LoadAttempt {
    v1::LoadAttempt {
        at: Some(attempt.at),
        live: attempt.live,
        digest: attempt.digest.clone(),
        diagnostics: attempt.diagnostics.iter().map(diagnostic).collect(),
    }
}

fn diagnostic(record: &DiagnosticRecord) -> v1::Diagnostic {
    let level = match record.level {
        Level::Error => v1::DiagnosticLevel::Error,
        Level::Warning => v1::DiagnosticLevel::Warning,
    };
    v1::Diagnostic {
        code: record.code.clone(),
        level: level.into(),
        message: record.message.clone(),
        file: record.file.clone(),
        line: record.line,
        column: record.column,
        help: record.help.clone().unwrap_or_default(),
        related: record
            .related
            .iter()
            .map(|place| v1::DiagnosticPlace {
                message: place.text.clone(),
                file: place.file.clone(),
                line: place.line,
                column: place.column,
            })
            .collect(),
    }
}

/// The rules after the one that the token names. A token is `kind/id` of the last rule of a page, so that pages stay
/// right when rules are swapped in between.
fn page(ruleset: &Ruleset, request: &v1::ListRulesRequest) -> Result<v1::ListRulesResponse, Vec<Violation>> {
    let mut wrong = Vec::new();
    if request.page_size < 0 {
        wrong.push(Violation::new("page_size", "is negative"));
    }
    let after = match request.page_token.as_str() {
        "" => None,
        token => match token.split_once('/') {
            Some(pair) => Some(pair),
            None => {
                wrong.push(Violation::new("page_token", "is not from a page of this list"));
                None
            }
        },
    };
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let size = if request.page_size == 0 { PAGE } else { request.page_size.min(MAX_PAGE) };
    let size = usize::try_from(size).unwrap_or_default();
    let mut rest = ruleset.rules().iter().filter(|rule| {
        (request.pack.is_empty() || rule.pack == request.pack)
            && (request.kind.is_empty() || rule.kind == request.kind)
            && after.is_none_or(|(kind, id)| (rule.kind, rule.id.as_str()) > (kind, id))
    });
    let rules: Vec<&RuleInfo> = rest.by_ref().take(size).collect();
    let next_page_token = match (rest.next(), rules.last()) {
        (Some(_), Some(last)) => format!("{}/{}", last.kind, last.id),
        _ => String::new(),
    };
    Ok(v1::ListRulesResponse { rules: rules.into_iter().map(rule).collect(), next_page_token })
}

fn rule(info: &RuleInfo) -> v1::Rule {
    v1::Rule {
        id: info.id.clone(),
        kind: info.kind.to_owned(),
        pack: info.pack.clone(),
        version: info.version.clone(),
        status: info.status.to_owned(),
        description: info.description.clone(),
        category: info.category.clone(),
        emits: info.emits.clone(),
        file: info.file.clone(),
        line: info.line,
    }
}

/// The types that event rules emit, by name.
fn event_types(ruleset: &Ruleset) -> Vec<v1::EventType> {
    let mut rules: Vec<&RuleInfo> = ruleset.rules().iter().filter(|rule| rule.kind == "event").collect();
    rules.sort_by(|a, b| (&a.emits, &a.id).cmp(&(&b.emits, &b.id)));
    rules
        .chunk_by(|a, b| a.emits == b.emits)
        .filter_map(|rules| {
            let message = ruleset.event_types().message(&rules.first()?.emits)?;
            let mut categories: Vec<String> = rules.iter().map(|rule| rule.category.clone()).collect();
            categories.sort_unstable();
            categories.dedup();
            Some(v1::EventType {
                name: message.full_name().to_owned(),
                description: comment(&message.parent_file(), message.path()),
                fields: fields(&message),
                categories,
                rules: rules.iter().map(|rule| rule.id.clone()).collect(),
            })
        })
        .collect()
}

fn fields(message: &MessageDescriptor) -> Vec<v1::EventField> {
    let file = message.parent_file();
    let field = |field: FieldDescriptor| v1::EventField {
        name: field.name().to_owned(),
        r#type: type_name(&field.kind()),
        repeated: field.is_list(),
        description: comment(&file, field.path()),
    };
    message.fields().map(field).collect()
}

/// A type as a proto names it.
fn type_name(kind: &Kind) -> String {
    let scalar = match kind {
        Kind::Message(message) => return message.full_name().to_owned(),
        Kind::Enum(own) => return own.full_name().to_owned(),
        Kind::Double => "double",
        Kind::Float => "float",
        Kind::Int32 => "int32",
        Kind::Int64 => "int64",
        Kind::Uint32 => "uint32",
        Kind::Uint64 => "uint64",
        Kind::Sint32 => "sint32",
        Kind::Sint64 => "sint64",
        Kind::Fixed32 => "fixed32",
        Kind::Fixed64 => "fixed64",
        Kind::Sfixed32 => "sfixed32",
        Kind::Sfixed64 => "sfixed64",
        Kind::Bool => "bool",
        Kind::String => "string",
        Kind::Bytes => "bytes",
    };
    scalar.to_owned()
}

/// The comment over a declaration, in one line.
fn comment(file: &FileDescriptor, path: &[i32]) -> String {
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    let location = info.and_then(|info| info.location.iter().find(|location| location.path == path));
    let text = location.and_then(|location| location.leading_comments.as_deref()).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
