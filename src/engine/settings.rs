//! All that an image's configuration says of how its containers run, for comparing.

use std::collections::BTreeMap;
use std::fmt;

use bollard::models;
use serde_json::Value;

use super::client::Engine;
use super::error::EngineError;

/// The settings of an image: what an instruction or the build set, and to which value.
///
/// Each goes by the instruction that sets it: `CMD`, `ENV PATH`, `LABEL maintainer`, `EXPOSE 80/tcp`; and `platform`.
/// What is not set is not there, nor is what says the same as nothing. The dates and the history are no settings.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ImageSettings(pub BTreeMap<String, String>);

impl fmt::Debug for ImageSettings {
    /// Values can be secret; a report never shows those of the environment.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Engine {
    /// The settings of `image`, a name or an ID.
    pub async fn settings(&self, image: &str) -> Result<ImageSettings, EngineError> {
        let fault = |error| self.fault(&format!("inspect the image {image}"), error);
        Ok(ImageSettings::of(self.docker.inspect_image(image).await.map_err(fault)?))
    }
}

impl ImageSettings {
    fn of(image: models::ImageInspect) -> Self {
        let platform = [image.os, image.os_version, image.architecture, image.variant];
        let platform: Vec<String> = platform.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        let is_windows = platform.first().is_some_and(|os| os == "windows");
        let mut settings = Self::default();
        settings.set("platform", platform.join("/"));

        let config = image.config.unwrap_or_default();
        for pair in config.env.unwrap_or_default() {
            let (name, value) = pair.split_once('=').unwrap_or((&pair, ""));
            // An empty variable is not the same as none.
            settings.0.insert(format!("ENV {name}"), value.to_owned());
        }
        for (key, value) in config.labels.unwrap_or_default() {
            settings.0.insert(format!("LABEL {key}"), value);
        }
        for port in config.exposed_ports.unwrap_or_default() {
            settings.0.insert(format!("EXPOSE {port}"), String::new());
        }
        for path in config.volumes.unwrap_or_default() {
            settings.0.insert(format!("VOLUME {path}"), String::new());
        }
        settings.set("USER", config.user.unwrap_or_default());
        settings.set("WORKDIR", config.working_dir.filter(|path| path != "/").unwrap_or_default());
        settings.set("STOPSIGNAL", config.stop_signal.unwrap_or_default());
        settings.set("ENTRYPOINT", words(config.entrypoint));
        settings.set("CMD", words(config.cmd));
        settings.set("SHELL", words(config.shell));
        settings.set("ONBUILD", words(config.on_build));
        settings.set("HEALTHCHECK", config.healthcheck.map(healthcheck).unwrap_or_default());
        // Engines for Linux set it for every command in shell form, and never look at it.
        if is_windows && config.args_escaped == Some(true) {
            settings.set("ArgsEscaped", "true".to_owned());
        }
        settings
    }

    fn set(&mut self, name: &str, value: String) {
        if !value.is_empty() {
            self.0.insert(name.to_owned(), value);
        }
    }
}

fn words(words: Option<Vec<String>>) -> String {
    words.filter(|words| !words.is_empty()).map(|words| Value::from(words).to_string()).unwrap_or_default()
}

/// The check as JSON, without the times that are left to the engine.
fn healthcheck(mut check: models::HealthConfig) -> String {
    for time in [&mut check.interval, &mut check.timeout, &mut check.start_period, &mut check.start_interval]
    {
        time.take_if(|time| *time == 0);
    }
    check.retries.take_if(|count| *count == 0);
    check.test.take_if(|test| test.is_empty());
    let text = serde_json::to_string(&check).unwrap_or_default();
    if text == "{}" { String::new() } else { text }
}

#[cfg(test)]
mod tests {
    use super::ImageSettings;

    fn of(json: &str) -> ImageSettings {
        ImageSettings::of(serde_json::from_str(json).unwrap())
    }

    #[test]
    fn what_says_the_same_as_nothing_is_not_there() {
        let unset = of(
            r#"{"Os": "linux", "Variant": "", "Config": {"User": "", "WorkingDir": "/", "Cmd": [], "Env": null,
            "Labels": {}, "ArgsEscaped": true, "Healthcheck": {"Interval": 0}, "ExposedPorts": {}}}"#,
        );
        assert_eq!(unset, of(r#"{"Os": "linux"}"#));
        assert_eq!(unset.0.into_iter().collect::<Vec<_>>(), [("platform".to_owned(), "linux".to_owned())]);
    }

    #[test]
    fn each_setting_goes_by_its_instruction_and_no_value_is_shown() {
        let settings = of(
            r#"{"Os": "linux", "Architecture": "arm64", "Variant": "v8", "Config": {"User": "app", "WorkingDir": "/app",
            "Cmd": ["a", "b c"], "Entrypoint": ["/e"], "Env": ["KEY=hunter2", "EMPTY="], "Labels": {"l": "1"},
            "ExposedPorts": {"80/tcp": {}}, "Volumes": {"/data": {}}, "StopSignal": "SIGQUIT", "Shell": ["/bin/bash", "-c"],
            "OnBuild": ["RUN x"], "Healthcheck": {"Test": ["CMD", "x"], "Interval": 5, "Retries": 0}}}"#,
        );
        let expected = [
            ("CMD", r#"["a","b c"]"#),
            ("ENTRYPOINT", r#"["/e"]"#),
            ("ENV EMPTY", ""),
            ("ENV KEY", "hunter2"),
            ("EXPOSE 80/tcp", ""),
            ("HEALTHCHECK", r#"{"Test":["CMD","x"],"Interval":5}"#),
            ("LABEL l", "1"),
            ("ONBUILD", r#"["RUN x"]"#),
            ("SHELL", r#"["/bin/bash","-c"]"#),
            ("STOPSIGNAL", "SIGQUIT"),
            ("USER", "app"),
            ("VOLUME /data", ""),
            ("WORKDIR", "/app"),
            ("platform", "linux/arm64/v8"),
        ];
        let found: Vec<_> = settings.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(found, expected);
        assert!(!format!("{settings:?}").contains("hunter2"), "{settings:?}");
    }
}
