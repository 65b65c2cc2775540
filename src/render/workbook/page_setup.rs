//! How a sheet is printed.

use rust_xlsxwriter::Worksheet;

/// Half of what Excel allows for a header, in characters.
const LONGEST_HEADER_PART: usize = 100;

/// Pages: landscape, one page wide, the brand and the statement above, the page number below.
pub(super) fn set_up_print(sheet: &mut Worksheet, scope_title: &str, brand: &str, page_of: &str) {
    sheet
        .set_landscape()
        .set_print_fit_to_pages(1, 0)
        .set_margins(0.4, 0.4, 0.7, 0.6, 0.3, 0.3)
        .set_header(format!("&L{}&R{}", for_header(brand), for_header(scope_title)))
        .set_footer(format!("&R{page_of}"));
}

/// `&` begins a code in headers.
fn for_header(text: &str) -> String {
    text.chars().take(LONGEST_HEADER_PART).collect::<String>().replace('&', "&&")
}
