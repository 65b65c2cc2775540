//! The brand's colour, and shades of it that can be read.

use crate::domain::Colour;

/// The colour if none is configured.
pub(super) const DEFAULT: Colour = Colour { red: 0x0b, green: 0x57, blue: 0xd0 };

const WHITE: Colour = Colour { red: 255, green: 255, blue: 255 };
/// The page in the dark scheme; the same as `--page` in `style.css`.
const DARK_PAGE: Colour = Colour { red: 0x1b, green: 0x1f, blue: 0x27 };
const INK: Colour = Colour { red: 0x14, green: 0x18, blue: 0x1f };

/// The contrast that WCAG 2 requires of text (level AA).
const READABLE: f64 = 4.5;
/// How far a shade moves per attempt, of 255.
const STEP: u8 = 4;

/// The shades of a brand's colour that pages use, each with enough contrast for its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Palette {
    /// As configured: areas and bars.
    pub(super) fill: Colour,
    /// For text upon `fill`.
    pub(super) on_fill: Colour,
    /// For text and lines on a white page.
    pub(super) on_light: Colour,
    /// For text and lines on the dark page.
    pub(super) on_dark: Colour,
}

impl Palette {
    pub(super) fn of(fill: Colour) -> Self {
        let on_fill = if fill.contrast(WHITE) >= fill.contrast(INK) { WHITE } else { INK };
        Self {
            fill,
            on_fill,
            on_light: fill.until_readable(WHITE, Colour::darker),
            on_dark: fill.until_readable(DARK_PAGE, Colour::lighter),
        }
    }
}

impl Colour {
    /// As 0x0b57d0.
    pub(super) fn rgb(self) -> u32 {
        u32::from(self.red) << 16 | u32::from(self.green) << 8 | u32::from(self.blue)
    }

    /// WCAG 2's contrast ratio, 1 to 21.
    fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// WCAG 2's relative luminance, 0 to 1.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    fn until_readable(self, ground: Self, change: fn(Self) -> Self) -> Self {
        let mut shade = self;
        for _ in 0..=u8::MAX / STEP {
            if shade.contrast(ground) >= READABLE {
                break;
            }
            shade = change(shade);
        }
        shade
    }

    fn darker(self) -> Self {
        self.map(|channel| channel.saturating_sub(STEP))
    }

    fn lighter(self) -> Self {
        self.map(|channel| channel.saturating_add(STEP))
    }

    fn map(self, change: impl Fn(u8) -> u8) -> Self {
        Self { red: change(self.red), green: change(self.green), blue: change(self.blue) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn yellow_is_darkened_on_white_and_carries_dark_text() {
        let palette = Palette::of("#ffe600".parse().unwrap());
        assert_eq!(palette.on_fill, INK);
        assert_ne!(palette.on_light, palette.fill);
        assert_eq!(palette.on_dark, palette.fill);
    }

    proptest! {
        #[test]
        fn every_brand_can_be_read(red: u8, green: u8, blue: u8) {
            let palette = Palette::of(Colour { red, green, blue });
            prop_assert!(palette.on_light.contrast(WHITE) >= READABLE);
            prop_assert!(palette.on_dark.contrast(DARK_PAGE) >= READABLE);
            prop_assert!(palette.fill.contrast(palette.on_fill) >= 4.0);
        }
    }
}
