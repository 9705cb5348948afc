"""Style sheets and scripts as pages load them: one file each, that does what the parts do, and small."""

from pathlib import Path

import brotli
import pytest

from serving import assets, joining

ROOT = Path(__file__).parents[2]
MOST = {"css/public.css": 8 * 1024, "js/public.js": 6 * 1024, "js/comments.js": 6 * 1024, "js/request.js": 6 * 1024}
"""Bytes over the wire."""


@pytest.fixture(scope="module")
def shipped() -> assets.Assets:
    return assets.load(ROOT / "static")


@pytest.mark.parametrize("name", MOST)
def test_public_files_stay_small(shipped: assets.Assets, name: str) -> None:
    assert len(brotli.compress(shipped.content[name], quality=11)) < MOST[name]


def test_what_stands_in_the_page_loses_comments_and_indentation_only() -> None:
    text = '/* Before\n   first paint. */\n(function () {\n  go("//");\n})();\n'
    assert joining.inline(text) == '(function () {\ngo("//");\n})();'


def test_styles_lose_comments_and_indentation_only() -> None:
    texts = ["/* a\n * b */\n.a {\n  color: red;\n}\n", '@media print {\n\n  .b::after { content: "/"; } /* c */\n}\n']
    assert joining.styles(texts) == '.a {\ncolor: red;\n}\n@media print {\n.b::after { content: "/"; }\n}'


FILES = {
    "main.js": "// Runs.\nneed('modules/a.js').default(1);\n",
    "sum.js": "export default function sum(a, b) {\n  // adds\n  return a + b;\n}\nexport const ONE = 1;\n",
    "modules/a.js": 'import sum, { ONE } from "../sum.js";\nimport { two } from "./b.js";\n\n'
    "export default function a(n) { return sum(n, ONE) + two(); }\n",
    "modules/b.js": 'import { ONE } from "../sum.js";\nexport async function three() { return 3; }\n'
    "export function two() { return ONE + ONE; }\n",
}


def test_joined_modules_find_each_other_and_each_runs_once() -> None:
    assert joining.scripts(FILES, "main.js", ["modules/a.js"]) == (
        '"use strict";(()=>{const made={};const modules={\n'
        '"modules/a.js":need=>{const{default:sum,ONE}=need("sum.js");\nconst{two}=need("modules/b.js");\n'
        "function a(n) { return sum(n, ONE) + two(); }\nreturn{default:a};},\n"
        '"modules/b.js":need=>{const{ONE}=need("sum.js");\nasync function three() { return 3; }\n'
        "function two() { return ONE + ONE; }\nreturn{three,two};},\n"
        '"sum.js":need=>{function sum(a, b) {\nreturn a + b;\n}\nconst ONE = 1;\nreturn{default:sum,ONE};},\n'
        "};\nconst need=(name)=>made[name]??=modules[name](need);\nneed('modules/a.js').default(1);})();\n"
    )


@pytest.mark.parametrize(
    "line",
    [
        'import "../sum.js";',
        'import * as all from "../sum.js";',
        'import sum from "sum";',
        "export { a };",
        "export default 1;",
        'const late = () => import("../sum.js");',
    ],
)
def test_what_is_written_otherwise_is_refused_by_name(line: str) -> None:
    with pytest.raises(ValueError, match=r"^modules/a\.js: "):
        joining.scripts(FILES | {"modules/a.js": line}, "main.js", ["modules/a.js"])


def test_every_line_can_lose_its_indentation() -> None:
    for path in (ROOT / "static" / "js").rglob("*.js"):
        assert all(line.count("`") % 2 == 0 for line in path.read_text().splitlines()), f"{path}: a text of several lines"
