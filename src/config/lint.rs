//! `[lint]` of `plimsoll.toml`: from words to settings.

use std::collections::BTreeMap;
use std::sync::Arc;

use regex::Regex;
use toml::Spanned;

use super::check::choose;
use super::error::Mistake;
use super::fail_on::FailOn;
use super::ordered::Ordered;
use super::schema;
use crate::dockerfile::Keyword;
use crate::lint::{
    self, CustomPattern, CustomRule, InlineIgnores, LabelType, Policy, Profile, Selector, Settings, Severity,
};

pub(super) fn settings(written: schema::Lint) -> Result<Settings, Mistake> {
    let custom: Vec<Arc<CustomRule>> =
        written.custom.into_iter().map(|rule| custom(rule).map(Arc::new)).collect::<Result<_, _>>()?;
    let selectors = |names: &[Spanned<String>]| {
        names.iter().map(|name| selector(name, &custom)).collect::<Result<Vec<_>, _>>()
    };
    let profiles = [("default", Profile::Default), ("all", Profile::All)];
    let profile = written.profile.map(|profile| choose(&profile, "profile", &profiles)).transpose()?;
    let severities = written.severity.0.into_iter();
    let severities = severities
        .map(|(name, severity)| Ok((selector(&name, &custom)?, self::severity(&severity)?)))
        .collect::<Result<_, Mistake>>()?;
    Ok(Settings {
        profile: profile.unwrap_or_default(),
        select: written.select.as_deref().map(selectors).transpose()?,
        extend_select: selectors(&written.extend_select)?,
        ignore: selectors(&written.ignore)?,
        severities,
        inline_ignores: match written.inline_ignores {
            Some(false) => InlineIgnores::Disabled,
            _ => InlineIgnores::Heeded,
        },
        policy: Policy {
            trusted_registries: written.trusted_registries,
            label_schema: label_schema(written.label_schema)?,
            strict_labels: written.strict_labels,
        },
        custom,
        ..Settings::default()
    })
}

pub(super) fn fail_on(value: &Spanned<String>) -> Result<FailOn, Mistake> {
    choose(value, "severity", &FailOn::NAMES)
}

fn severity(value: &Spanned<String>) -> Result<Severity, Mistake> {
    choose(value, "severity", &Severity::ALL.map(|severity| (severity.as_str(), severity)))
}

fn selector(name: &Spanned<String>, custom: &[Arc<CustomRule>]) -> Result<Selector, Mistake> {
    Selector::read(name.get_ref(), custom).map_err(|unknown| {
        let mistake = Mistake::new(name.span(), unknown.to_string());
        match unknown.nearest {
            Some(nearest) => mistake.help(format!("did you mean `{nearest}`?")),
            None => mistake.help("`plimsoll rules` lists them all"),
        }
    })
}

fn label_schema(written: Ordered<Spanned<String>>) -> Result<BTreeMap<String, LabelType>, Mistake> {
    let types = LabelType::ALL.map(|label| (label.as_str(), label));
    let entries = written.0.into_iter();
    entries.map(|(name, form)| Ok((name.into_inner(), choose(&form, "form of a label", &types)?))).collect()
}

fn custom(written: schema::Custom) -> Result<CustomRule, Mistake> {
    let place = written.name.span();
    let name = written.name.into_inner();
    let is_kebab = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !is_kebab {
        return Err(Mistake::new(place, format!("`{name}` is no name of a rule"))
            .help("use small letters, digits and hyphens, as in `no-latest-tag`"));
    }
    if lint::find(&name).is_some() {
        return Err(Mistake::new(place, format!("`{name}` is the name of a rule that Plimsoll has"))
            .help("give yours another name"));
    }
    let pattern = match (&written.pattern, &written.command) {
        (Some(pattern), None) => CustomPattern::Text(regex(pattern)?),
        (None, Some(command)) => CustomPattern::Command(regex(command)?),
        (None, None) => {
            return Err(Mistake::new(place, format!("the rule `{name}` looks for nothing")).help(
                "give it a `pattern` for an instruction's text, or a `command` for what a script runs",
            ));
        }
        (Some(_), Some(command)) => {
            return Err(Mistake::new(command.span(), format!("the rule `{name}` looks for two things"))
                .help("keep one of `pattern` and `command`"));
        }
    };
    let keyword = |written: &Spanned<String>| {
        Keyword::from_name(written.get_ref()).ok_or_else(|| {
            Mistake::new(written.span(), format!("there is no instruction `{}`", written.get_ref()))
        })
    };
    Ok(CustomRule {
        instruction: written.instruction.as_ref().map(keyword).transpose()?,
        pattern,
        message: written.message,
        severity: written.severity.as_ref().map_or(Ok(Severity::Warning), severity)?,
        help: written.help,
        name,
    })
}

fn regex(pattern: &Spanned<String>) -> Result<Regex, Mistake> {
    Regex::new(pattern.get_ref())
        .map_err(|error| Mistake::new(pattern.span(), format!("the pattern can't be read: {error}")))
}
