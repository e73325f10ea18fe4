//! Splits of small stages, each ecosystem where it fires and where it abstains.

use super::super::tests::outcome;

const LOCK: (&str, &str) = ("Cargo.lock", "name = \"serde\"\nname = \"openssl-sys\"\n");
const RUST: &str =
    "FROM rust:1\nWORKDIR /src\nCOPY . .\nRUN cargo build --release\nCMD [\"./target/release/app\"]\n";
const PYTHON: &str = "FROM python:3.13\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\nCMD [\"gunicorn\", \"app:app\"]\n";
const NODE: &str = "FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\nEXPOSE 3000\nCMD [\"npm\", \"start\"]\n";
const PACKAGE: (&str, &str) = (
    "package.json",
    r#"{"scripts": {"start": "node dist/main.js", "build": "tsc"}, "dependencies": {"express": "5"}, "devDependencies": {"typescript": "5"}}"#,
);

fn split(dockerfile: &str, files: &[(&str, &str)]) -> String {
    outcome("split", dockerfile, files)
}

#[test]
fn a_rust_program_runs_without_its_compiler() {
    insta::assert_snapshot!(split(
        "# syntax=docker/dockerfile:1\nARG V=1\n# The service\nFROM --platform=linux/amd64 rust:1-bookworm AS Service\nARG REVISION=none\nENV RUST_LOG=info\nLABEL revision=$REVISION\nRUN apt-get update && apt-get install -y libpq-dev protobuf-compiler curl\nRUN useradd --uid 1000 app && mkdir -p /data && chown app /data\nWORKDIR /src\nCOPY config.toml /etc/app/\nCOPY . .\nRUN cargo build --release && cp target/release/app /usr/local/bin/\n\n# It listens here\nEXPOSE 8080\nUSER app\nHEALTHCHECK CMD curl -f localhost:8080\nENTRYPOINT [\"app\"]\n# and says much\nCMD [\"--verbose\"]",
        &[LOCK, ("templates/", ""), ("src/", "")],
    ));
    insta::assert_snapshot!(outcome("distroless", RUST, &[("Cargo.lock", "name = \"serde\"\n")]));
}

#[test]
fn what_cargo_installs_is_found_in_its_own_folder() {
    insta::assert_snapshot!(split(
        "FROM rust\r\nWORKDIR /src\r\nCOPY . .\r\nRUN cargo install --path .\r\nCMD [\"myapp\"]\r\n",
        &[("Cargo.lock", "")],
    ));
}

#[test]
fn a_rust_stage_is_left_where_something_is_not_known() {
    let with = |old: &str, new: &str| split(&RUST.replace(old, new), &[LOCK]);
    insta::assert_snapshot!(
        [
            split(RUST, &[]),
            split(RUST, &[("Cargo.lock", "name = \"gtk-sys\"\n")]),
            outcome("distroless", RUST, &[("Cargo.lock", "name = \"pq-sys\"\n")]),
            with("rust:1", "rust:1-alpine"),
            with("rust:1", "rust@sha256:0000000000000000000000000000000000000000000000000000000000000000"),
            with("./target", "./elsewhere"),
            with("CMD [\"./target/release/app\"]", "CMD a && b"),
            with("CMD [\"./target/release/app\"]\n", ""),
            with("CMD", "USER somebody\nCMD"),
            with("RUN", "ONBUILD RUN true\nRUN"),
            with("RUN", "RUN apt-get install -y libgtk-4-dev\nRUN"),
            with("RUN", "RUN wget http://a/b\nRUN"),
            with("RUN", "RUN npm ci\nRUN pip install x\nRUN"),
            with("rust:1", "debian:13"),
        ]
        .join("\n")
    );
}

#[test]
fn a_stage_that_takes_from_another_or_builds_nothing_is_no_matter_of_a_split() {
    for text in [
        "FROM rust AS b\nRUN cargo build\nFROM debian\nCOPY --from=b /target/debug/a /a\nCMD [\"/a\"]\n",
        "FROM debian\nRUN apt-get update\nCMD [\"/a\"]\n",
        "FROM scratch\nCOPY a /\n",
    ] {
        assert_eq!(split(text, &[]), "nothing to do", "{text}");
    }
}

#[test]
fn a_go_program_runs_without_its_compiler() {
    let text = "FROM golang:1.25\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /bin/app ./cmd/app\nENTRYPOINT [\"/bin/app\"]\n";
    insta::assert_snapshot!(split(text, &[]));
    insta::assert_snapshot!(outcome("distroless", text, &[]));
    assert_eq!(
        split(&text.replace("/bin/app\"]", "/bin/other\"]"), &[]),
        "line 5: where the build makes `/bin/other` isn't known"
    );
}

#[test]
fn a_program_built_by_cmake_gets_the_libraries_of_its_headers() {
    let text = "FROM ubuntu:24.04\nRUN apt-get update && apt-get install -y g++ cmake libcurl4-openssl-dev\nWORKDIR /src\nCOPY . .\nRUN mkdir build && cd build && cmake .. && make\nCMD [\"build/tool\"]\n";
    insta::assert_snapshot!(split(text, &[("CMakeLists.txt", "add_executable(tool main.cpp)")]));
    assert_eq!(
        split(text, &[("CMakeLists.txt", "add_library(x SHARED x.cpp)")]),
        "line 1: the project builds shared libraries, which the program may need"
    );
}

#[test]
fn a_java_archive_runs_without_its_compiler() {
    let text = "FROM maven:3.9-eclipse-temurin-21\nWORKDIR /app\nCOPY . .\nRUN mvn package\nCMD [\"java\", \"-jar\", \"target/app.jar\"]\n";
    insta::assert_snapshot!(split(text, &[]));
    assert_eq!(
        split(&text.replace("app.jar", "*.jar"), &[]),
        "line 5: which archive Java starts isn't known"
    );
}

#[test]
fn a_python_service_runs_from_a_virtual_environment() {
    insta::assert_snapshot!(split(PYTHON, &[("requirements.txt", "psycopg2==2.9\n")]));
    // A build behind the sources needs them where it runs.
    let built = PYTHON.replace("CMD", "RUN python manage.py collectstatic\nCMD");
    insta::assert_snapshot!(split(&built, &[]));
    // Who has an environment keeps it.
    let own = PYTHON.replace("RUN pip", "ENV PATH=/env/bin:$PATH\nRUN python -m venv /env\nRUN pip");
    insta::assert_snapshot!(split(&own, &[]));
}

#[test]
fn a_python_stage_is_left_where_something_is_not_known() {
    let with = |old: &str, new: &str| split(&PYTHON.replace(old, new), &[]);
    insta::assert_snapshot!(
        [
            with("pip install", "pip install --user"),
            with("pip install -r requirements.txt", "pip install poetry && poetry install"),
            with("RUN pip", "USER 1000\nRUN pip"),
            with("python:3.13", "python:3.13-windowsservercore"),
            with("python:3.13", "ubuntu:24.04"),
            with("\"gunicorn\"", "\"/usr/local/bin/gunicorn\""),
            outcome("distroless", PYTHON, &[]),
        ]
        .join("\n")
    );
}

#[test]
fn a_node_service_runs_what_was_built_on_its_production_dependencies() {
    insta::assert_snapshot!(split(NODE, &[PACKAGE, ("public/", "")]));
    // Where the sources come first, or scripts run at the install, what is too much is taken away again.
    let scripts = PACKAGE.1.replace("\"build\"", "\"prepare\": \"husky\", \"build\"");
    insta::assert_snapshot!(split(NODE, &[("package.json", &scripts)]));
    // Sources that run as they are come to the runtime stage alone.
    let plain =
        NODE.replace("RUN npm run build\n", "").replace("\"npm\", \"start\"", "\"node\", \"main.js\"");
    insta::assert_snapshot!(split(&plain, &[PACKAGE]));
}

#[test]
fn a_node_stage_is_left_where_something_is_not_known() {
    let with = |old: &str, new: &str| split(&NODE.replace(old, new), &[PACKAGE]);
    let package = |old: &str, new: &str| split(NODE, &[("package.json", &PACKAGE.1.replace(old, new))]);
    insta::assert_snapshot!(
        [
            split(NODE, &[]),
            with("npm ci", "yarn install"),
            with("npm ci", "npm install express"),
            with("\"npm\", \"start\"", "\"npm\", \"run\", \"dev\""),
            package("node dist/main.js", "tsx main.ts"),
            package("node dist/main.js", "typescript"),
            package("express", "@prisma/client"),
            outcome("distroless", NODE, &[PACKAGE]),
        ]
        .join("\n")
    );
}

#[test]
fn a_site_that_node_builds_is_served_by_nginx() {
    let served =
        NODE.replace("\"npm\", \"start\"", "\"npx\", \"serve\", \"-s\", \"build\", \"-l\", \"3000\"");
    insta::assert_snapshot!(split(&served, &[PACKAGE]));
    // A server for development builds as it runs.
    let developed =
        NODE.replace("RUN npm run build\n", "# Hot reload\n").replace("npm\", \"start", "npx\", \"vite");
    insta::assert_snapshot!(split(&developed, &[PACKAGE]));
    assert_eq!(
        split(&served.replace("\"build\", ", ""), &[PACKAGE]),
        "line 8: the server gives out the whole project, and which of it is the site isn't known"
    );
    assert_eq!(
        split(&served.replace("CMD", "USER node\nCMD"), &[PACKAGE]),
        "line 8: nginx would have to be set up for this user"
    );
}
