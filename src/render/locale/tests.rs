//! Amounts, times and dates as each locale writes them.

use super::*;

fn formatters(locale: &str, currency: &str) -> Arc<Formatters> {
    Formatters::of(&locale.parse().unwrap(), currency.parse().unwrap()).unwrap()
}

/// No-break spaces as spaces, for reading.
fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ")
}

#[test]
fn money_is_written_as_the_locale_does() {
    for (locale, currency, amount, shown) in [
        ("fr-FR", "EUR", 13207, "132,07 €"),
        ("fr-FR", "EUR", 123_456_789, "1 234 567,89 €"),
        ("en-GB", "GBP", 123_456, "£1,234.56"),
        ("en-US", "USD", 5, "$0.05"),
        ("de-AT", "EUR", 7_407_360, "€ 74.073,60"),
        ("de-AT", "JPY", 74_073, "¥ 74.073"),
        ("fr-CH", "CHF", 7_407_360, "74 073.60 CHF"),
        ("fr-CH", "CHF", -5, "-0.05 CHF"),
        ("hi-IN", "INR", 123_456_789, "₹12,34,567.89"),
        ("en-US", "JPY", 1234, "¥1,234"),
        ("fr-FR", "TND", 1234, "1,234 TND"),
        ("pt-PT", "EUR", 100, "1,00 €"),
        ("de-DE", "EUR", -320, "-3,20 €"),
    ] {
        assert_eq!(plain(&formatters(locale, currency).money(Amount(amount))), shown, "{locale} {currency}");
    }
}

#[test]
fn no_minor_unit_is_ever_rounded_away() {
    for currency in ["IQD", "ALL", "HUF", "COP", "UYW", "LBP", "KWD", "CLP", "RSD", "MGA"] {
        let Ok(currency) = currency.parse::<Currency>() else { continue };
        for locale in ["en-US", "fr-FR", "de-CH", "ar-EG"] {
            let formatters = formatters(locale, currency.code());
            let digits = |amount| formatters.money(Amount(amount)).chars().filter(|c| c.is_numeric()).count();
            assert_eq!(digits(111_111_111), 9, "{locale} {currency} {}", formatters.money(Amount(111_111_111)));
        }
    }
}

#[test]
fn dates_are_gregorian_everywhere() {
    let may: Period = "2009-05".parse().unwrap();
    assert_eq!(formatters("fr-FR", "EUR").month(may), "mai 2009");
    assert_eq!(formatters("fr-FR", "EUR").date(may.first_day()), "01/05/2009");
    assert_eq!(formatters("en-US", "USD").date(may.first_day()), "5/1/2009");
    assert_eq!(formatters("th-TH", "THB").month(may), "พฤษภาคม ค.ศ. 2009");
}

#[test]
fn every_month_can_be_written_in_every_language() {
    for locale in [
        "de-CH", "es-ES", "it-IT", "nl-BE", "pt-PT", "pt-BR", "pl-PL", "ja-JP", "ar-EG", "zh-CN", "sv-SE", "da-DK",
        "fi-FI", "cs-CZ", "hu-HU", "ro-RO", "bg-BG", "el-GR", "tr-TR", "he-IL", "ko-KR", "fa-IR", "hi-IN", "ca-ES",
        "eu-ES", "gl-ES", "lt-LT", "lv-LV", "et-EE", "sl-SI", "hr-HR", "sk-SK", "uk-UA", "vi-VN", "id-ID", "xx-XX",
    ] {
        let formatters = formatters(locale, "EUR");
        let mut period: Period = "2009-01".parse().unwrap();
        for _ in 0..12 {
            let shown = [formatters.month(period), formatters.short_month(period)];
            assert!(shown.iter().all(|text| text.chars().any(char::is_numeric)), "{locale} {shown:?}");
            assert!(!formatters.long_date(period.first_day()).is_empty());
            period = period.next();
        }
    }
}

#[test]
fn durations_pass_a_day() {
    assert_eq!(duration(96608), "26:50:08");
    assert_eq!(duration(60), "00:01:00");
    assert_eq!(duration(3_600_000), "1000:00:00");
}

#[test]
fn the_zone_shows_both_offsets_of_a_month_with_a_clock_change() {
    let zone = Zone::from(chrono_tz::Europe::Paris);
    let shown = |period: &str| {
        let bounds = period.parse::<Period>().unwrap().bounds(zone);
        zone_name(zone, bounds.start, bounds.end)
    };
    assert_eq!(shown("2009-05"), "Europe/Paris (UTC+02:00)");
    assert_eq!(shown("2009-03"), "Europe/Paris (UTC+01:00, UTC+02:00)");
}
