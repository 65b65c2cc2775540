//! Which language a page is in that belongs to no account: the best of what the browser asks for.

use crate::render::Renderer;

impl Renderer {
    /// The language, of those that the catalogue has, that an `Accept-Language` header prefers; English otherwise.
    pub fn portal_language(&self, accepted: &str) -> String {
        let mut wanted: Vec<(String, u32)> = accepted.split(',').take(20).filter_map(weighed).collect();
        wanted.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
        let known = |language: &String| self.catalogues.codes().any(|code| code == language);
        wanted.into_iter().map(|(language, _)| language).find(known).unwrap_or_else(|| "en".to_owned())
    }
}

/// `fr-CA;q=0.8` as (`fr`, 800); `None` for what is not wanted.
fn weighed(item: &str) -> Option<(String, u32)> {
    let (tag, quality) = item.split_once(';').unwrap_or((item, "q=1"));
    let language = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
    let quality = quality.trim().strip_prefix("q=").unwrap_or("0");
    let (whole, fraction) = quality.split_once('.').unwrap_or((quality, ""));
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    let weight = whole.parse::<u32>().ok()?.min(1) * 1000 + fraction.parse::<u32>().ok()?;
    (weight > 0).then_some((language, weight))
}

#[cfg(test)]
mod tests {
    use crate::render::tests::outputs::renderer;

    #[test]
    fn the_best_known_language_wins() {
        for (accepted, language) in [
            ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
            ("pl, de;q=0.3, nl;q=0.7", "nl"),
            ("en;q=0, it", "it"),
            ("*", "en"),
            ("", "en"),
            (";;;q=x,,", "en"),
        ] {
            assert_eq!(renderer().portal_language(accepted), language, "{accepted}");
        }
    }
}
