/// The style sheet of all pages: light and dark mode, print, and narrow and wide screens.
enum PageStyle {
  /// The light colours, which print always uses.
  private static let light = """
    --paper:#fbfaf8;--card:#fff;--ink:#1d2126;--quiet:#616a75;--line:#e3e1dc;--soft:#f1efea;\
    --accent:#2d5bd1;--warn:#b3470b;--warn-soft:#fdf0e4;--good:#1f7a4d;\
    --c0:#2f6fd0;--c1:#e07b1f;--c2:#1f9e77;--c3:#c23b6b;--c4:#7a57c2;--c5:#a8881a;--c6:#3aa0b5;--c7:#7d7d7d;
    """

  static let css = """
    :root{color-scheme:light dark;\(light)}
    @media(prefers-color-scheme:dark){:root{--paper:#14171b;--card:#1c2026;--ink:#e8eaed;--quiet:#9aa4b1;--line:#2f353d;
    --soft:#252a31;--accent:#8db0ff;--warn:#ffb27a;--warn-soft:#3a2a1c;--good:#6fd0a0;
    --c0:#6ea3f5;--c1:#f2a25c;--c2:#52c8a1;--c3:#ee7fa6;--c4:#ab8ff0;--c5:#d6b84a;--c6:#6fc9dc;--c7:#a9a9a9}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
    "Noto Sans","Noto Sans KR",sans-serif;-webkit-text-size-adjust:100%}
    main{max-width:1080px;margin:0 auto;padding:2.5rem 1.25rem 4rem}
    h1{font-size:1.9rem;line-height:1.2;margin:0 0 .3rem;letter-spacing:-.015em;overflow-wrap:anywhere}
    h2{font-size:1.2rem;margin:2.6rem 0 .4rem;letter-spacing:-.01em}
    h3{font-size:.95rem;margin:1.1rem 0 .5rem;font-weight:600;overflow-wrap:anywhere}
    p{margin:.3rem 0 .8rem;max-width:46rem}
    .lead,.note{color:var(--quiet)}
    .note{font-size:.875rem}
    .path{overflow-wrap:anywhere}
    .card>h3:first-child{margin-top:0}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(132px,1fr));gap:.75rem;margin:1.5rem 0}
    .tile,.card{background:var(--card);border:1px solid var(--line);border-radius:12px}
    .tile{padding:.8rem 1rem}
    .tile b{display:block;font-size:1.55rem;line-height:1.2;font-weight:650;font-variant-numeric:tabular-nums;
    letter-spacing:-.02em;white-space:nowrap}
    .tile span{display:block;color:var(--quiet);font-size:.85rem;line-height:1.4;margin-top:.15rem;overflow-wrap:anywhere}
    .tile.warn b{color:var(--warn)}
    .card{padding:1.1rem 1.25rem;margin:.75rem 0}
    .warnings{list-style:none;margin:.75rem 0;padding:0;display:grid;gap:.6rem}
    .warnings li{background:var(--warn-soft);border-left:4px solid var(--warn);border-radius:6px;padding:.7rem 1rem;
    overflow-wrap:anywhere}
    .fine{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--good);border-radius:6px;
    padding:.7rem 1rem}
    .scroll{overflow-x:auto}
    table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
    th,td{padding:.4rem .7rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
    th{color:var(--quiet);font-weight:500;font-size:.82rem}
    th.text,td.text{text-align:left;min-width:5.5rem;white-space:normal;overflow-wrap:anywhere}
    th:first-child,td:first-child{padding-left:0}
    th:last-child,td:last-child{padding-right:0}
    tbody th{color:var(--ink);font-weight:400;font-size:inherit}
    tbody tr:last-child>*,.facts tr:last-child>*{border-bottom:0}
    td small,th small{display:block;color:var(--quiet);font-size:.78rem;line-height:1.2}
    .scroll th.text:first-child{position:sticky;left:0;z-index:1;background:var(--card)}
    .scroll:focus-visible{outline:2px solid var(--accent);outline-offset:3px;border-radius:4px}
    .bars{display:grid;grid-template-columns:minmax(4rem,max-content) 1fr max-content;gap:.45rem .8rem;
    align-items:center;font-size:.92rem}
    .bars .name{overflow-wrap:anywhere;max-width:14rem}
    .bars .value{text-align:right;font-variant-numeric:tabular-nums}
    .bars .value.warn{color:var(--warn);font-weight:650}
    .track{position:relative;height:1.1rem;background:var(--soft);border-radius:4px;overflow:hidden;display:flex}
    .track i{display:block;height:100%;background:var(--accent)}
    .track i.warn{background:var(--warn)}
    .track u{position:absolute;top:0;bottom:0;width:2px;background:var(--ink);opacity:.55}
    .legend span{min-width:0;overflow-wrap:anywhere}
    .legend{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;font-size:.85rem;color:var(--quiet);margin:.2rem 0 .8rem}
    .legend i{display:inline-block;width:.7rem;height:.7rem;border-radius:3px;margin-right:.4rem}
    .thumbs{display:flex;flex-wrap:wrap;gap:.5rem}
    .thumbs img{height:84px;width:auto;max-width:160px;object-fit:contain;border-radius:6px;background:var(--soft);
    display:block}
    .pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(290px,1fr));gap:.75rem}
    .pairs .card{margin:0;padding:.9rem}
    .pairs .thumbs img{height:120px;max-width:125px}
    .pairs p{margin:.5rem 0 0;font-size:.8rem;line-height:1.4;color:var(--quiet);overflow-wrap:anywhere}
    .tag{display:inline-block;font-size:.75rem;font-weight:600;padding:.1rem .5rem;border-radius:99px;
    background:var(--soft);color:var(--quiet);margin:0 .35rem .5rem 0}
    .tag.warn{background:var(--warn-soft);color:var(--warn)}
    .two{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:.75rem}
    .two .card{margin:0}
    svg{display:block;width:100%;height:auto}
    svg text{fill:var(--quiet);font:12px system-ui,sans-serif}
    svg .axis{stroke:var(--line);stroke-width:1}
    .charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,400px),1fr));gap:.75rem}
    .charts .card{margin:0}
    svg .line{fill:none;stroke-width:2;stroke-linejoin:round}
    svg .mark{stroke:var(--quiet);stroke-width:1;stroke-dasharray:3 3}
    svg .diagonal{stroke:var(--quiet);stroke-width:1;stroke-dasharray:5 4;opacity:.7}
    .confusion td{position:relative;padding:.5rem .8rem;text-align:center;border:1px solid var(--line)}
    .confusion td i{position:absolute;inset:0;background:var(--accent)}
    .confusion td i.wrong{background:var(--warn)}
    .confusion td b,.confusion td span{position:relative;display:block;line-height:1.25}
    .confusion td span{font-size:.78rem;color:var(--quiet)}
    .confusion th{text-align:center;overflow-wrap:anywhere;max-width:9rem;white-space:normal}
    .confusion th.text{text-align:left}
    .confusion thead tr:first-child>*{border:0;padding:.2rem .8rem}
    .confusion thead th{min-width:3.4rem}
    .confusion tbody tr:last-child>td{border-bottom:1px solid var(--line)}
    abbr{text-decoration:none}
    .matrix{max-width:680px}
    .matrix svg text{font-size:14px}
    .figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:.75rem}
    figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:.6rem;
    break-inside:avoid}
    figure img{display:block;width:100%;height:auto;max-height:150px;object-fit:contain;border-radius:6px;
    background:var(--soft)}
    figure .gone{display:block;height:90px;border-radius:6px;background:var(--soft)}
    figcaption{font-size:.85rem;line-height:1.35;margin-top:.4rem;overflow-wrap:anywhere}
    figcaption .path{display:block;font-size:.75rem;color:var(--quiet)}
    .batch{display:grid;grid-template-columns:repeat(auto-fill,minmax(104px,1fr));gap:.75rem .6rem}
    .batch figure{border:0;padding:0;border-radius:0;background:none}
    .batch img{image-rendering:auto;max-height:none}
    .batch figcaption{font-size:.75rem;color:var(--quiet);margin-top:.25rem}
    pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font:.88rem/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,
    monospace}
    .notes{color:var(--quiet);font-size:.9rem;padding-left:1.2rem;overflow-wrap:anywhere}
    .facts th{width:12rem;white-space:normal}
    footer{margin-top:3rem;color:var(--quiet);font-size:.82rem}
    @media(max-width:520px){main{padding:1.5rem 1rem 3rem}h1{font-size:1.5rem}.card{padding:.9rem 1rem}
    .thumbs img{height:64px;max-width:110px}.pairs .thumbs img{height:105px}
    th,td{padding:.4rem .45rem}th.text,td.text{min-width:7rem}.scroll th.text:first-child{max-width:10rem}
    .bars{grid-template-columns:minmax(0,1fr) max-content;grid-auto-flow:row dense;gap:.15rem .8rem}.bars .track{grid-column:1/-1;grid-row:auto;
    margin-bottom:.5rem}.bars .name{max-width:none}.bars .value{grid-column:2}
    .figures{grid-template-columns:repeat(auto-fill,minmax(140px,1fr))}.facts th{width:7rem}
    svg text{font-size:14px}.matrix svg text{font-size:19px}}
    @media print{@page{margin:14mm}:root{color-scheme:light;\(light)--paper:#fff}
    body{font-size:10pt}main{max-width:none;padding:0}h2{margin-top:1.6rem}
    .tiles{grid-template-columns:repeat(4,1fr)}.charts,.two{grid-template-columns:1fr 1fr}
    .figures{grid-template-columns:repeat(6,1fr);gap:.5rem}.batch{grid-template-columns:repeat(8,1fr)}
    .charts .card,.two .card,.tile,.warnings li,.pairs .card,figure,tr,.fine,pre,svg,.matrix,.bars>*{break-inside:avoid}
    .card{padding:.8rem .9rem}.scroll{overflow:visible}.scroll th.text:first-child{position:static}
    table{font-size:.8rem}th,td{padding:.3rem .4rem}th.text,td.text{min-width:4rem}
    thead{display:table-header-group}h2,h3,h2+.note{break-after:avoid}h2+*,h3+*{break-before:avoid}.facts{break-inside:avoid}p{orphans:3;widows:3}
    .matrix{max-width:460px}footer{break-before:avoid}
    *{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
    """

  /// The number of colours for classes and splits. They repeat.
  static let colours = 8

  static func colour(_ index: Int) -> String { "var(--c\(index % colours))" }
}
