// Styles of the button and the panel. They stand in a shadow root, so the page's
// own neither reach in nor are reached.

const FONT = `"Inter","Hiragino Sans","Hiragino Kaku Gothic ProN","Yu Gothic UI","BIZ UDPGothic","Noto Sans CJK JP","Noto Sans JP",system-ui,sans-serif`

/** The colours of one desk, which the server has made readable. */
export interface Colors { color: string; ink: string; onLight: string; onDark: string }

export const launcherCSS = (c: Colors, side: string): string => `
:host{all:initial;position:fixed;z-index:2147483000;bottom:16px;${side}:16px;font:14px/1.7 ${FONT};--c:${c.color};--i:${c.ink};--l:${c.onLight}}
.b{all:unset;box-sizing:border-box;width:56px;height:56px;border-radius:28px;background:var(--c);color:var(--i);display:grid;place-items:center;cursor:pointer;position:relative;box-shadow:0 2px 10px #0005;border:1px solid #fff6}
.b:focus-visible{outline:3px solid var(--l);outline-offset:2px}
.n{position:absolute;top:-4px;right:-4px;min-width:20px;height:20px;border-radius:10px;background:#b3261e;color:#fff;font:600 12px/20px ${FONT};text-align:center;padding:0 5px;box-sizing:border-box}
.n:empty{display:none}
@media(prefers-color-scheme:dark){:host{--l:${c.onDark}}}
@media(forced-colors:active){.b{border:1px solid}}
@media print{:host{display:none}}`

export const panelCSS = `
:host{--bg:#fff;--s:#f3f4f6;--t:#1b1d22;--t2:#555a64;--n:#dfe2e7;--bad:#b3261e}
*{box-sizing:border-box}[hidden]{display:none!important}
.p{position:absolute;z-index:1;bottom:72px;width:380px;height:min(620px,calc(100dvh - 104px));max-width:calc(100vw - 32px);display:flex;flex-direction:column;background:var(--bg);color:var(--t);border:1px solid var(--n);border-radius:12px;box-shadow:0 8px 32px #0003;overflow:hidden;line-break:strict;overflow-wrap:anywhere}
.r .p{right:0}.w .p{left:0}
header{display:flex;gap:8px;align-items:start;padding:12px 8px 12px 16px;border-bottom:1px solid var(--n)}
header div{flex:1;min-width:0}
h2{font-size:15px;line-height:22px;font-weight:600;margin:0}
.d{margin:0;font-size:12px;line-height:18px;color:var(--t2)}
button.i{all:unset;box-sizing:border-box;width:40px;height:40px;border-radius:6px;display:grid;place-items:center;cursor:pointer;flex:none;color:var(--t2)}
button.i:hover{background:var(--s)}
:focus-visible{outline:2px solid var(--l)!important;outline-offset:0}
.g{flex:1;overflow-y:auto;padding:12px 16px;display:flex;flex-direction:column;gap:4px;overscroll-behavior:contain}
.g::before{content:"";margin-top:auto}
.m{max-width:85%;align-self:flex-start;display:flex;flex-direction:column;align-items:flex-start}
.m.y{align-self:flex-end;align-items:flex-end}
.u{background:var(--s);border-radius:12px;padding:8px 12px;white-space:pre-wrap;margin:0;max-width:100%}
.y .u{background:var(--c);color:var(--i)}
.u a{color:inherit}
.a{font-size:12px;line-height:18px;color:var(--t2);margin-top:8px}
.k{font-size:12px;line-height:18px;color:var(--t2);display:flex;gap:8px;flex-wrap:wrap;align-items:center}
.k.x{color:var(--bad)}
.day{align-self:center;font-size:12px;color:var(--t2);margin:8px 0}
.f{display:flex;gap:8px;text-decoration:none;color:inherit;border:1px solid var(--n);border-radius:8px;padding:8px 12px;margin-top:4px;max-width:100%;background:var(--bg);color:var(--t)}
.f small{color:var(--t2);flex:none}
.f img{min-width:32px;min-height:32px;max-width:100%;max-height:220px;display:block;border-radius:4px}
.z{all:unset;cursor:pointer;color:var(--l);text-decoration:underline;min-height:24px}
.o{align-self:center;padding:4px 8px}
.q{border-top:1px solid var(--n);padding:8px;display:flex;flex-direction:column;gap:8px}
.e{display:flex;gap:8px;align-items:end;flex-wrap:wrap;font-size:12px;color:var(--t2);margin:0}
.e label{flex:1 1 180px}
.e p{flex:1 1 100%;margin:0}
input.v,textarea{font:inherit;font-size:16px;line-height:24px;color:var(--t);background:var(--bg);border:1px solid var(--t2);border-radius:6px;padding:7px 10px;width:100%;display:block;margin:0}
textarea{resize:none;max-height:136px;min-height:40px}
.l{display:flex;gap:8px;align-items:end}
.l label.t{flex:1}
.h{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
button.s{all:unset;box-sizing:border-box;cursor:pointer;background:var(--c);color:var(--i);border-radius:6px;min-height:40px;padding:0 14px;font-weight:600;display:grid;place-items:center;flex:none;border:1px solid var(--n)}
.c{display:flex;flex-wrap:wrap;gap:4px}.c:empty{display:none}.q .d:empty{margin-top:-8px}
::placeholder{color:var(--t2);opacity:1}
.c span{display:flex;align-items:center;background:var(--s);border-radius:6px;padding-left:8px;font-size:12px;max-width:100%}
.c button.i{width:28px;height:28px}.c svg{width:14px;height:14px}
.wrong{color:var(--bad);font-size:12px;margin:0}
progress{width:96px;height:6px;accent-color:var(--l)}
@media(max-width:480px){.p{position:fixed;inset:0;width:auto;height:auto;max-width:none;border:0;border-radius:0}.p:not([hidden])+.b{visibility:hidden}}
@media(prefers-color-scheme:dark){:host{--bg:#1d1f23;--s:#2b2e34;--t:#eceef1;--t2:#b3b8c1;--n:#3c4048;--bad:#ff9d94}}
@media(forced-colors:active){.u,.y .u,button.s{border:1px solid}}`
