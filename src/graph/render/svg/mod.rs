//! The graph as a picture: one SVG that needs no font, script or file beside it.
//!
//! What is drawn is collected first ([`scene`]), then given its places ([`columns`], [`settle`], [`layout`]), then written down
//! ([`draw`], [`shapes`]). The same graph always gives the same bytes.

mod columns;
mod draw;
mod hanging;
mod layout;
mod legend;
mod measure;
mod scene;
mod settle;
mod shapes;
mod style;
#[cfg(test)]
mod tests;

use super::View;

/// More than a reader, and the drawing itself, can take.
const MOST_STAGES: usize = 400;

pub(super) fn render(view: &View<'_>) -> String {
    if view.graph.stages.is_empty() {
        return draw::note("no stages");
    }
    if view.graph.stages.len() > MOST_STAGES {
        return draw::note(&format!("{} stages are too many for a picture", view.graph.stages.len()));
    }
    let scene = scene::scene(view);
    let layout = layout::layout(&scene.shape());
    draw::picture(&scene, &layout)
}
