//! What a rule is, and how a rule's file declares it.

use crate::context::{BuildContext, Listing};
use crate::dockerfile::{Dockerfile, SyntaxError};
use crate::facts::Facts;
use crate::graph::StageGraph;
use crate::text::SourceFile;

use super::package_calls::{self, PackageRun};
use super::selector::answers_to;
use super::{
    Category, Diagnostic, Ignore, MeasuredRun, Policy, Safety, Severity, Verdicts, shellcheck_codes,
};

/// One rule: its names, its page and its check.
#[derive(Debug)]
pub struct Rule {
    /// The name, in kebab-case, that reads well after "allow". Never changes.
    pub name: &'static str,
    /// The names that peers give it: `DL3008`, BuildKit's `JSONArgsRecommended`, tally's `tally/…`.
    pub aliases: &'static [&'static str],
    /// What it is about.
    pub category: Category,
    /// How grave its findings are.
    pub severity: Severity,
    /// Whether it speaks without being asked to.
    pub profile: Profile,
    /// The safety of its fixes; none where it has none.
    pub fix: Option<Safety>,
    /// Its page: the doc comment of its file, in Markdown.
    pub page: &'static str,
    /// Finds all places.
    pub check: Check,
}

/// How a rule finds its places. A function of its input alone: no I/O.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// It looks at the file.
    File(fn(&Input<'_>, &mut Vec<Diagnostic>)),
    /// It looks at the comments that silence rules, once it is known what each of them silenced.
    Ignores(fn(&Input<'_>, &[Ignore<'_>], &mut Vec<Diagnostic>)),
    /// It looks at what the ShellCheck program says, where that was asked. Each of its codes is a name for the rule.
    Verdicts(fn(&Input<'_>, &Verdicts, &mut Vec<Diagnostic>)),
}

/// Which rules run, unless single ones are selected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// Those that hold for nearly every image.
    #[default]
    Default,
    /// Also those that are a matter of policy or taste.
    All,
    /// None runs these: only who names one gets it, in a selection or with `# check=experimental=…`.
    Named,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Rule {
    /// The first line of the page: what the rule finds, as a phrase.
    pub fn title(&self) -> &'static str {
        self.page.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or(self.name)
    }

    /// Whether `name` names this rule, by its own name or by an alias, in any case. An alias with a namespace
    /// (`buildkit/StageNameCasing`) also answers to its last part.
    pub fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name) || self.aliases.iter().any(|alias| answers_to(alias, name))
    }
}

impl Rule {
    /// Every name that peers have for what it reports: its aliases, or all of ShellCheck's codes.
    pub(super) fn peers_names(&self) -> &'static [&'static str] {
        match self.check {
            Check::Verdicts(_) => shellcheck_codes::all(),
            Check::File(_) | Check::Ignores(_) => self.aliases,
        }
    }
}

/// All that a rule may look at.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The file.
    pub source: &'a SourceFile,
    /// Its tree.
    pub dockerfile: &'a Dockerfile<'a>,
    /// Its syntax errors.
    pub errors: &'a [SyntaxError],
    /// Its stages.
    pub graph: &'a StageGraph,
    /// What holds at each instruction.
    pub facts: &'a Facts,
    /// The build context, where it is known.
    pub context: Option<&'a BuildContext>,
    /// What the team wants of its files.
    pub policy: &'a Policy,
    /// What the last run measured, where it was of this file.
    pub measured: Option<&'a MeasuredRun>,
    /// What the ShellCheck program says, where it was asked.
    pub verdicts: Option<&'a Verdicts>,
    /// What many rules read of the file alike.
    pub readings: &'a Readings<'a>,
}

/// What many rules read of a file alike, read once for all of them.
#[derive(Debug, Clone, Default)]
pub struct Readings<'a> {
    pub(super) package_runs: Vec<PackageRun<'a>>,
}

impl<'a> Readings<'a> {
    /// Reads the file; what the input has of them so far is not looked at.
    pub fn of(input: &Input<'a>) -> Self {
        Self { package_runs: package_calls::read(input) }
    }
}

impl<'a> Input<'a> {
    /// The files of the build context, where it is known.
    pub fn listing(&self) -> Option<&'a Listing> {
        self.context.map(|context| &context.listing)
    }
}

/// Declares the rule of a file: `RULE`, whose page is the doc comment and whose check is the file's `check`.
///
/// The page holds examples that run as tests: a block tagged `dockerfile,bad` is reported exactly once, a
/// `dockerfile,on-request` only on request, a `dockerfile,fixed` behind either is what the fix
/// makes of it, a `dockerfile,good` is silent. A block tagged `context` lists the build context (`path size` a line)
/// for the examples behind it, one tagged `dockerignore` is its ignore file.
///
/// A rule that ends with `looks_at: ignores` is given the comments that silence rules and what they silenced, one that
/// ends with `looks_at: verdicts` what the ShellCheck program says.
macro_rules! declare_rule {
    (
        $(#[doc = $line:literal])+
        name: $name:literal,
        aliases: [$($alias:literal),* $(,)?],
        category: $category:ident,
        severity: $severity:ident,
        profile: $profile:ident,
        fix: $fix:expr
        $(, looks_at: $what:ident)? $(,)?
    ) => {
        #[doc = concat!("The rule `", $name, "`.")]
        pub(crate) static RULE: $crate::lint::Rule = $crate::lint::Rule {
            name: $name,
            aliases: &[$($alias),*],
            category: $crate::lint::Category::$category,
            severity: $crate::lint::Severity::$severity,
            profile: $crate::lint::Profile::$profile,
            fix: $fix,
            page: concat!($($line, "\n"),+),
            check: $crate::lint::declare_rule!(@check $($what)?),
        };
    };
    (@check) => { $crate::lint::Check::File(check) };
    (@check ignores) => { $crate::lint::Check::Ignores(check) };
    (@check verdicts) => { $crate::lint::Check::Verdicts(check) };
}
pub(crate) use declare_rule;
