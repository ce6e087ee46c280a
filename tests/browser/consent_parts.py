"""Parts of pages with a consent box. `BOX` stands for the tick box, `TEXT` for what a page shows as the statement."""

from __future__ import annotations

STATEMENT = "Send me the monthly newsletter. I can't lose: I can stop at any time."
FIRST, SECOND = "Send me the monthly newsletter.", "I can't lose: I can stop at any time."
OTHER = "I accept the terms of the competition."
BOX = '<input type="checkbox" id="news" name="news" value="true">'

STRUCTURES = {
    "wrapped": "<label>BOX TEXT</label>",
    "wrapped, box last": "<label>TEXT BOX</label>",
    "label after": '<p>BOX<label for="news">TEXT</label></p>',
    "label before": '<p><label for="news">TEXT</label> BOX</p>',
    "label above": '<label for="news" style="display: block">TEXT</label>BOX',
    "nested": "<div><label><span>BOX</span><span><em>TEXT</em></span></label></div>",
    "labelledby": '<div aria-labelledby="said">BOX<span id="said">TEXT</span></div>',
    "label and labelledby": '<label id="said" aria-labelledby="said">BOX TEXT</label>',
    "fieldset": "<fieldset><legend>Stay in touch</legend><label>BOX TEXT</label></fieldset>",
    "aria-label": f'<p aria-label="{STATEMENT}">BOX <span>TEXT</span></p>',
    "table": '<table><tr><td>BOX</td><td><label for="news">TEXT</label></td></tr></table>',
    "framework's no": '<input type="hidden" name="news" value="0"><label>BOX TEXT</label>',
    "among choices": '<fieldset><legend>Topics</legend><label><input type="checkbox" name="topics" value="a" checked> A'
    '</label><label><input type="checkbox" name="topics" value="b"> B</label></fieldset><label>BOX TEXT</label>',
    "two widths": '<label for="news" style="display: none">TEXT</label>BOX<label for="news">TEXT</label>',
}

TAMPERED_STRUCTURES = ("wrapped", "label after", "labelledby", "table")

MARKUP = {
    "plain": STATEMENT,
    "link": f'Send me the <a href="/news">monthly newsletter</a>. {SECOND}',
    "link at the end": f'{FIRST} I can\'t lose: I can stop <a href="/stop">at any time</a>.',
    "bold": f"<b>{FIRST}</b> <strong>I can't</strong> lose: <i>I can stop</i> at any time.",
    "line break": f"{FIRST}<br>{SECOND}",
    "non-breaking spaces": STATEMENT.replace(" ", "&nbsp;", 4),
    "entities": STATEMENT.replace("'", "&#39;").replace("S", "&#x53;").replace(".", "&period;"),
    "soft hyphens": STATEMENT.replace("newsletter", "news&shy;let&shy;ter"),
    "white space": f"\n\t Send   me\n the{STATEMENT.removeprefix('Send me the')}\r\n ",
    "places to break": STATEMENT.replace("newsletter", "news<wbr>let&#8203;ter"),
    "read-out hint": f'{FIRST} <span style="position: absolute; width: 1px; height: 1px; overflow: hidden; '
    f'clip-path: inset(50%); white-space: nowrap">(opens in a new tab)</span>{SECOND}',
    "star": f'{STATEMENT} <span aria-hidden="true">*</span>',
    "capitals by style": f'<span style="text-transform: uppercase">{STATEMENT}</span>',
    "typographic": STATEMENT.replace("'", "&rsquo;"),
    "comment and script": f"<!-- {OTHER} --><script>1;</script>{STATEMENT}",
    "each word apart": "".join(f"<span>{word} </span>" for word in STATEMENT.split()),
    "narrow": f'<span style="display: block; width: 90px; hyphens: auto">{STATEMENT}</span>',
}

LANGUAGES = {
    "de": "Ja, ich möchte den monatlichen Rundbrief. Das kann ich jederzeit ändern.",
    "fr": "Oui, envoyez-moi la lettre mensuelle : je peux me désinscrire à tout moment.",
    "es": "Sí, quiero el boletín mensual. ¿Puedo darme de baja? ¡Siempre!",
    "el": "Ναι, στείλτε μου το δελτίο κάθε μήνα. Σταματώ όποτε θέλω.",  # noqa: RUF001
    "uk": "Надсилайте мені щомісячні новини. Я можу відмовитися будь-коли.",
    "ja": "毎月のニュースレターを送ってください。いつでも停止できます。",
    "zh": "请每月给我发送通讯。我可以随时退订。",
    "th": "ส่งจดหมายข่าวรายเดือนให้ฉัน ฉันหยุดได้ทุกเมื่อ",
    "ar": "أرسلوا لي النشرة الشهرية. يمكنني التوقف في أي وقت.",
    "he": "שלחו לי את הידיעון החודשי. אפשר להפסיק בכל עת.",
    "hi": "मुझे मासिक समाचार पत्र भेजें। मैं कभी भी रोक सकता हूँ।",
    "vi": "Gửi cho tôi bản tin hàng tháng. Tôi có thể dừng bất cứ lúc nào.",
}

SETTINGS = {
    "below the fold": '<div style="height: 3000px"></div>FORM',
    "scrolled past": 'FORM<div style="height: 3000px"></div>',
    "in open details": "<details open><summary>Sign up</summary>FORM</details>",
    "in a dialog": '<dialog id="d">FORM</dialog>',
    "in a fixed panel": '<div style="position: fixed; inset: 20px; background: #fff; overflow: auto">FORM</div>',
    "dark by the browser": "<style>:root { color-scheme: dark }</style>FORM",
    "dark by style": "<style>body { background: #111; color: #eee }</style>FORM",
    "dark card": '<div style="background: rgb(20 20 40 / 90%); color: white; padding: 1em">FORM</div>',
    "grey on white": "<style>body { color: #767676 }</style>FORM",
    "colours of another space": "<style>body { background: oklch(1 0 90); color: oklch(0.2 0 90) }</style>FORM",
    "white on a picture": '<div style="background: linear-gradient(navy, black); color: #fff">FORM</div>',
    "white on a plate beside": '<div style="position: relative; color: #fff"><i style="position: absolute; inset: 0; '
    'background: #135"></i><div style="position: relative">FORM</div></div>',
    "white on a plate by style": "<style>#s { color: #fff; position: relative; z-index: 0 } #s::before { content: ''; "
    'position: absolute; inset: 0; background: #135; z-index: -1 }</style><div id="s">FORM</div>',
    "white on an image": '<div style="position: relative; color: #fff"><img alt="" src="data:," '
    'style="position: absolute; width: 100%; height: 100%"><div style="position: relative">FORM</div></div>',
    "gradient as ink": "<style>label { background: linear-gradient(red, blue); background-clip: text; "
    "-webkit-text-fill-color: transparent }</style>FORM",
    "zoomed in": '<div style="zoom: 3">FORM</div>',
    "zoomed out": '<div style="zoom: .6">FORM</div>',
    "scaled": '<div style="transform: scale(.8)">FORM</div>',
    "small print": '<div style="font-size: 9px; opacity: .7">FORM</div>',
    "from right to left": "FORM",
    "from right to left, wide": '<div style="width: 3000px"><div style="margin-right: 2000px">FORM</div></div>',
    "wide page, scrolled": '<div style="width: 3000px">FORM</div>',
    "sticky header": '<header style="position: sticky; top: 0; height: 60px; background: #fff">Menu</header>FORM'
    '<div style="height: 3000px"></div>',
    "cookie banner": 'FORM<div style="height: 3000px"></div>'
    '<div style="position: fixed; inset: 0 0 auto; height: 200px; background: #eee"><b>Cookies?</b></div>',
    "decoration above": 'FORM<div style="position: fixed; inset: 0; pointer-events: none; '
    'background: linear-gradient(transparent, rgb(0 0 0 / 10%))"></div>',
    "clear pane above": '<div style="position: relative">FORM<i style="position: absolute; inset: 0"></i></div>',
    "scroll box": '<div style="height: 120px; overflow: auto">FORM</div>',
    "scroll box, scrolled": '<div id="s" style="height: 120px; overflow: auto">FORM'
    '<div style="height: 900px"></div></div>',
    "round card": '<div style="overflow: hidden; border-radius: 2em; padding: 1em; box-shadow: 0 0 9px">FORM</div>',
    "reversed": '<div style="display: flex; flex-direction: column-reverse">FORM<p>Hello</p></div>',
    "columns": '<div style="columns: 3">FORM<p>Hello</p></div>',
    "form without a box": "<style>form { display: contents }</style>FORM",
    "form without a box, below the fold": "<style>form { display: contents }</style>"
    '<div style="height: 3000px"></div>FORM',
    "label without a box": "<style>label { display: contents }</style>FORM",
    "drawn when needed": '<div style="content-visibility: auto">FORM</div>',
    "no pointer on texts": "<style>label, label * { pointer-events: none }</style>FORM",
    "pane of the label": "<style>label { position: relative; background: #fff } "
    'label::after { content: ""; position: absolute; inset: 0 }</style>FORM',
    "tooltip": '<style>label::after { content: "Tick it"; position: absolute; opacity: 0 }</style>FORM',
    "star by style": '<style>label::after { content: " *"; color: red }</style>FORM',
    "large": "<style>body { font: 40px/2 serif }</style>FORM",
    "behind, on nothing": "<style>label { position: relative; z-index: -1 }</style>FORM",
}

ON_LOAD = {
    "scrolled past": "scrollTo(0, 2000)",
    "in a dialog": "document.getElementById('d').showModal()",
    "from right to left": "document.documentElement.dir = 'rtl'",
    "from right to left, wide": "document.documentElement.dir = 'rtl'",
    "wide page, scrolled": "scrollTo(1500, 0)",
    "sticky header": "scrollTo(0, 60)",
    "scroll box, scrolled": "document.getElementById('s').scrollTo(0, 900)",
    "drawn when needed": "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))",
}
"""What a script of these pages does."""

_TUCKED = "position: absolute; opacity: 0; width: 0; height: 0"
CUSTOM_BOXES = {
    "restyled": "<style>#news { appearance: none; width: 20px; height: 20px; border: 2px solid }</style>"
    "<label>BOX TEXT</label>",
    "mark in the label": f"<style>#news {{ {_TUCKED} }} .mark {{ display: inline-block; width: 20px; height: 20px; "
    'background: #eee }</style><label>TEXT BOX<span class="mark"></span></label>',
    "drawn before the label": f"<style>#news {{ {_TUCKED} }} label::before {{ content: ''; display: inline-block; "
    'width: 16px; height: 16px; border: 1px solid }</style>BOX<label for="news">TEXT</label>',
    "glyph before the label": f"<style>#news {{ {_TUCKED} }} label::before {{ content: '☐ ' }} "
    '#news:checked + label::before { content: "☑ " }</style>BOX<label for="news">TEXT</label>',
    "drawn between box and label": f"<style>#news {{ {_TUCKED} }} #news + i {{ display: inline-block; width: 18px; "
    'height: 18px; border: 1px solid }</style>BOX<i></i> <label for="news">TEXT</label>',
    "switch": f"<style>#news {{ {_TUCKED} }} .slider {{ display: inline-block; width: 40px; height: 20px; "
    'border-radius: 9px; background: grey }</style><label>BOX<span class="slider"></span></label>'
    '<label for="news">TEXT</label>',
    "clipped, with a picture": "<style>#news { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; "
    'overflow: hidden }</style><label>BOX<svg width="18" height="18"><rect width="18" height="18"/></svg> '
    "TEXT</label>",
    "invisible above its drawing": "<style>.box { position: relative; display: inline-block; width: 20px; "
    "height: 20px } .box i { position: absolute; inset: 0; border: 1px solid } "
    "#news { position: absolute; inset: 0; opacity: 0; "
    'width: 20px; height: 20px; margin: 0; z-index: 1 }</style><label><span class="box">BOX<i></i></span> TEXT</label>',
    "not displayed, drawn beside": "<style>#news { display: none } #news + i { display: inline-block; width: 18px; "
    "height: 18px; border: 1px solid }</style><label>BOX<i></i> TEXT</label>",
    "checkbox over all of its row": "<style>.row { position: relative } .row i { display: inline-block; width: 18px; "
    "height: 18px; border: 1px solid } #news { position: absolute; inset: 0; width: 100%; height: 100%; opacity: 0 }"
    '</style><div class="row"><label>BOX<i></i> TEXT</label></div>',
}

# What was tampered with.

WORDINGS = {
    "reworded": "Send me everything. I can stop at any time.",
    "swapped": OTHER,
    "not": STATEMENT.replace("Send", "Do not send"),
    "hidden not": STATEMENT.replace("can stop", "can <small>not</small> stop"),
    "word missing": STATEMENT.replace("monthly ", ""),
    "half missing": FIRST,
    "daily": STATEMENT.replace("monthly", "daily"),
    "more": f"{STATEMENT} And sell my address.",
    "more before": f"I am of age. {STATEMENT}",
    "more in small print": f'{STATEMENT} <small style="font-size: 7px">Partners too.</small>',
    "words in another order": f"{SECOND} {FIRST}",
    "another language": LANGUAGES["de"],
    "yes": "Yes!",
    "nothing": "",
    "a picture": '<img alt="" width="90" height="20" src="data:,">',
}

HIDING = {
    "not displayed": "display: none",
    "not visible": "visibility: hidden",
    "collapsed": "visibility: collapse",
    "clear": "opacity: 0",
    "nearly clear": "opacity: .04",
    "clear by filter": "filter: opacity(0)",
    "blurred": "filter: blur(12px)",
    "off screen, left": "position: absolute; left: -9999px",
    "just off screen": "position: absolute; left: -640px",
    "off screen, right": "position: absolute; left: 9999px",
    "off screen, above": "position: absolute; top: -9999px",
    "off screen, below": "position: absolute; top: 99999px",
    "fixed off screen": "position: fixed; top: -500px",
    "moved away": "display: inline-block; transform: translateX(-300vw)",
    "moved by a margin": "display: block; margin-left: -9999px",
    "clipped by a path": "display: block; clip-path: inset(50%)",
    "clipped by a circle": "display: block; clip-path: circle(0)",
    "clipped as of old": "position: absolute; clip: rect(0, 0, 0, 0)",
    "screen readers only": "position: absolute; width: 1px; height: 1px; overflow: hidden; white-space: nowrap",
    "no height": "display: block; height: 0; overflow: hidden",
    "no width": "display: block; width: 0; overflow: hidden; white-space: nowrap",
    "low height": "display: block; max-height: 2px; overflow: clip",
    "tiny scroll box": "display: block; height: 3px; width: 3px; overflow: scroll",
    "scaled to nothing": "display: block; transform: scale(0)",
    "scaled to a dot": "display: block; transform: scale(.05)",
    "turned on edge": "display: block; transform: rotateY(90deg)",
    "skipped": "display: block; content-visibility: hidden",
    "behind the page": "display: block; position: relative; z-index: -1",
}
"""Of the box with its text, or of the text alone. Behind the page needs a page with a colour."""

SEEN_ANYWHERE = ("not displayed", "not visible", "clear", "blurred", "no height", "scaled to nothing")
"""Of these, what shows below the window, too, where the browser does not tell what covers what."""

INKS = {
    "font of 1 px": "font-size: 1px",
    "font of no size": "font-size: 0",
    "ink of the paper": "color: #fff",
    "ink nearly of the paper": "color: #fafafa",
    "clear ink": "color: transparent",
    "nearly clear ink": "color: rgb(0 0 0 / 3%)",
    "clear fill": "-webkit-text-fill-color: transparent",
    "ink of a paper of its own": "background: #135; color: #146",
    "indented away": "display: block; text-indent: -9999px; overflow: hidden; white-space: nowrap",
    "struck through": "text-decoration: line-through",
}
"""Of the text alone."""

COVERS = {
    "plate": "position: absolute; inset: 0; background: #fff",
    "plate that lets clicks through": "position: absolute; inset: 0; background: #fff; pointer-events: none",
    "plate fixed on the window": "position: fixed; inset: 0 0 60%; background: #fff",
    "plate on the second half": "position: absolute; inset: 0 0 0 50%; background: #fff",
}

WHITE = "<style>form { background: #fff }</style>"

TAMPERED_ONCE = {
    "ticked beforehand": '<label><input type="checkbox" name="news" value="true" checked> TEXT</label>',
    "ticked beforehand, label after": '<input type="checkbox" id="news" name="news" value="true" checked>'
    '<label for="news">TEXT</label>',
    "ticked beforehand, labelledby": '<input type="checkbox" name="news" value="true" checked aria-labelledby="said">'
    '<span id="said">TEXT</span>',
    "hidden input": '<p>TEXT</p><input type="hidden" name="news" value="true">',
    "hidden input that says yes": '<label>TEXT<input type="hidden" name="news" value="yes"></label>',
    "hidden input that says yes, and a box": '<input type="hidden" name="news" value="1"><label>BOX TEXT</label>',
    "empty label": "<label>BOX</label>",
    "empty label, text beside": "<label>BOX</label> TEXT",
    "no label": "BOX TEXT",
    "no label, in a paragraph": "<p>BOX TEXT</p>",
    "no label, nothing": "BOX",
    "label of another box": '<input type="checkbox" id="terms" name="terms"><label for="terms">TEXT</label>'
    f'BOX<label for="news">{OTHER}</label>',
    "labels exchanged": f'BOX<label for="terms">TEXT</label><input type="checkbox" id="terms" name="terms">'
    f'<label for="news">{OTHER}</label>',
    "label of no box": 'BOX<label for="nobody">TEXT</label>',
    "read out only": f'<p aria-label="{STATEMENT}">BOX Yes!</p>',
    "read out, nothing shown": f'<p aria-label="{STATEMENT}">BOX</p>',
    "statement elsewhere": '<p aria-labelledby="said"><label>BOX Yes!</label></p><p id="said">TEXT</p>',
    "white on a white plate beside": '<style>body { background: #000 }</style><div style="position: relative">'
    '<i style="position: absolute; inset: 0; background: #fff"></i>'
    '<label style="position: relative; color: #fff">BOX TEXT</label></div>',
    "plate by style": "<style>#s { position: relative } #s::after { content: ''; position: absolute; inset: 0; "
    'background: #fff }</style><div id="s"><label>BOX <b>TEXT</b></label></div>',
    "plate by style of another": "<style>#s { position: relative } #t::after { content: ''; position: absolute; "
    'inset: 0; background: #fff }</style><div id="s"><label>BOX TEXT</label><i id="t"></i></div>',
    "two boxes of one name": f"<label>BOX TEXT</label><label>{BOX.replace('news', 'more', 1)} Sell my address.</label>",
    "two boxes of one name, the statement last": f"<label>{BOX.replace('news', 'more', 1)} Sell my address.</label>"
    "<label>BOX TEXT</label>",
    "not, by style": "<style>label::before { content: 'Do not ' }</style><label>BOX TEXT</label>",
    "more, by style": "<style>label::after { content: ' Partners too.' }</style><label>BOX TEXT</label>",
    "closed details": "<details><summary>Sign up</summary><label>BOX TEXT</label></details>",
    "hidden beside another text": '<label>BOX Yes! <i style="opacity: 0">TEXT</i></label>',
    "box not displayed": "<style>#news { display: none }</style><label>BOX TEXT</label>",
    "box clear": "<style>#news { opacity: 0 }</style><label>BOX TEXT</label>",
    "box off screen": "<style>#news { position: absolute; left: -9999px }</style><label>BOX TEXT</label>",
    "box of one pixel": "<style>#news { appearance: none; width: 1px; height: 1px }</style><label>BOX TEXT</label>",
    "box covered": "<style>span { position: relative } i { position: absolute; inset: -5px; background: #fff }</style>"
    "<label><span>BOX<i>&nbsp;</i></span> TEXT</label>",
}
