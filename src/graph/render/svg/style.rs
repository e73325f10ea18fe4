//! The colours, for a light page and for a dark one. Plain classes, since some programs that show SVG know no more; and
//! what they tell, dashes, widths, shapes and words tell too.

/// The style sheet.
pub(super) const SHEET: &str = "\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;fill:#1f2a37}
.title{font-size:17px;font-weight:700}
.name{font-size:14px;font-weight:700}
.text{font-size:11.5px}
.soft{fill:#566476}
.kind{font-size:10px;letter-spacing:.02em}
.label{font-size:11px;text-anchor:end;paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}
.small{font-size:11px}
.middle{text-anchor:middle}
.card{fill:#fff;stroke:#d5dce5}
.rule{stroke:#e3e8ee}
.stage{fill:#f4f7fb;stroke:#5b6f87;stroke-width:1.4}
.target{fill:#e6f0fd;stroke:#0b57b0;stroke-width:3}
.off{fill:#fff;stroke:#8a97a6;stroke-width:1.2;stroke-dasharray:5 4}
.faded{opacity:.62}
.image{fill:#fff8e8;stroke:#9a6b13;stroke-width:1.2}
.context{fill:#edf7ef;stroke:#2f7442;stroke-width:1.2}
.remote{fill:#f6f0fb;stroke:#74489c;stroke-width:1.2}
.empty{fill:none;stroke:#6b7a8b;stroke-width:1.2;stroke-dasharray:3 3}
.unknown{fill:#fdeeec;stroke:#b3261e;stroke-width:1.2;stroke-dasharray:6 3}
.mounted{fill:#f4f5f7;stroke:#7d8998;stroke-width:1}
.stem{fill:none;stroke:#a3aebb;stroke-width:1.1}
.badge{fill:#0b57b0}
.on-badge{fill:#fff;font-weight:600}
.warning{fill:#b3261e}
.wire{fill:none}
.from{stroke:#4a5d74;stroke-width:2.6}
.copy{stroke:#1f66c1;stroke-width:1.5}
.add{stroke:#1f66c1;stroke-width:1.5;stroke-dasharray:10 3}
.bind{stroke:#74489c;stroke-width:1.5;stroke-dasharray:6 4}
.cache{stroke:#74489c;stroke-width:1.6;stroke-dasharray:1.5 4;stroke-linecap:round}
.head-from{fill:#4a5d74}
.head-copy,.head-add{fill:#1f66c1}
.head-bind,.head-cache{fill:#74489c}
@media (prefers-color-scheme:dark){
text{fill:#e6ebf1}
.soft{fill:#a5b1bf}
.label{stroke:#161c24}
.card{fill:#161c24;stroke:#303a46}
.rule{stroke:#2a333e}
.stage{fill:#1f2833;stroke:#8ea1b6}
.target{fill:#14304f;stroke:#6db1ff}
.off{fill:#161c24;stroke:#7d8998}
.image{fill:#2f2815;stroke:#d3a548}
.context{fill:#16291c;stroke:#6cbf82}
.remote{fill:#291e33;stroke:#bf93e6}
.empty{stroke:#8ea1b6}
.unknown{fill:#351b19;stroke:#ff8a80}
.mounted{fill:#232b35;stroke:#8592a1}
.stem{stroke:#66727f}
.badge{fill:#6db1ff}
.on-badge{fill:#0d1a28}
.warning{fill:#ff8a80}
.from{stroke:#9fb2c8}
.copy,.add{stroke:#6db1ff}
.bind,.cache{stroke:#bf93e6}
.head-from{fill:#9fb2c8}
.head-copy,.head-add{fill:#6db1ff}
.head-bind,.head-cache{fill:#bf93e6}
}
";
