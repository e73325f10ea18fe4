//! The working directory, as far as the Dockerfile says it.

/// The absolute path that `path` means in `directory`, without `.` and `..`; nothing where it is relative to a
/// directory that is not known.
pub fn absolute(path: &str, directory: Option<&str>) -> Option<String> {
    if path.starts_with('/') {
        return Some(clean(path));
    }
    directory.map(|directory| clean(&format!("{directory}/{path}")))
}

/// An absolute path with `.`, `..` and double slashes worked out.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::absolute;

    #[test]
    fn a_relative_path_needs_a_known_directory() {
        assert_eq!(absolute("../b/./c//", Some("/a")).as_deref(), Some("/b/c"));
        assert_eq!(absolute("/a/../../b", None).as_deref(), Some("/b"));
        assert_eq!(absolute("b", None), None);
    }
}
