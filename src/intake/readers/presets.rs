//! Mappings of known systems that are built in; `config/readers/` has their texts.

use super::ReaderSettings;

/// Names of presets, as `--reader` and `[[intake]] reader` take them.
pub const NAMES: [&str; 9] = [
    "freepbx",
    "freeswitch-cdr-xml",
    "freeswitch-cdr-json",
    "jitsi",
    "pexip",
    "teams-graph",
    "teams-pstn",
    "twilio",
    "zoom-telephone",
];

/// The settings of a preset; `None` if there is none of this name.
pub fn preset(name: &str) -> Option<Result<ReaderSettings, String>> {
    let text = match name {
        "freepbx" => include_str!("../../../config/readers/freepbx.toml"),
        "freeswitch-cdr-json" => include_str!("../../../config/readers/freeswitch-cdr-json.toml"),
        "freeswitch-cdr-xml" => include_str!("../../../config/readers/freeswitch-cdr-xml.toml"),
        "jitsi" => include_str!("../../../config/readers/jitsi.toml"),
        "pexip" => include_str!("../../../config/readers/pexip.toml"),
        // The name for a source of the contract's own CSV, whose files are imported without a reader.
        "statementd" => include_str!("../../../config/readers/statementd.toml"),
        "teams-graph" => include_str!("../../../config/readers/teams-graph.toml"),
        "teams-pstn" => include_str!("../../../config/readers/teams-pstn.toml"),
        "twilio" => include_str!("../../../config/readers/twilio.toml"),
        "zoom-telephone" => include_str!("../../../config/readers/zoom-telephone.toml"),
        _ => return None,
    };
    let of_preset = |settings| ReaderSettings { preset: Some(name.to_owned()), ..settings };
    Some(parse(text).map(of_preset).map_err(|why| format!("preset {name}: {why}")))
}

fn parse(text: &str) -> Result<ReaderSettings, String> {
    use figment::Figment;
    use figment::providers::{Format, Toml};
    Figment::from(Toml::string(text)).extract().map_err(|error| error.to_string())
}
