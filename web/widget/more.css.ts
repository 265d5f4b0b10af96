// Styles of what stands between the conversation and the box to write in.
export const moreCSS = `
.mo{display:flex;flex-direction:column;flex:0 1 auto;max-height:66%;overflow-y:auto;overscroll-behavior:contain}
.mo:not(:has(>:not([hidden]))){display:none}
.mo>*{border-top:1px solid var(--n);padding:12px 16px;margin:0;display:flex;flex-direction:column;gap:8px}
.mo label{font-size:12px;color:var(--t2);display:block}
h3,h4,legend{font-size:14px;line-height:22px;font-weight:600;margin:0;padding:0}
fieldset{border:0;margin:0 0 8px;padding:0}
.su>div:first-child{display:flex;flex-direction:column;gap:8px}
.fa{display:flex;flex-direction:column;gap:4px;margin-top:8px}
.fa label{display:flex;align-items:center;gap:10px;font-size:14px;line-height:20px;color:var(--t);padding:5px 10px;border:1px solid var(--n);border-radius:8px;cursor:pointer;position:relative}
.fa input{position:absolute;inset:0;opacity:0;margin:0;cursor:pointer;width:100%;height:100%}
.fa label:has(:checked){background:var(--c);color:var(--i);border-color:var(--c)}
.fa label:has(:focus-visible){outline:2px solid var(--l);outline-offset:2px}
.ag{display:flex;flex-wrap:wrap;gap:4px 16px;margin-top:8px}
.mo .ag label{display:flex;align-items:center;gap:6px;font-size:14px;line-height:24px;color:var(--t);cursor:pointer}
.ag input{margin:0;width:16px;height:16px;accent-color:var(--c)}
.mo .l{flex-wrap:wrap;align-items:center;gap:12px}
select.v{font:inherit;font-size:16px;line-height:24px;min-height:40px;color:var(--t);background:var(--bg);border:1px solid var(--t2);border-radius:6px;padding:7px 10px;width:100%}
.mo textarea{max-height:96px}
.an ul{list-style:none;margin:0;padding:0;display:flex;flex-direction:column}
.an li{border-bottom:1px solid var(--n)}.an li:last-child{border:0}
.an li .z{display:block;width:100%;box-sizing:border-box;padding:8px 0}
.ab{display:flex;flex-direction:column;gap:8px;align-items:flex-start;outline:0}
.at{white-space:pre-wrap;margin:0}.at a{color:var(--l)}
.an .d:empty,.su .d:empty{display:none}
@media(forced-colors:active){.fa label:has(:checked){outline:2px solid}}`
