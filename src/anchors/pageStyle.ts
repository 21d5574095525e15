/** Style of the inspection page; follows the reader's light or dark setting. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--ink:#1c2024;--paper:#fff;--line:#d5d9de;--soft:#f3f5f7;--quiet:#5b646e;--tint:#2f6fb0}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ec;--paper:#16191d;--line:#353b42;--soft:#1f242a;--quiet:#9aa4ae;--tint:#5b9bd8}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1080px;padding:24px 20px 40px;font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
h1{font-size:26px;margin:0 0 4px}h2{font-size:19px;margin:36px 0 6px}h3{font-size:16px;margin:22px 0 4px}
p{margin:4px 0 10px}.note,footer{color:var(--quiet);font-size:13px}footer{margin-top:40px;overflow-wrap:anywhere}
.headline b{font-size:26px;font-weight:650}
i{display:inline-block;width:.7em;height:.7em;border-radius:2px;background:var(--class);margin-right:.4em}
.controls,.legend{display:flex;flex-wrap:wrap;gap:6px 16px;align-items:center;margin:8px 0}
.controls label{display:flex;gap:6px;align-items:center}
button{font:inherit;color:inherit;background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:3px 12px;cursor:pointer}
button[aria-pressed=true]{background:var(--tint);border-color:var(--tint);color:#fff}
.buttons button{border-radius:0}.buttons button:first-child{border-radius:6px 0 0 6px}.buttons button:last-child{border-radius:0 6px 6px 0}
.map{position:relative;border:1px solid var(--line);border-radius:8px;background:var(--soft);overflow:hidden}
svg{display:block;width:100%;height:auto;touch-action:none;cursor:grab}
.point rect{fill:none;stroke:var(--class);stroke-width:2.5}.point circle{fill:var(--class);fill-opacity:.75}
.point>*,.centre>*{scale:var(--size,1)}
.centre path{fill:var(--class);stroke:var(--paper);stroke-width:3}
.centre text{font:650 15px system-ui,sans-serif;text-anchor:middle;fill:var(--ink);paint-order:stroke;stroke:var(--paper);stroke-width:4px}
.centre{pointer-events:none}
#detail{position:absolute;left:10px;top:10px;display:flex;gap:10px;padding:8px;background:var(--paper);border:1px solid var(--line);border-radius:8px;pointer-events:none;white-space:pre-line;font-size:13px}
#detail.right{left:auto;right:10px}#detail[hidden]{display:none}#detail img{width:96px;height:96px;object-fit:cover;border-radius:4px}#detail img:not([src]){display:none}
.wide{overflow-x:auto}table{border-collapse:collapse;margin:6px 0}
th,td{padding:4px 10px;text-align:right;font-variant-numeric:tabular-nums;border-bottom:1px solid var(--line)}
th{font-weight:500;white-space:nowrap}tbody th{text-align:left}
.matrix td{background:color-mix(in srgb,var(--tint) var(--shade),transparent);border:1px solid var(--paper)}
.figures{display:flex;flex-wrap:wrap;gap:14px}figure{margin:0;width:158px;font-size:12px;overflow-wrap:anywhere}
figure img,.noface{display:inline-block;width:72px;height:72px;object-fit:cover;border:3px solid var(--class);border-radius:4px;margin-right:4px}
.noface{background:var(--class);opacity:.5}figcaption{line-height:1.4}
`;
