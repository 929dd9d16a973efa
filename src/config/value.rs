//! What stands in a source, read as what a setting wants. Every error says what would be right.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

/// A value as a source has it.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A string of the file, a flag or a variable.
    Text(String),
    /// A number of the file, as it is written there.
    Number(String),
    /// A truth value of the file.
    Switch(bool),
    /// A list of the file, or a flag that was given more than once.
    List(Vec<String>),
    /// Anything else in the file.
    Other(&'static str),
}

type Read<T> = Result<T, String>;

impl Input {
    fn kind(&self) -> String {
        match self {
            Self::Text(text) => format!("`{text}`"),
            Self::Number(number) => format!("the number {number}"),
            Self::Switch(truth) => truth.to_string(),
            Self::List(_) => "a list".to_owned(),
            Self::Other(kind) => format!("a {kind}"),
        }
    }

    fn wanted<T>(&self, what: &str) -> Read<T> {
        Err(format!("{} is not {what}", self.kind()))
    }

    /// A text that is not empty.
    pub fn text(&self) -> Read<String> {
        match self {
            Self::Text(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
            _ => self.wanted("a text"),
        }
    }

    /// What `read` makes of it, or nothing where it is `off`.
    pub fn or_off<T>(&self, read: impl FnOnce(&Self) -> Read<T>) -> Read<Option<T>> {
        match self {
            Self::Text(text) if text == "off" => Ok(None),
            _ => read(self).map(Some),
        }
    }

    /// A path.
    pub fn path(&self) -> Read<PathBuf> {
        self.text().map(PathBuf::from)
    }

    /// Yes or no.
    pub fn switch(&self) -> Read<bool> {
        match self {
            Self::Switch(truth) => Ok(*truth),
            Self::Text(text) if text == "true" => Ok(true),
            Self::Text(text) if text == "false" => Ok(false),
            _ => self.wanted("true or false"),
        }
    }

    /// A whole number.
    pub fn count(&self, allowed: RangeInclusive<usize>) -> Read<usize> {
        let (least, most) = (allowed.start(), allowed.end());
        let number = match self {
            Self::Text(text) | Self::Number(text) => text.trim().replace('_', "").parse().ok(),
            _ => None,
        };
        match number.filter(|number| allowed.contains(number)) {
            Some(number) => Ok(number),
            None => self.wanted(&format!("a whole number from {least} to {most}")),
        }
    }

    /// A number from 0 to 1.
    pub fn share(&self) -> Read<f64> {
        let number = match self {
            Self::Text(text) | Self::Number(text) => text.trim().parse::<f64>().ok(),
            _ => None,
        };
        match number.filter(|number| (0.0..=1.0).contains(number)) {
            Some(number) => Ok(number),
            None => self.wanted("a number from 0 to 1"),
        }
    }

    /// Bytes: `4096`, `64KiB`, `1MiB`.
    pub fn bytes(&self, allowed: RangeInclusive<usize>) -> Read<usize> {
        let what = format!("a size from {} to {}, such as 4096, 64KiB or 1MiB", allowed.start(), allowed.end());
        let text = match self {
            Self::Text(text) | Self::Number(text) => text.trim().replace('_', ""),
            _ => return self.wanted(&what),
        };
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let unit: Option<usize> = match text.get(digits.len()..).map(str::trim) {
            Some("" | "B") => Some(1),
            Some("KiB") => Some(1 << 10),
            Some("MiB") => Some(1 << 20),
            Some("GiB") => Some(1 << 30),
            _ => None,
        };
        let bytes = digits.parse::<usize>().ok().and_then(|number| number.checked_mul(unit?));
        match bytes.filter(|bytes| allowed.contains(bytes)) {
            Some(bytes) => Ok(bytes),
            None => self.wanted(&what),
        }
    }

    /// A time with its unit: `250ms`, `1.5s`, `10m`, `2h`.
    pub fn duration(&self, allowed: RangeInclusive<Duration>) -> Read<Duration> {
        let (least, most) = (duration(*allowed.start()), duration(*allowed.end()));
        let what = format!("a time from {least} to {most}, such as 250ms, 1.5s, 10m or 2h");
        let Self::Text(text) = self else { return self.wanted(&what) };
        let digits = text.trim().trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match text.trim().get(digits.len()..) {
            Some("ms") => 0.001,
            Some("s") => 1.0,
            Some("m") => 60.0,
            Some("h") => 3600.0,
            _ => return self.wanted(&what),
        };
        let seconds = digits.trim().parse::<f64>().ok().map(|number| number * unit);
        let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        match time.filter(|time| allowed.contains(time)) {
            Some(time) => Ok(time),
            None => self.wanted(&what),
        }
    }

    /// An address with its port.
    pub fn address(&self) -> Read<SocketAddr> {
        match self {
            Self::Text(text) => text.trim().parse().or_else(|_| self.wanted("ADDRESS:PORT, such as 0.0.0.0:50051")),
            _ => self.wanted("ADDRESS:PORT, such as 0.0.0.0:50051"),
        }
    }

    /// Texts: a list of the file, or one text with commas.
    pub fn list(&self) -> Read<Vec<String>> {
        let items: Vec<String> = match self {
            Self::List(items) => items.clone(),
            Self::Text(text) => {
                text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Into::into).collect()
            }
            _ => return self.wanted("a list of texts"),
        };
        if items.iter().any(String::is_empty) { self.wanted("a list of texts that say something") } else { Ok(items) }
    }

    /// One of some words.
    pub fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Read<T> {
        let found = match self {
            Self::Text(text) => choices.iter().find(|(name, _)| *name == text.trim()),
            _ => None,
        };
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        found.map_or_else(|| self.wanted(&format!("one of {}", names.join(", "))), |(_, value)| Ok(*value))
    }
}

/// A duration as [`Input::duration`] reads it.
pub fn duration(time: Duration) -> String {
    let (seconds, millis) = (time.as_secs(), time.subsec_millis());
    match (seconds, millis) {
        (0, 0) => "0s".to_owned(),
        (_, millis) if millis != 0 => format!("{}ms", time.as_millis()),
        (seconds, _) if seconds % 3600 == 0 => format!("{}h", seconds / 3600),
        (seconds, _) if seconds % 60 == 0 => format!("{}m", seconds / 60),
        (seconds, _) => format!("{seconds}s"),
    }
}

/// A size as [`Input::bytes`] reads it.
pub fn bytes(size: usize) -> String {
    match size {
        size if size >= 1 << 20 && size.is_multiple_of(1 << 20) => format!("{}MiB", size >> 20),
        size if size >= 1 << 10 && size.is_multiple_of(1 << 10) => format!("{}KiB", size >> 10),
        size => size.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Input {
        Input::Text(text.to_owned())
    }

    #[test]
    fn times_need_a_unit_and_keep_it() {
        let any = Duration::ZERO..=Duration::from_secs(1 << 30);
        for (said, millis) in [("250ms", 250), ("1.5s", 1500), ("10m", 600_000), ("2h", 7_200_000), ("0s", 0)] {
            let read = text(said).duration(any.clone()).unwrap();
            assert_eq!(read, Duration::from_millis(millis), "{said}");
            assert_eq!(text(&duration(read)).duration(any.clone()).unwrap(), read, "{said}");
        }
        for wrong in ["10", "", "s", "-1s", "1e400s", "NaNs", "1 day", "five minutes"] {
            let error = text(wrong).duration(any.clone()).unwrap_err();
            assert!(error.contains("such as 250ms"), "{wrong}: {error}");
        }
        assert!(Input::Number("10".to_owned()).duration(any).is_err());
    }

    #[test]
    fn sizes_have_binary_units() {
        for (said, size) in [("0", 0), ("4096", 4096), ("64KiB", 64 << 10), ("1 MiB", 1 << 20), ("1_000", 1000)] {
            assert_eq!(text(said).bytes(0..=1 << 40).unwrap(), size, "{said}");
            assert_eq!(text(&bytes(size)).bytes(0..=1 << 40).unwrap(), size, "{said}");
        }
        for wrong in ["1MB", "MiB", "-1", "99999999999999999999GiB", "2MiB"] {
            assert!(text(wrong).bytes(0..=1 << 20).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_off_is_nothing_and_lists_come_with_commas() {
        assert_eq!(text("off").or_off(Input::text).unwrap(), None);
        assert_eq!(text("on").or_off(Input::text).unwrap().as_deref(), Some("on"));
        assert_eq!(text("a, b,").list().unwrap(), ["a", "b"]);
        assert!(Input::List(vec![String::new()]).list().is_err());
        assert!(text("2").share().is_err() && text("NaN").share().is_err());
        assert_eq!(Input::Switch(true).switch(), Ok(true));
        assert!(text("yes").switch().is_err());
    }
}
