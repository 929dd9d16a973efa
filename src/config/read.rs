//! Puts the sources together: the file, then variables, then flags; every problem of each with its place.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Settings;
use super::table::{Command, SETTINGS, Setting};
use super::value::Input;
use crate::rules::diagnostic::suggest;

/// Names that others gave to settings; `DATELINE_` variables come before them.
const CUSTOMARY: &[(&str, &str)] = &[
    ("RUST_LOG", "log.filter"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "telemetry.otlp"),
    ("OTEL_SERVICE_NAME", "telemetry.name"),
    ("NATS_URL", "nats.url"),
];

/// Something that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands: `dateline.toml:3`, `DATELINE_LISTEN`, `--listen`; empty for what no single place is to blame.
    pub place: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() { f.write_str(&self.what) } else { write!(f, "{}: {}", self.place, self.what) }
    }
}

/// All that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Problems(pub Vec<Problem>);

/// Where settings come from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file, if there is one.
    pub file: Option<PathBuf>,
    /// The environment. Variables that no setting has are of no concern: a cluster sets `DATELINE_PORT` and its kin for
    /// every service of that name.
    pub variables: BTreeMap<String, String>,
    /// Flags, by the key of their setting.
    pub flags: Vec<(&'static str, Input)>,
}

impl Sources {
    /// The settings.
    ///
    /// # Errors
    /// All that is wrong, in all sources.
    pub fn settings(&self) -> Result<Settings, Problems> {
        let mut reader = Reader { settings: Settings::default(), problems: Vec::new() };
        if let Some(path) = &self.file {
            reader.file(path);
        }
        for (name, key) in CUSTOMARY {
            if let (Some(text), Some(setting)) = (self.variables.get(*name), of_key(key)) {
                reader.set(setting, &Input::Text(text.clone()), (*name).to_owned());
            }
        }
        for setting in SETTINGS {
            let name = setting.variable();
            if let Some(text) = self.variables.get(&name) {
                reader.set(setting, &Input::Text(text.clone()), name);
            }
        }
        for (key, input) in &self.flags {
            if let Some(setting) = of_key(key) {
                reader.set(setting, input, format!("--{}", setting.flag));
            }
        }
        reader.together();
        if reader.problems.is_empty() { Ok(reader.settings) } else { Err(Problems(reader.problems)) }
    }
}

fn of_key(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

struct Reader {
    settings: Settings,
    problems: Vec<Problem>,
}

impl Reader {
    fn problem(&mut self, place: impl Into<String>, what: impl Into<String>) {
        self.problems.push(Problem { place: place.into(), what: what.into() });
    }

    fn set(&mut self, setting: &Setting, input: &Input, place: String) {
        if let Err(what) = (setting.set)(&mut self.settings, input) {
            self.problem(place, format!("{}: {what}", setting.key));
        }
    }

    fn file(&mut self, path: &Path) {
        let name = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return self.problem(name, format!("cannot be read: {error}")),
        };
        let place = |at: usize| {
            let line = 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
            format!("{name}:{line}")
        };
        let (table, errors) = DeTable::parse_recoverable(&text);
        for error in errors {
            self.problem(place(error.span().map_or(0, |span| span.start)), error.message());
        }
        self.table("", table.get_ref(), &place);
    }

    fn table(&mut self, prefix: &str, table: &DeTable<'_>, place: &dyn Fn(usize) -> String) {
        for (name, value) in table {
            let key =
                if prefix.is_empty() { name.get_ref().to_string() } else { format!("{prefix}.{}", name.get_ref()) };
            let at = place(name.span().start);
            let section = format!("{key}.");
            match value.get_ref() {
                DeValue::Table(inner) if SETTINGS.iter().any(|setting| setting.key.starts_with(&section)) => {
                    self.table(&key, inner, place);
                }
                _ => match of_key(&key) {
                    Some(setting) => self.set(setting, &input(value), at),
                    None => {
                        let advice = suggest(&key, SETTINGS.iter().map(|setting| setting.key));
                        let advice = advice.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                        self.problem(at, format!("there is no setting `{key}`{advice}"));
                    }
                },
            }
        }
    }

    /// What is wrong between settings.
    fn together(&mut self) {
        let own = self.settings.clone();
        if own.tls.certificate.is_some() != own.tls.key.is_some() {
            self.problem("", "tls.certificate and tls.key need each other");
        }
        if own.tls.client_ca.is_some() && own.tls.certificate.is_none() {
            self.problem("", "tls.client-ca needs tls.certificate and tls.key");
        }
        if own.limits.message_bytes < own.limits.body_bytes {
            self.problem("", "limits.message is smaller than limits.body, so no body of that size could be sent");
        }
        if own.admin.listen == Some(own.listen) && own.listen.port() != 0 {
            self.problem("", format!("listen and admin.listen are both {}", own.listen));
        }
        let files = [&own.tls.certificate, &own.tls.key, &own.tls.client_ca, &own.nats.credentials];
        for path in files.into_iter().flatten() {
            if let Err(error) = std::fs::File::open(path) {
                self.problem(path.display().to_string(), format!("cannot be read: {error}"));
            }
        }
        for folder in &own.rules.folders {
            if !folder.is_dir() {
                self.problem(folder.display().to_string(), "rules.folders: there is no such folder");
            }
        }
    }
}

/// A value of the file.
fn input(value: &Spanned<DeValue<'_>>) -> Input {
    match value.get_ref() {
        DeValue::String(text) => Input::Text(text.to_string()),
        DeValue::Integer(number) => Input::Number(number.to_string()),
        DeValue::Float(number) => Input::Number(number.to_string()),
        DeValue::Boolean(truth) => Input::Switch(*truth),
        DeValue::Array(items) => {
            let texts = items.iter().map(|item| match item.get_ref() {
                DeValue::String(text) => Some(text.to_string()),
                _ => None,
            });
            texts.collect::<Option<Vec<_>>>().map_or(Input::Other("list of other things than texts"), Input::List)
        }
        DeValue::Datetime(_) => Input::Other("date"),
        DeValue::Table(_) => Input::Other("table"),
    }
}

/// The command that flags are of.
pub trait Of {
    /// The command.
    const COMMAND: Command;
}

/// `dateline serve`
#[derive(Clone, Copy, Debug)]
pub enum Serve {}

impl Of for Serve {
    const COMMAND: Command = Command::Serve;
}

/// `dateline work`
#[derive(Clone, Copy, Debug)]
pub enum Work {}

impl Of for Work {
    const COMMAND: Command = Command::Work;
}

/// The flags of a command: one for each of its settings, `--config` and `--check-config`.
#[derive(Clone, Debug)]
pub struct Flags<C> {
    file: Option<PathBuf>,
    /// Whether the configuration is checked only.
    pub check: bool,
    given: Vec<(&'static str, Input)>,
    command: PhantomData<C>,
}

impl<C> Flags<C> {
    /// These flags, with the variables of the process.
    pub fn sources(self) -> Sources {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?)))
            .collect();
        let file = self.file.or_else(|| variables.get("DATELINE_CONFIG").map(PathBuf::from));
        Sources { file, variables, flags: self.given }
    }
}

fn own<C: Of>() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().filter(|setting| setting.commands.contains(&C::COMMAND))
}

impl<C: Of> clap::Args for Flags<C> {
    fn augment_args(command: clap::Command) -> clap::Command {
        let file = Arg::new("config").long("config").value_name("FILE");
        let check = Arg::new("check-config").long("check-config").action(ArgAction::SetTrue);
        let command = command
            .arg(file.help("TOML file with settings; flags and DATELINE_ variables win over it").action(ArgAction::Set))
            .arg(check.help("Check the settings, print them, and end"));
        let defaults = Settings::default();
        own::<C>().fold(command, |command, setting| {
            let arg = Arg::new(setting.key).long(setting.flag).action(ArgAction::Append);
            let default = (setting.show)(&defaults);
            let default = if default.is_empty() { default } else { format!(" [default: {default}]") };
            let arg = match setting.value {
                "" => arg.value_name("true|false").num_args(0..=1).require_equals(true).default_missing_value("true"),
                value => arg.value_name(value).allow_hyphen_values(true),
            };
            command.arg(arg.help(format!("{}{default}", setting.help)))
        })
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl<C: Of> clap::FromArgMatches for Flags<C> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = own::<C>().filter_map(|setting| {
            let values: Vec<String> = matches.get_many::<String>(setting.key)?.cloned().collect();
            // Only lists can be given more than once; of others the last one holds, as of two files.
            let many = matches!((setting.set)(&mut Settings::default(), &Input::List(Vec::new())), Ok(()));
            let input = if many { Input::List(values) } else { Input::Text(values.last()?.clone()) };
            Some((setting.key, input))
        });
        Ok(Self {
            given: given.collect(),
            file: matches.get_one::<String>("config").map(PathBuf::from),
            check: matches.get_flag("check-config"),
            command: PhantomData,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn sources(
        file: &str,
        variables: &[(&str, &str)],
        flags: &[(&'static str, &str)],
    ) -> (Sources, tempfile::NamedTempFile) {
        let path = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(path.path(), file).unwrap();
        let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        let flags = flags.iter().map(|(key, text)| (*key, Input::Text((*text).to_owned()))).collect();
        let sources =
            Sources { file: Some(path.path().to_owned()), variables: variables.iter().map(own).collect(), flags };
        (sources, path)
    }

    #[test]
    fn flags_win_over_variables_and_these_over_the_file() {
        let file = "listen = '0.0.0.0:1'\n[work]\nqueue = 1\nthreads = 3\n[life]\ndrain = '5s'\n[http]\norigins = ['a', 'b']\n";
        let variables = [("DATELINE_WORK_QUEUE", "2"), ("DATELINE_LISTEN", "0.0.0.0:2"), ("RUST_LOG", "warn")];
        let (sources, _keep) = sources(file, &variables, &[("listen", "0.0.0.0:3")]);
        let settings = sources.settings().unwrap();
        assert_eq!((settings.listen.port(), settings.work.queue, settings.work.threads), (3, 2, 3));
        assert_eq!(settings.life.drain, Duration::from_secs(5));
        assert_eq!((settings.http.origins.len(), settings.log.filter.as_str()), (2, "warn"));
    }

    #[test]
    fn all_problems_of_all_sources_come_at_once_with_their_places() {
        let file = "lisen = '0.0.0.0:1'\n[work]\nqueue = 'many'\n\n[limits]\nbody = '32MiB'\n[nats]\nbatch = 1.5\n[wrok]\nx = 1\n";
        let variables = [("DATELINE_LIFE_DRAIN", "5"), ("DATELINE_PORT", "tcp://10.0.0.1:50051")];
        let (sources, path) = sources(file, &variables, &[("tls.key", "/no/such/file"), ("admin.listen", "here")]);
        let problems = sources.settings().unwrap_err().0;
        let name = path.path().display().to_string();
        let of = |place: &str| -> &str {
            let found = problems.iter().find(|problem| problem.place == place);
            &found.unwrap_or_else(|| panic!("{place} in {problems:#?}")).what
        };
        assert!(of(&format!("{name}:1")).contains("did you mean `listen`?"));
        assert!(of(&format!("{name}:3")).contains("work.queue: `many` is not a whole number"));
        assert!(of(&format!("{name}:8")).contains("nats.batch"));
        assert!(of(&format!("{name}:9")).contains("`wrok`"));
        assert!(of("DATELINE_LIFE_DRAIN").contains("such as 250ms"));
        assert!(of("--admin").contains("ADDRESS:PORT"));
        assert!(of("/no/such/file").contains("cannot be read"));
        let rest: Vec<&str> = problems.iter().filter(|p| p.place.is_empty()).map(|p| p.what.as_str()).collect();
        assert!(rest.iter().any(|what| what.contains("need each other")), "{rest:?}");
        assert!(rest.iter().any(|what| what.contains("limits.message is smaller")), "{rest:?}");
        assert_eq!(problems.len(), 9, "{problems:#?}");
    }

    #[test]
    fn a_file_that_is_no_toml_or_not_there_is_a_problem() {
        let (bad, path) = sources("listen = \nlife = 3", &[], &[]);
        let problems = bad.settings().unwrap_err().0;
        assert!(problems[0].place.starts_with(&path.path().display().to_string()), "{problems:?}");
        let gone = Sources { file: Some("/no/such/file.toml".into()), ..Sources::default() };
        assert!(gone.settings().unwrap_err().to_string().contains("cannot be read"));
    }
}
