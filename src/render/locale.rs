//! Numbers, money, dates and times as the account's locale writes them, from ICU data.
//!
//! The only place that knows ICU. Amounts arrive exact and leave as text; nothing is rounded here. ICU's formatters
//! are costly to build, so those that were used are kept, for all threads.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use chrono::{DateTime, Datelike, MappedLocalTime, NaiveDate, Offset, TimeZone, Timelike, Utc};
use fixed_decimal::Decimal as FixedDecimal;
use icu_calendar::Gregorian;
use icu_calendar::types::RataDie;
use icu_datetime::fieldsets::{T, YM, YMD};
use icu_datetime::input::{Date, Time};
use icu_datetime::options::YearStyle;
use icu_datetime::pattern::FixedCalendarDateTimeNames;
use icu_datetime::{FixedCalendarDateTimeFormatter, NoCalendarFormatter};
use icu_decimal::DecimalFormatter;
use icu_decimal::options::DecimalFormatterOptions;
use icu_experimental::dimension::currency::CurrencyType;
use icu_experimental::dimension::currency::formatter::CurrencyFormatter;
use icu_experimental::dimension::currency::options::CurrencyFormatterOptions;
use icu_experimental::dimension::percent::formatter::PercentFormatter;
use icu_experimental::dimension::percent::options::PercentFormatterOptions;
use icu_locale_core::Locale;

use super::RenderError;
use crate::domain::{Amount, Currency, LocaleTag, Period, Zone};

/// The formatters of one locale and currency.
pub(super) struct Formatters {
    currency: Currency,
    money: Money,
    separators: Option<MoneySeparators>,
    number: DecimalFormatter,
    percent: PercentFormatter<DecimalFormatter>,
    month: DateFormatter<YM>,
    short_month: DateFormatter<YM>,
    date: DateFormatter<YMD>,
    long_date: DateFormatter<YMD>,
    time: NoCalendarFormatter<T>,
    /// How the first day of a month is written where it is an ordinal; ICU knows the cardinal only.
    first_of_month: Option<&'static str>,
}

/// A statement's months are Gregorian whatever calendar the locale prefers.
pub(super) type DateFormatter<Fields> = FixedCalendarDateTimeFormatter<Gregorian, Fields>;

/// How an amount is written.
enum Money {
    Icu(Box<CurrencyFormatter<DecimalFormatter>>),
    /// ICU would show other decimals than ISO 4217 counts in (as for the Iraqi dinar) and round the amount: its
    /// affixes around the exact number.
    Affixes {
        prefix: String,
        suffix: String,
    },
}

/// CLDR's `currencyGroup` and `currencyDecimal`, which ICU4X does not have: where amounts are separated otherwise than
/// other numbers.
#[derive(Debug, Clone, Copy)]
struct MoneySeparators {
    group: &'static str,
    decimal: &'static str,
}

impl MoneySeparators {
    fn of(tag: &LocaleTag) -> Option<Self> {
        match tag.as_str() {
            "de-AT" => Some(Self { group: ".", decimal: "," }),
            "en-AT" => Some(Self { group: "\u{a0}", decimal: "." }),
            "fr-CH" => Some(Self { group: "\u{202f}", decimal: "." }),
            _ => None,
        }
    }

    /// `shown` with these between its digits, `decimals` of which follow the last separator.
    fn put_into(self, shown: &str, decimals: u32) -> String {
        let (prefix, suffix) = affixes(shown);
        let digits: Vec<char> = shown[prefix.len()..shown.len() - suffix.len()].chars().collect();
        let count = digits.iter().filter(|character| character.is_numeric()).count();
        let whole = count.saturating_sub(decimals as usize);
        let (mut text, mut seen) = (prefix, 0);
        for character in digits {
            if character.is_numeric() {
                seen += 1;
                text.push(character);
            } else {
                text.push_str(if seen < whole { self.group } else { self.decimal });
            }
        }
        text + &suffix
    }
}

/// Distinct locales and currencies that formatters are kept for; beyond that it starts anew.
const CACHED_LOCALES: usize = 64;

type Cache = HashMap<(LocaleTag, Currency), Arc<Formatters>>;

static CACHE: LazyLock<Mutex<Cache>> = LazyLock::new(Mutex::default);

impl Formatters {
    /// The formatters for a locale and currency.
    pub(super) fn of(locale: &LocaleTag, currency: Currency) -> Result<Arc<Self>, RenderError> {
        let key = (locale.clone(), currency);
        // A thread that panicked here had not changed the map.
        let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = cache.get(&key) {
            return Ok(Arc::clone(known));
        }
        if cache.len() >= CACHED_LOCALES {
            cache.clear();
        }
        let made = Arc::new(Self::new(locale, currency).map_err(|reason| RenderError::Locale {
            locale: locale.to_string(),
            currency: currency.to_string(),
            reason,
        })?);
        cache.insert(key, Arc::clone(&made));
        Ok(made)
    }

    fn new(tag: &LocaleTag, currency: Currency) -> Result<Self, String> {
        let locale: Locale = tag.as_str().parse().map_err(|error| format!("{error}"))?;
        let date = |fields| DateFormatter::try_new((&locale).into(), fields).map_err(|error| error.to_string());
        Ok(Self {
            currency,
            money: Money::new(&locale, currency)?,
            separators: MoneySeparators::of(tag),
            number: DecimalFormatter::try_new((&locale).into(), DecimalFormatterOptions::default())
                .map_err(|error| error.to_string())?,
            percent: PercentFormatter::try_new((&locale).into(), PercentFormatterOptions::default())
                .map_err(|error| error.to_string())?,
            month: month_formatter(&locale, YM::long())?,
            short_month: month_formatter(&locale, YM::medium())?,
            date: date(YMD::short().with_year_style(YearStyle::Full))?,
            long_date: date(YMD::long())?,
            time: NoCalendarFormatter::try_new((&locale).into(), T::hms()).map_err(|error| error.to_string())?,
            first_of_month: match tag.language() {
                "fr" => Some("1er"),
                "it" => Some("1º"),
                "pt" if tag.as_str().eq_ignore_ascii_case("pt-BR") => Some("1º"),
                _ => None,
            },
        })
    }

    /// For example `132,07 €`.
    pub(super) fn money(&self, amount: Amount) -> String {
        let value = fixed(amount.0.into(), self.currency.minor_digits());
        let shown = match &self.money {
            Money::Icu(formatter) => written(formatter.format_fixed_decimal(&value)),
            Money::Affixes { prefix, suffix } => format!("{prefix}{}{suffix}", self.number.format(&value)),
        };
        match self.separators {
            Some(separators) => separators.put_into(&shown, self.currency.minor_digits()),
            None => shown,
        }
    }

    /// Like [`Self::money`], with a sign in front of positive amounts too.
    pub(super) fn difference(&self, amount: i128) -> String {
        let amount = Amount(i64::try_from(amount).unwrap_or(if amount < 0 { i64::MIN } else { i64::MAX }));
        if amount.0 <= 0 {
            return self.money(amount);
        }
        // The sign is put where the locale puts that of a negative amount.
        let negative = self.money(Amount(-amount.0));
        match negative.find(['-', '\u{2212}']) {
            Some(place) => {
                let sign = negative[place..].chars().next().map_or(0, char::len_utf8);
                format!("{}+{}", &negative[..place], &negative[place + sign..])
            }
            None => format!("+{}", self.money(amount)),
        }
    }

    /// For example `1 234`.
    pub(super) fn count(&self, count: u64) -> String {
        written(self.number.format(&FixedDecimal::from(count)))
    }

    /// For example `80 %`.
    pub(super) fn percent(&self, percent: u64) -> String {
        written(self.percent.format(&FixedDecimal::from(percent)))
    }

    /// For example `mai 2009`.
    pub(super) fn month(&self, period: Period) -> String {
        written(self.month.format(&icu_date(period.first_day())))
    }

    /// For example `mai 2009`, short enough for a chart's axis.
    pub(super) fn short_month(&self, period: Period) -> String {
        written(self.short_month.format(&icu_date(period.first_day())))
    }

    /// For example `06/05/2009`.
    pub(super) fn date(&self, date: NaiveDate) -> String {
        written(self.date.format(&icu_date(date)))
    }

    /// For example `6 mai 2009`.
    pub(super) fn long_date(&self, date: NaiveDate) -> String {
        let text = written(self.long_date.format(&icu_date(date)));
        match (date.day(), self.first_of_month) {
            (1, Some(ordinal)) => text.replacen('1', ordinal, 1),
            _ => text,
        }
    }

    /// For example `10:14:10`.
    pub(super) fn time(&self, time: &impl Timelike) -> String {
        let [hour, minute, second] =
            [time.hour(), time.minute(), time.second()].map(|part| u8::try_from(part).unwrap_or(0));
        match Time::try_new(hour, minute, second, 0) {
            Ok(time) => written(self.time.format(&time)),
            Err(_) => format!("{hour:02}:{minute:02}:{second:02}"),
        }
    }

    /// The text before and after the digits of a positive amount, as ("", "\u{a0}€"); for spreadsheet formats.
    pub(super) fn money_affixes(&self) -> (String, String) {
        affixes(&self.money(Amount(0)))
    }
}

impl Money {
    fn new(locale: &Locale, currency: Currency) -> Result<Self, String> {
        let code: CurrencyType =
            currency.code().parse().map_err(|_| format!("ICU does not know {}", currency.code()))?;
        let formatter = CurrencyFormatter::try_new_symbol(locale.into(), code, CurrencyFormatterOptions::default())
            .map_err(|error| error.to_string())?;
        // Formats 1.11 with as many decimals as the currency has, to see whether ICU shows all of them.
        let digits = currency.minor_digits();
        let probe = fixed((0..digits).fold(1, |value, _| value * 10 + 1), digits);
        let shown = written(formatter.format_fixed_decimal(&probe));
        let shown_digits = shown.chars().filter(|c| c.is_numeric()).count();
        if shown_digits == digits as usize + 1 {
            return Ok(Self::Icu(Box::new(formatter)));
        }
        let (prefix, suffix) = affixes(&shown);
        Ok(Self::Affixes { prefix, suffix })
    }
}

/// ICU4X 2.4 forgets to load the digits that it needs for months in Portuguese; they are set by hand.
pub(super) fn month_formatter(locale: &Locale, fields: YM) -> Result<DateFormatter<YM>, String> {
    let formatter = DateFormatter::try_new(locale.into(), fields).map_err(|error| error.to_string())?;
    let mut names = FixedCalendarDateTimeNames::from_formatter(locale.into(), formatter);
    names.include_decimal_formatter().map_err(|error| error.to_string())?;
    names.try_into_formatter(fields).map_err(|(error, _)| error.to_string())
}

/// `HH:MM:SS`, where hours may exceed 24: the same in every language.
pub(super) fn duration(seconds: u64) -> String {
    let mut text = String::with_capacity(8);
    let _ = write!(text, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    text
}

/// For example `Europe/Paris (UTC+02:00)`; both offsets where the clock changes between the two instants.
pub(super) fn zone_name(zone: Zone, start: DateTime<Utc>, end: DateTime<Utc>) -> String {
    let offset = |instant: DateTime<Utc>| instant.with_timezone(&zone).offset().fix().to_string();
    let (first, last) = (offset(start), offset(end - chrono::TimeDelta::seconds(1)));
    if first == last { format!("{zone} (UTC{first})") } else { format!("{zone} (UTC{first}, UTC{last})") }
}

/// The offset from UTC where clocks show the same time twice, for example `+02:00`.
pub(super) fn offset_if_doubled(local: &DateTime<Zone>) -> Option<String> {
    let is_doubled =
        matches!(local.timezone().from_local_datetime(&local.naive_local()), MappedLocalTime::Ambiguous(..));
    is_doubled.then(|| local.offset().fix().to_string())
}

fn fixed(minor: i128, digits: u32) -> FixedDecimal {
    let mut value = FixedDecimal::from(minor);
    value.multiply_pow10(-i16::try_from(digits).unwrap_or(0));
    value
}

pub(super) fn icu_date(date: NaiveDate) -> Date<Gregorian> {
    Date::from_rata_die(RataDie::new(i64::from(date.num_days_from_ce())), Gregorian)
}

fn written(value: impl std::fmt::Display) -> String {
    value.to_string()
}

/// The text before the first and after the last digit.
fn affixes(shown: &str) -> (String, String) {
    let first = shown.find(char::is_numeric).unwrap_or(0);
    let last = shown.rfind(char::is_numeric).unwrap_or(0);
    let after = last + shown[last..].chars().next().map_or(0, char::len_utf8);
    (shown[..first].to_owned(), shown[after..].to_owned())
}

#[cfg(test)]
mod tests;
