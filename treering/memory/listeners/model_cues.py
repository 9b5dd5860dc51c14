"""Words, in several languages, by which a window must be written whatever the routing says of it.

They only decide that a second question is asked and what it shows, never what becomes of a claim: a false alarm costs
one call. What they overlook, the routing model may still see.
"""

from __future__ import annotations

import re

#: Stems and forms of "forget", "delete" and "erase": English, German, Dutch, French, Spanish, Portuguese, Italian,
#: Polish, Russian, Turkish; then Chinese, Japanese, Korean, Arabic, Hindi.
_FORGET = re.compile(
    r"""
    \b(?:forget(?!ful|table)|delete|erase|wipe|purge|scrub
        |(?:no\ longer|don'?t|do\ not|stop)\ (?:remember|sav|stor|keep)\w*
        |vergiss|vergesst|vergessen\ sie|l\u00f6sch(?:e|t|en)?|vergeet|verwijder
        |oublie[rsz]?|efface[rsz]?|supprime[rsz]?
        |olvid[ae]\w*|borr[ae]\w*|elimin[ae]\w*|esque[c\u00e7]\w*|apag(?:a|ue)\w*|dimentic\w+|cancell\w+
        |zapomnij\w*|usu\u0144\w*|\u0437\u0430\u0431\u0443\u0434\u044c\w*|\u0443\u0434\u0430\u043b\u0438\w*
        |\u0441\u043e\u0442\u0440\u0438\w*|unut\w*|silin?)\b
    | \u5fd8\u8bb0|\u5fd8\u6389|\u5fd8\u4e86|\u5fd8\u8a18|\u5220\u9664|\u522a\u9664
    | \u5fd8\u308c\u3066|\u524a\u9664|\u6d88\u3057\u3066|\uc78a\uc5b4|\uc0ad\uc81c|\uc9c0\uc6cc
    | \u0627\u0646\u0633|\u0627\u0646\u0633\u064a|\u0627\u062d\u0630\u0641|\u0627\u0645\u0633\u062d
    | \u092d\u0942\u0932\ \u091c\u093e|\u092e\u093f\u091f\u093e
    """,
    re.IGNORECASE | re.VERBOSE,
)

#: Lines that somebody draws: "never mention", "stop asking", and the same in those languages.
_BOUNDARY = re.compile(
    r"""
    \b(?:never|don'?t|do\ not|stop|please\ avoid)\b[^.!?\n]{0,40}\b(?:mention|bring|talk|speak|ask|suggest
        |recommend|call|remind|joke|share|tell|use)\w*
    | \b(?:nie|nicht|kein\w*)\b[^.!?\n]{0,60}\b(?:erw\u00e4hn|ansprech|anzusprech|sprich|reden?|frag|vorschlag|empfehl
        |teil)\w*
    | \b(?:sprich|sprecht|red[e]?|frag[e]?|erw\u00e4hn[e]?|empf[ie]+hl|nenn[e]?)\b[^.!?\n]{0,40}\b(?:nie|nicht|kein)\w*
    | \b(?:ne|no|non|n\u00e3o|nunca|jamais|mai)\b[^.!?\n]{0,40}\b(?:mention|parl|menci\w*|habl|pregunt|fal[ae]|pergunt
        |propos|recom|suger|sugger|chied|compart)\w*
    | (?:\u522b|\u4e0d\u8981|\u8bf7\u52ff|\u4e0d\u51c6)[^\u3002\n]{0,12}
        (?:\u63d0|\u8bf4|\u95ee|\u63a8\u8350|\u544a\u8bc9)
    | \u0644\u0627\ [^.\n]{0,20}(?:\u062a\u0630\u0643\u0631|\u062a\u062a\u062d\u062f\u062b|\u062a\u0633\u0623\u0644
        |\u062a\u062e\u0628\u0631)
    """,
    re.IGNORECASE | re.VERBOSE,
)


def may_ask_to_forget(text: str) -> bool:
    """Whether somebody may be asking that something be forgotten.

    Example:
        >>> may_ask_to_forget("Bitte vergiss meine Adresse."), may_ask_to_forget("I moved to Graz.")
        (True, False)
    """
    return _FORGET.search(text) is not None


def may_draw_a_line(text: str) -> bool:
    """Whether somebody may be saying what is never to be mentioned or done.

    Example:
        >>> may_draw_a_line("Never bring up my ex again."), may_draw_a_line("No me hables de mi peso.")
        (True, True)
    """
    return _BOUNDARY.search(text) is not None
