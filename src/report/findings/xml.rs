//! XML, as far as a report needs it.

/// Text as an attribute's value or an element's content. What XML 1.0 may not hold, such as the stand-ins of bytes that
/// are no text, is replaced; newlines are written so that an attribute keeps them.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            '\t' => escaped.push_str("&#9;"),
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => escaped.push('\u{FFFD}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn marks_are_escaped_and_what_xml_forbids_is_replaced() {
        assert_eq!(escaped("a<b & \"c\">'\n\u{1A}é"), "a&lt;b &amp; &quot;c&quot;&gt;&apos;&#10;\u{FFFD}é");
    }
}
