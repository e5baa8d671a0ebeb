#include "web_internal.h"

/* clang-format off */

/* One rule a line; light by default, dark where the reader prefers it.  Every pair of text and ground
 * has at least the contrast 4.5 : 1 (WCAG 2.2 AA). */
static const char *const STYLE[] = {
    ":root{color-scheme:light dark;--ground:#fbfbfa;--panel:#fff;--text:#1c1e21;--soft:#575c63;--line:#d9dbdf;--link:#0b57b0;",
    "--good:#0f6b35;--good-ground:#e0f3e6;--bad:#a81c1c;--bad-ground:#fde6e4;--warn:#7a4d00;--warn-ground:#fdf0d5;",
    "--ask:#5b2da8;--ask-ground:#eee6fb;--work:#0b57b0;--work-ground:#e3eefb;--past-ground:#eceef0;",
    "--ok-bar:#2c9a55;--fail-bar:#d04444;--busy-bar:#3f83d1;--idle-bar:#c3c8ce;--mark:#1c1e21}",
    "@media (prefers-color-scheme:dark){:root{--ground:#14161a;--panel:#1b1e23;--text:#e7e9ec;--soft:#a9afb8;"
    "--line:#363b43;--link:#86b9f5;",
    "--good:#7fd8a0;--good-ground:#123522;--bad:#ff9d96;--bad-ground:#431a19;--warn:#f2c46d;--warn-ground:#3a2c0d;",
    "--ask:#cdb2ff;--ask-ground:#30204f;--work:#93c1f8;--work-ground:#162c47;--past-ground:#2a2e35;",
    "--ok-bar:#3fae6b;--fail-bar:#e26060;--busy-bar:#5b9be3;--idle-bar:#4a5059;--mark:#fff}}",
    "*{box-sizing:border-box}",
    "html{font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;background:var(--ground);"
    "color:var(--text)}",
    "body{margin:0 auto;max-width:88rem;padding:0 1.25rem 3rem}",
    "a{color:var(--link)}a:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px;"
    "border-radius:2px}",
    ".skip{position:absolute;left:-999rem}.skip:focus{position:static}",
    "header{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;align-items:baseline;justify-content:space-between;"
    "padding:1rem 0;border-bottom:1px solid var(--line)}",
    ".name{font-weight:700;font-size:1.25rem;color:var(--text);text-decoration:none;letter-spacing:-.01em}",
    ".age{margin:0;color:var(--soft);font-size:.875rem}",
    "h1{font-size:1.6rem;line-height:1.25;margin:1.5rem 0 .75rem;letter-spacing:-.015em;overflow-wrap:anywhere}",
    "h2{font-size:1.15rem;margin:2.25rem 0 .5rem}",
    "small{color:var(--soft);font-size:.8125rem}",
    "code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:.875em}",
    "code{overflow-wrap:anywhere}",
    "pre{background:var(--panel);border:1px solid var(--line);border-radius:.5rem;padding:.75rem 1rem;white-space:pre-wrap;"
    "overflow-wrap:anywhere;margin:.5rem 0}",
    "var{font-style:italic;color:var(--soft)}",
    ".totals{list-style:none;display:flex;flex-wrap:wrap;gap:.5rem;margin:0;padding:0}",
    ".totals li{border-radius:.5rem;padding:.4rem .8rem;border:1px solid var(--line);background:var(--panel)}",
    ".totals b{font-size:1.15rem;font-variant-numeric:tabular-nums}",
    ".totals .none{color:var(--soft)}",
    ".good{color:var(--good);background:var(--good-ground)}.bad{color:var(--bad);background:var(--bad-ground)}",
    ".warn{color:var(--warn);background:var(--warn-ground)}.ask{color:var(--ask);background:var(--ask-ground)}",
    ".work{color:var(--work);background:var(--work-ground)}.past{color:var(--soft);background:var(--past-ground)}",
    ".totals .good,.totals .bad,.totals .warn,.totals .ask,.totals .work{border-color:currentColor}",
    ".totals .good{background:var(--good-ground)}.totals .bad{background:var(--bad-ground)}.totals .warn{"
    "background:var(--warn-ground)}",
    ".totals .ask{background:var(--ask-ground)}.totals .work{background:var(--work-ground)}",
    ".state{display:inline-block;border-radius:1rem;padding:.05rem .6rem;font-size:.8125rem;font-weight:600;"
    "white-space:nowrap}",
    "table{width:100%;border-collapse:collapse;background:var(--panel);border:1px solid var(--line);font-size:.9375rem}",
    "caption{text-align:left;color:var(--soft);font-size:.875rem;padding:.25rem 0}",
    "th,td{text-align:left;vertical-align:top;padding:.55rem .7rem;border-top:1px solid var(--line);font-weight:400;"
    "overflow-wrap:anywhere}",
    "thead th{font-size:.8125rem;color:var(--soft);font-weight:600;border-top:0;overflow-wrap:normal}",
    "tbody th{font-weight:600}tbody th small{display:block;font-weight:400}",
    "time{white-space:nowrap;font-variant-numeric:tabular-nums}",
    ".wide td.why{min-width:16rem;max-width:30rem}.wide code{white-space:nowrap}.wide td:nth-child(5){min-width:11rem}",
    "p.why{font-size:1.1rem;margin:.25rem 0 1rem;padding:.75rem 1rem;background:var(--panel);border:1px solid var(--line);"
    "border-left:.35rem solid var(--link);border-radius:.35rem;overflow-wrap:anywhere}",
    ".bar{display:block;width:100%;max-width:20rem;height:.8rem;margin:.3rem 0;border-radius:.2rem;"
    "background:var(--past-ground)}",
    ".bar .ok{fill:var(--ok-bar)}.bar .fail{fill:var(--fail-bar)}.bar .busy{fill:var(--busy-bar)}.bar .idle{"
    "fill:var(--idle-bar)}.bar .mark{fill:var(--mark)}",
    ".counts{font-size:.875rem;color:var(--soft)}",
    ".rail{list-style:none;display:flex;flex-wrap:wrap;gap:.35rem;margin:0 0 1.25rem;padding:0;font-size:.9375rem}",
    ".rail li{flex:1 1 6rem;text-align:center;padding:.35rem .5rem;border-radius:.35rem;border:1px solid var(--line);"
    "background:var(--panel)}",
    ".rail .done{color:var(--good);background:var(--good-ground);border-color:transparent}",
    ".rail .here{color:var(--work);background:var(--work-ground);border:2px solid currentColor;font-weight:700}",
    ".rail .stopped{color:var(--bad);background:var(--bad-ground);border:2px solid currentColor;font-weight:700}",
    ".rail .todo{color:var(--soft)}",
    ".note{position:absolute;left:-999rem}",
    "dl{margin:0}dl div{display:flex;gap:.25rem 1rem;padding:.2rem 0}dt{flex:0 0 9rem;color:var(--soft);"
    "overflow-wrap:anywhere}dd{margin:0;min-width:0;overflow-wrap:anywhere}",
    ".short{background:var(--panel);border:1px solid var(--line);border-radius:.5rem;padding:.6rem 1rem}",
    "dd dl{border-left:2px solid var(--line);padding-left:.75rem}",
    ".json{margin:0;padding-left:1.1rem}",
    "details{border:1px solid var(--line);border-radius:.5rem;background:var(--panel);padding:.5rem 1rem;margin:.4rem 0}",
    "summary{cursor:pointer;font-weight:600}",
    "@media (max-width:60rem){table,tbody,tr,td,tbody th,caption{display:block}thead{position:absolute;left:-999rem}",
    "table{border:0;background:none}",
    "tbody tr{background:var(--panel);border:1px solid var(--line);border-radius:.5rem;margin:.6rem 0;padding:.5rem .8rem}",
    "tbody td,tbody th{border:0;padding:.2rem 0 .2rem 7.5rem;position:relative;min-height:1.9rem}",
    "tbody th small{display:inline;margin-left:.5rem}td br{display:none}td small{margin-left:.5rem}",
    "td::before,tbody th::before{content:attr(data-label);position:absolute;left:0;top:.3rem;width:7rem;color:var(--soft);"
    "font-size:.8125rem;line-height:1.3;font-weight:400}",
    ".wide td.why{min-width:0;max-width:none}.wide td:nth-child(5){min-width:0}dl div{flex-wrap:wrap}dt{flex:0 0 100%}}",
    "@media print{.skip,.age a{display:none}details{break-inside:avoid}}",
};
/* clang-format on */

/* GET /style.css */
void
style_handle(void *cookie, struct http_request *r)
{
    struct buf out = { .max = 65536 };

    (void)cookie;
    for (size_t i = 0; i < ARRAY_LEN(STYLE); i++) {
        buf_add(&out, str_of(STYLE[i]));
        buf_char(&out, '\n');
    }
    answer(r, 200, "text/css; charset=utf-8", &out);
}
