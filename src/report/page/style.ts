/** Style of the report; follows the reader's light or dark setting, and prints dark on white. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--ink:#1c2024;--paper:#fff;--line:#d5d9de;--soft:#f3f5f7;--quiet:#57606a;--tint:#0072b2;--mark:#0072b2;--bad:#a8420a;--shade:rgb(0 0 0/.28);
--line0:#0072b2;--line1:#d55e00;--line2:#009e73;--line3:#b3588a;--line4:#8a6d00;--line5:#3f3f9f}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e6e9ec;--paper:#16191d;--line:#353b42;--soft:#1f242a;--quiet:#9aa4ae;--tint:#5b9bd8;--mark:#6db3ec;--bad:#ff9d66;--shade:rgb(255 255 255/.28);
--line0:#5aaee8;--line1:#ff8d4d;--line2:#33c79b;--line3:#e39cc5;--line4:#e6c34d;--line5:#a9a9ff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1120px;padding:24px 20px 48px;font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
h1{font-size:26px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:21px;line-height:1.3;margin:44px 0 8px;padding-top:10px;border-top:2px solid var(--line);overflow-wrap:anywhere}
h3{font-size:17px;margin:34px 0 6px}
p{margin:4px 0 10px;max-width:75ch}.note,figcaption,caption{color:var(--quiet);font-size:13px}
a{color:var(--tint)}:focus-visible{outline:3px solid var(--tint);outline-offset:2px}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--paper);padding:6px 10px;z-index:1}
nav ul{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:12px 0 0;padding:0}
.badge{display:inline-block;margin-right:6px;font-style:normal;font-size:13px;font-weight:600;border:1px solid currentColor;border-radius:4px;padding:1px 7px;white-space:nowrap}
.warning{border-left:4px solid var(--bad);padding:2px 0 2px 12px}
.headline{background:var(--soft);border:1px solid var(--line);border-radius:8px;padding:14px 18px;margin:12px 0}
.score{font-size:17px;margin:0 0 6px;max-width:none}.score b{font-size:32px;font-weight:650;line-height:1.2}.score span{white-space:nowrap;color:var(--quiet);margin:0 10px}
.kind{display:inline-block;color:var(--paper);background:var(--bad);border-radius:4px;padding:1px 9px;margin:2px 0}.scores{display:flex;flex-wrap:wrap;gap:8px 28px;margin:0}.scores dt{color:var(--quiet);font-size:13px}.scores dd{margin:0;font-weight:600;font-variant-numeric:tabular-nums}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:3px 18px;margin:14px 0}.facts dt{color:var(--quiet)}.facts dd{margin:0;overflow-wrap:anywhere}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:20px 28px;align-items:start;margin:10px 0}
.figures>*{min-width:0}figure{margin:0;max-width:560px}figure:has(.wide){max-width:none}.broad svg{min-width:880px}figcaption{margin-top:4px}svg{display:block;width:100%;height:auto}svg text{font-family:system-ui,sans-serif}
.wide{overflow-x:auto;margin:8px 0;background:linear-gradient(to right,var(--paper) 40%,transparent) left/48px 100% no-repeat local,linear-gradient(to left,var(--paper) 40%,transparent) right/48px 100% no-repeat local,linear-gradient(to right,var(--shade),transparent) left/14px 100% no-repeat scroll,linear-gradient(to left,var(--shade),transparent) right/14px 100% no-repeat scroll}table{border-collapse:collapse;font-size:14px}caption{text-align:left;padding:0 0 4px}caption span{position:sticky;left:0;display:inline-block;max-width:min(75ch,100vw - 40px)}td.long{min-width:17em}.figures+.wide{margin-top:20px}
th,td{padding:4px 12px 4px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
thead th{font-weight:600;font-size:13px;color:var(--quiet);vertical-align:bottom;border-bottom:2px solid var(--line)}
tbody th{font-weight:500;min-width:7.5em}.group th{padding-top:14px;font-weight:650}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.confusion td{position:relative;text-align:center;min-width:62px;padding:6px 8px;border:1px solid var(--paper);font-variant-numeric:tabular-nums;background:color-mix(in srgb,#0072b2 calc(var(--share)*.6),var(--soft));print-color-adjust:exact;-webkit-print-color-adjust:exact}
.confusion thead th{text-align:center;padding:4px 6px}.confusion thead th:first-child{text-align:left}.confusion small{display:block;font-size:11px}
.confusion .right{outline:2px solid var(--ink);outline-offset:-3px}
.more{margin:10px 0}.more>summary{cursor:pointer;color:var(--tint)}
.controls{display:flex;flex-wrap:wrap;gap:10px 16px;align-items:end;margin:18px 0 6px}.controls label{display:grid;gap:2px;font-size:13px;color:var(--quiet);min-width:0;max-width:100%}
input,select,button{font:inherit;font-size:14px;color:var(--ink);background:var(--paper);border:1px solid var(--quiet);border-radius:6px;padding:5px 8px;max-width:100%}
button{background:var(--soft);cursor:pointer;padding:6px 14px}
.list>details{border:1px solid var(--line);border-radius:8px;margin:6px 0}
.list summary{cursor:pointer;padding:8px 12px;overflow-wrap:anywhere}.list details[open]>summary{border-bottom:1px solid var(--line);background:var(--soft);border-radius:8px 8px 0 0}
.list summary b{margin-right:10px}.list summary span{color:var(--quiet);margin-right:12px}
ol.utterances{list-style:none;margin:0;padding:0 12px}
.utterance{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,auto) auto;gap:6px 24px;padding:12px 0;border-bottom:1px solid var(--line)}
.utterance:last-child{border:0}.utterance.other{opacity:.55}
.said{min-width:0;overflow-wrap:anywhere}.said p{margin:0 0 6px}.said .no{color:var(--quiet);margin-right:6px}
.verdict{font-weight:650;white-space:nowrap}.wrong .verdict{color:var(--bad)}
i.class{display:inline-block;width:.7em;height:.7em;border-radius:2px;background:var(--class);margin-right:.35em;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.opinions{font-size:12.5px;line-height:1.3}.opinions th,.opinions td{padding:2px 6px;border-bottom:1px solid var(--soft);white-space:nowrap;vertical-align:middle}.opinions thead th{font-size:12px;text-align:right;white-space:normal;max-width:64px}
.opinions thead th:first-child{text-align:left;min-width:122px}.opinions tbody th{min-width:122px}.opinions td{width:62px;text-align:right;font-variant-numeric:tabular-nums;background:linear-gradient(to right,color-mix(in srgb,var(--mark) 38%,transparent) var(--p),transparent var(--p));print-color-adjust:exact;-webkit-print-color-adjust:exact}
.opinions td.top{font-weight:700}.opinions td.absent{color:var(--quiet);background:none}.opinions tr.label th{font-weight:700}
.faces{display:flex;gap:8px;align-items:start}.faces figure{width:64px;font-size:11px;line-height:1.3}.faces img,.faces .noface{display:block;width:56px;height:56px;object-fit:cover;border:3px solid var(--class);border-radius:4px}.noface{background:var(--soft)}
.faces figcaption{font-size:11px;margin-top:2px}
@media(max-width:900px){.utterance{grid-template-columns:minmax(0,1fr)}}
@media(max-width:520px){.controls{display:grid;grid-template-columns:1fr 1fr}.controls label:first-child,.controls label:last-child{grid-column:1/-1}.score span{margin-left:0}body{padding:16px 12px 32px}.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:6px}.headline{padding:12px}.controls label,.controls input,.controls select{width:100%}}
@media print{@page{margin:14mm}body{max-width:none;padding:0;font-size:11pt}.controls,nav,.skip,.further,.more:not([open]),.list>details:not([open]),.browser [role=status]{display:none}
.wide{overflow:visible}table{font-size:9pt}th,td{padding-right:8px}figure,tr,.utterance,.headline{break-inside:avoid}h2,h3,caption{break-after:avoid}thead{break-after:avoid}.figures{grid-template-columns:1fr 1fr}.figures>div{grid-column:1/-1}.confusion td{min-width:0;padding:4px}}
`;
