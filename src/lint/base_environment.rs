//! The variables that well-known images bring, so that a rule can tell a variable of the base from one of nobody.

use super::image_name::official;

/// What most images set, and BuildKit where one doesn't.
pub(super) const ALWAYS: &str = "PATH";

/// The names of the variables that the image sets beside `PATH`, in any of its versions; none where the image is not
/// known.
/// Source: the Dockerfiles of the official images, github.com/docker-library.
pub(super) fn of_image(reference: &str) -> Option<&'static [&'static str]> {
    Some(match official(reference)? {
        "alpine" | "amazonlinux" | "archlinux" | "busybox" | "buildpack-deps" | "centos" | "debian"
        | "almalinux" | "rockylinux" | "oraclelinux" | "ubuntu" | "hello-world" => &[],
        "fedora" => &["DISTTAG", "FGC", "FBR", "container"],
        "golang" => &["GOLANG_VERSION", "GOPATH", "GOTOOLCHAIN"],
        "node" => &["NODE_VERSION", "YARN_VERSION"],
        "rust" => &["CARGO_HOME", "RUSTUP_HOME", "RUST_VERSION"],
        "python" => &[
            "GPG_KEY",
            "LANG",
            "PYTHON_GET_PIP_SHA256",
            "PYTHON_GET_PIP_URL",
            "PYTHON_PIP_VERSION",
            "PYTHON_SETUPTOOLS_VERSION",
            "PYTHON_SHA256",
            "PYTHON_VERSION",
            "PYTHON_WHEEL_VERSION",
        ],
        "ruby" => &[
            "BUNDLER_VERSION",
            "BUNDLE_APP_CONFIG",
            "BUNDLE_BIN",
            "BUNDLE_PATH",
            "BUNDLE_SILENCE_ROOT_WARNING",
            "GEM_HOME",
            "LANG",
            "RUBYGEMS_VERSION",
            "RUBY_DOWNLOAD_SHA256",
            "RUBY_DOWNLOAD_URL",
            "RUBY_MAJOR",
            "RUBY_VERSION",
        ],
        "nginx" => {
            &["ACME_VERSION", "DYNPKG_RELEASE", "NGINX_VERSION", "NJS_RELEASE", "NJS_VERSION", "PKG_RELEASE"]
        }
        "amazoncorretto" => &["JAVA_HOME", "LANG"],
        "eclipse-temurin" => &["JAVA_HOME", "JAVA_VERSION", "LANG", "LANGUAGE", "LC_ALL"],
        _ => return None,
    })
}
