use crate::lint::changing_arguments::needless_reruns;
use crate::lint::cost::Waste;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A variable that changes with each build is set above work that does not need it.
    ///
    /// ## Why it matters
    /// Every `RUN` has all of the environment set above it, whether it reads it or not. A variable that holds the
    /// commit or the date makes the builder do all the work below it again in each build. At the end of the stage it
    /// serves the program just as well.
    ///
    /// Known by their names are arguments such as `GIT_SHA`, `VCS_REF`, `BUILD_DATE` and `BUILD_NUMBER`, and `VERSION`
    /// and `APP_VERSION` where their default is no version. The rule is silent where something runs in between that
    /// could read the variable unseen, as `make` could, or that changes with each commit anyway.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM python:3.14-slim
    /// ARG GIT_SHA=unknown
    /// ENV APP_REVISION=$GIT_SHA PYTHONUNBUFFERED=1
    /// COPY requirements.txt .
    /// RUN pip install --no-cache-dir -r requirements.txt
    /// CMD ["python", "app.py"]
    /// ```
    /// ```dockerfile,good
    /// FROM python:3.14-slim
    /// ENV PYTHONUNBUFFERED=1
    /// COPY requirements.txt .
    /// RUN pip install --no-cache-dir -r requirements.txt
    /// ARG GIT_SHA=unknown
    /// ENV APP_REVISION=$GIT_SHA
    /// CMD ["python", "app.py"]
    /// ```
    name: "changing-environment-early",
    aliases: [],
    category: Cache,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for rerun in needless_reruns(input) {
        let (Some(set), Some(argument)) = (rerun.environment.first(), rerun.arguments.first()) else {
            continue;
        };
        found.push(
            Diagnostic::new(
                &RULE,
                set.range,
                format!(
                    "`{}` changes with each build, and so makes `{}` run again",
                    set.key.text, rerun.shown
                ),
            )
            .label(argument.range, "its value comes from this argument")
            .label(rerun.command, "this runs again")
            .help("set it, and declare its argument, at the end of the stage or right above what reads it")
            .wastes(input, &rerun.fact, &Waste::RunsAgain),
        );
    }
}
