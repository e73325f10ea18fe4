//! What a Node image starts, with npm's scripts looked up.

use serde_json::Value;

/// What is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NodeStart {
    /// A program by node itself: the path of its first file.
    Program(String),
    /// A server of a folder's files.
    Static(StaticServer),
    /// A package's command.
    Command(String),
    /// What can't be read.
    Unknown,
}

/// A server of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StaticServer {
    /// The folder, relative to the project's.
    pub(super) folder: String,
    /// The port it listens on.
    pub(super) port: String,
    /// Whether what isn't there is answered with the start page.
    pub(super) single_page: bool,
    /// Whether it is a server for development, which builds as it runs.
    pub(super) development: bool,
}

/// What `words` start in the project of that `package.json`.
pub(super) fn node_start(words: &[String], package: &Value) -> NodeStart {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let script = match words.as_slice() {
        ["npm", "start", ..] => Some("start"),
        ["npm", "run" | "run-script", name, ..]
        | ["yarn" | "pnpm", "run", name, ..]
        | ["yarn" | "pnpm", name, ..] => Some(*name),
        _ => None,
    };
    let Some(script) = script else { return command(&words) };
    let Some(text) = package.get("scripts").and_then(|scripts| scripts.get(script)).and_then(Value::as_str)
    else {
        return NodeStart::Unknown;
    };
    if text.contains(['&', '|', ';', '$', '`', '>', '<', '(']) {
        return NodeStart::Unknown;
    }
    command(&text.split_whitespace().skip_while(|word| is_assignment(word)).collect::<Vec<_>>())
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

fn command(words: &[&str]) -> NodeStart {
    let words = match words {
        ["npx", "--yes" | "-y", rest @ ..] | ["npx", rest @ ..] => rest,
        all => all,
    };
    let Some((name, arguments)) = words.split_first() else { return NodeStart::Unknown };
    let value = |names: &[&str]| {
        let at = arguments.iter().position(|word| names.contains(word));
        let joined = || {
            arguments
                .iter()
                .find_map(|word| names.iter().find_map(|name| word.strip_prefix(name)?.strip_prefix('=')))
        };
        at.and_then(|at| arguments.get(at + 1).copied()).or_else(joined)
    };
    let port = |names: &[&str], default: &str| {
        let port = value(names).map(|port| port.rsplit(':').next().unwrap_or(port));
        port.unwrap_or(default).to_owned()
    };
    let valued = ["-l", "-p", "--listen", "--port", "--host", "-c", "-a"];
    let mut behind_flag = false;
    let folder = arguments.iter().find(|word| {
        let is_value = std::mem::replace(&mut behind_flag, valued.contains(word));
        !is_value && !word.starts_with('-')
    });
    let served = |folder: &str, port: String, single_page, development| {
        NodeStart::Static(StaticServer {
            folder: folder.trim_end_matches('/').to_owned(),
            port,
            single_page,
            development,
        })
    };
    match *name {
        "node" | "nodejs" => {
            let file = arguments.iter().find(|word| !word.starts_with('-'));
            // `-r module` and `-e code` take the next word.
            let is_plain = !arguments
                .iter()
                .any(|word| matches!(*word, "-r" | "-e" | "-p" | "--require" | "--import" | "--loader"));
            file.filter(|_| is_plain)
                .map_or(NodeStart::Unknown, |file| NodeStart::Program((*file).to_owned()))
        }
        "serve" => {
            let single = arguments.iter().any(|word| matches!(*word, "-s" | "--single"));
            served(folder.unwrap_or(&"."), port(&["-l", "-p", "--listen", "--port"], "3000"), single, false)
        }
        "http-server" => served(folder.unwrap_or(&"."), port(&["-p", "--port"], "8080"), false, false),
        "vite" if arguments.first() == Some(&"preview") => {
            served("dist", port(&["--port"], "4173"), true, false)
        }
        "vite"
            if matches!(arguments.first(), None | Some(&"dev" | &"serve"))
                || arguments.first().is_some_and(|word| word.starts_with('-')) =>
        {
            served("dist", port(&["--port"], "5173"), true, true)
        }
        "react-scripts" if arguments.first() == Some(&"start") => {
            served("build", "3000".to_owned(), true, true)
        }
        other => NodeStart::Command(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{NodeStart, StaticServer, node_start};

    fn start(words: &[&str]) -> NodeStart {
        let package = serde_json::json!({"scripts": {
            "start": "NODE_ENV=production node --enable-source-maps dist/server.js",
            "preview": "vite preview --port 8080",
            "both": "node a.js && node b.js",
        }});
        node_start(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>(), &package)
    }

    #[test]
    fn scripts_are_looked_up_and_servers_of_files_are_known() {
        let served = |folder: &str, port: &str, single_page| {
            NodeStart::Static(StaticServer {
                folder: folder.into(),
                port: port.into(),
                single_page,
                development: false,
            })
        };
        assert_eq!(start(&["npm", "start"]), NodeStart::Program("dist/server.js".into()));
        assert_eq!(start(&["npm", "run", "preview"]), served("dist", "8080", true));
        assert_eq!(start(&["npx", "serve", "-s", "build", "-l", "80"]), served("build", "80", true));
        assert_eq!(start(&["serve", "-l", "tcp://0.0.0.0:5000", "dist/"]), served("dist", "5000", false));
        assert_eq!(start(&["npm", "run", "both"]), NodeStart::Unknown);
        assert_eq!(start(&["node", "-r", "dotenv/config", "x.js"]), NodeStart::Unknown);
        assert_eq!(start(&["nodemon", "x.js"]), NodeStart::Command("nodemon".into()));
    }
}
