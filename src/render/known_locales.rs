//! Locales that statements can be written in: others would come out as "2026 M10", or with another country's dates.

use icu_datetime::fieldsets::YM;
use icu_locale_core::Locale;

use super::locale::{icu_date, month_formatter};
use crate::domain::{LocaleTag, Period};

/// ISO 3166-1, and Kosovo by the code in general use.
const REGIONS: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT \
    BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK \
    FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE \
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ \
    MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO \
    RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW \
    TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// Codes that people write for a language by mistake: mostly that of its country.
const LANGUAGES_MEANT: [(&str, &str); 20] = [
    ("at", "de"),
    ("au", "en"),
    ("br", "pt"),
    ("ch", "de"),
    ("cn", "zh"),
    ("cz", "cs"),
    ("dk", "da"),
    ("ee", "et"),
    ("gb", "en"),
    ("gr", "el"),
    ("iw", "he"),
    ("jp", "ja"),
    ("kr", "ko"),
    ("mx", "es"),
    ("rs", "sr"),
    ("se", "sv"),
    ("ua", "uk"),
    ("us", "en"),
    ("vn", "vi"),
    ("in", "hi"),
];
/// Codes that people write for a country by mistake.
const REGIONS_MEANT: [(&str, &str); 6] =
    [("UK", "GB"), ("EN", "GB"), ("EL", "GR"), ("JA", "JP"), ("DA", "DK"), ("SP", "ES")];

/// Why statements cannot be written in a locale, with the nearest that they can be written in.
pub fn unwritable_locale(tag: &LocaleTag) -> Option<String> {
    let Ok(locale) = tag.as_str().parse::<Locale>() else {
        return Some("must be a language tag such as fr-FR".into());
    };
    let (language, region) = (locale.id.language.to_string(), locale.id.region.map(|region| region.to_string()));
    if !has_months(&language) {
        let meant = meant(&LANGUAGES_MEANT, &language).map(|meant| {
            format!(
                ": did you mean {}?",
                [Some(meant.to_owned()), region].into_iter().flatten().collect::<Vec<_>>().join("-")
            )
        });
        return Some(format!("language {language} is not known{}", meant.unwrap_or_default()));
    }
    let region = region.filter(|region| !is_region(region))?;
    let meant = meant(&REGIONS_MEANT, &region).map(|meant| format!(": did you mean {language}-{meant}?"));
    Some(format!("region {region} is not known{}", meant.unwrap_or_default()))
}

fn meant<'a>(table: &[(&str, &'a str)], written: &str) -> Option<&'a str> {
    table.iter().find(|(known, _)| *known == written).map(|(_, meant)| *meant)
}

/// Regions of several countries have numeric codes.
fn is_region(region: &str) -> bool {
    ["001", "150", "419"].contains(&region) || REGIONS.split_ascii_whitespace().any(|known| known == region)
}

/// Whether months have names in a language: without data for it, October is `M10`.
fn has_months(language: &str) -> bool {
    let Ok(locale) = language.parse::<Locale>() else { return false };
    let Ok(october) = "2026-10".parse::<Period>() else { return false };
    month_formatter(&locale, YM::long())
        .is_ok_and(|formatter| !formatter.format(&icu_date(october.first_day())).to_string().contains("M10"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(tag: &str) -> Option<String> {
        unwritable_locale(&tag.parse().unwrap())
    }

    #[test]
    fn the_commonest_slips_are_refused_with_what_was_meant() {
        for (tag, meant) in [("jp-JP", "ja-JP"), ("dk-DK", "da-DK"), ("en-UK", "en-GB"), ("cz-CZ", "cs-CZ")] {
            assert!(why(tag).unwrap().contains(meant), "{tag}: {:?}", why(tag));
        }
        for unknown in ["xx-XX", "en-XX", "qq"] {
            assert!(why(unknown).is_some(), "{unknown}");
        }
    }

    #[test]
    fn what_people_speak_is_known() {
        for known in [
            "fr-FR",
            "en",
            "en-GB",
            "de-AT",
            "fr-CH",
            "pt-PT",
            "pt-BR",
            "zh-Hant-TW",
            "es-419",
            "en-150",
            "ar-EG",
            "hi-IN",
            "ja-JP",
            "ko-KR",
            "he-IL",
            "uk-UA",
            "fa-IR",
            "nb-NO",
            "no-NO",
            "sr-Latn-RS",
            "fil-PH",
            "ca-ES",
            "th-TH",
            "fr-MA",
            "en-CA",
            "de-FR",
            "sq-XK",
            "vi-VN",
            "id-ID",
            "el-GR",
            "sv-SE",
            "da-DK",
            "fi-FI",
            "mt-MT",
            "ga-IE",
            "cy-GB",
        ] {
            assert_eq!(why(known), None, "{known}");
        }
    }
}
