//! A site whose files Node builds: nginx serves them.

use crate::rewrite::{Abstention, Aspect};

use super::Planned;
use super::base::{Flavour, RuntimeBase};
use super::node::{NodeProject, in_project, runs_script};
use super::node_start::StaticServer;
use super::plan::Plan;
use super::program::Start;
use super::stage::SingleStage;
use crate::dockerfile::Body;

/// nginx as its stable releases are tagged.
const NGINX: &str = "nginx:1.28";

pub(super) fn plan(
    stage: &SingleStage<'_>,
    project: &NodeProject<'_>,
    start: &Start,
    server: &StaticServer,
    flavour: Flavour,
) -> Planned {
    let at = stage.at_base();
    if flavour == Flavour::Distroless {
        return Err(Abstention::new(at, "there is no distroless image of nginx"));
    }
    if matches!(server.folder.as_str(), "" | "." | "/") {
        return Err(Abstention::new(
            start.range,
            "the server gives out the whole project, and which of it is the site isn't known",
        ));
    }
    if !server.port.bytes().all(|byte| byte.is_ascii_digit()) || server.port.is_empty() {
        return Err(Abstention::new(start.range, "which port the server listens on isn't known"));
    }
    if let Some(fact) = stage.facts.iter().find(|fact| matches!(fact.instruction.body, Body::User(_))) {
        return Err(Abstention::new(fact.instruction.range, "nginx would have to be set up for this user"));
    }
    let mut plan = Plan::on(RuntimeBase { image: NGINX.to_owned(), lacks: &[], has_shell: true });
    if !stage.calls().iter().any(|call| runs_script(call.command, "build")) {
        let has_script = project.package.get("scripts").is_some_and(|scripts| scripts.get("build").is_some());
        if !has_script {
            return Err(Abstention::new(
                at,
                "nothing builds the site, and `package.json` has no script `build`",
            ));
        }
        plan.appended.push("RUN npm run build".to_owned());
        // Nothing of the project goes into the image but what is built.
        plan.last_build = stage
            .facts
            .iter()
            .rposition(|fact| matches!(fact.instruction.body, Body::Run(_) | Body::Copy(_) | Body::Add(_)));
    }
    let missing = if server.single_page { "/index.html" } else { "=404" };
    let lines = [
        "server {".to_owned(),
        format!("    listen {};", server.port),
        "    root /usr/share/nginx/html;".to_owned(),
        format!("    location / {{ try_files $uri $uri/ {missing}; }}"),
        "}".to_owned(),
    ];
    let quoted: Vec<String> = lines.iter().map(|line| format!("'{line}'")).collect();
    plan.closure.push(format!("RUN printf '%s\\n' {} > /etc/nginx/conf.d/default.conf", quoted.join(" ")));
    let folder = in_project(project, &server.folder);
    plan.closure.push(format!("COPY --from={{build}} {folder} /usr/share/nginx/html"));
    starts_nginx(stage, &mut plan);
    plan.about = vec![Aspect::Start, Aspect::Ports];
    plan.can_differ.push(format!(
        "nginx gives out the files on port {}, with its own headers, and not {}",
        server.port,
        start.words.join(" ")
    ));
    Ok(plan)
}

/// nginx takes the place of what was started.
fn starts_nginx(stage: &SingleStage<'_>, plan: &mut Plan) {
    let starts: Vec<usize> = stage
        .facts
        .iter()
        .filter(|fact| matches!(fact.instruction.body, Body::Cmd(_) | Body::Entrypoint(_)))
        .map(|fact| fact.index)
        .collect();
    let last = starts.last().copied();
    for index in starts {
        let text = if Some(index) == last { "CMD [\"nginx\", \"-g\", \"daemon off;\"]" } else { "" };
        plan.replaced.push((index, text.to_owned()));
    }
}
