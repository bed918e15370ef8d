"""Words that end with a point of their own, and words that begin sentences: what tells one point from another.

All are kept in lower case and without their last point; the parts of one such as "z. B." are joined: "z.b".
"""

from __future__ import annotations


def _words(*lists: str) -> frozenset[str]:
    return frozenset(word for words in lists for word in words.split())


GO_ON = _words(
    # Titles, and what else cannot be the last word: something follows in any case.
    "dr drs prof mr mrs ms mx messrs st ste rev hon pres gov sen rep gen col lt sgt capt cmdr maj adm mt",
    "e.g i.e eg ie cf viz vs v approx ca c esp incl resp al.a",
    "hr hrn fr frl dipl ing z.b d.h u.u z.t z.zt s.o s.u u.ä o.ä vgl bzw bspw sog inkl exkl zzgl ggf evtl insb gem",
    "dt engl frz lat griech geb gest a.a.o i.a i.s i.e.s m.e n.b p.ex cad c.-à-d c.à.d mme mlle mgr env",
    "sra srta dña dra ud uds p.ej p.e pág núm sr.ª sig sig.ra dott avv ecc.a ad.es p.es es dhr mevr bijv d.w.z o.a",
    "bl.a t.ex f.eks tzn tj np tzv např пр т.е т.к напр г-н г-жа им",
)
BEFORE_NUMBERS = _words(
    # Ends a sentence unless a number, or a letter in place of one, follows: "Fig. 3", "S. 12", "No. 5".
    "fig figs eq eqs no nos nr nrn s p pp f ff vol vols ch chap sec sect art arts para ed eds tab tabs app n nn nº nó",
    "abb kap abs bd bde ziff anm z zl str tel az seite aufl jg hft h pos rn rdnr bl t pág págs núm cap vgl pag blz afb",
    "jan feb mar apr jun jul aug sep sept oct nov dec mär okt dez janv févr avr juil déc ene abr ago dic",
    "рис стр гл с п см",
)
MAY_END = _words(
    # Stands inside a sentence and at its end: what follows tells.
    "etc usw u.a u.v.m uvm inc ltd co corp bros jr sr esq al est dept a.m p.m u.s u.s.a u.k u.n e.v ph.d m.d b.a m.a",
    "b.sc m.sc v.chr n.chr b.c a.d i.d.r o.g n.chr. ecc enz osv m.m itd itp atd и.т.д т.д т.п др г гг вв руб тыс",
)
DAY_HALVES = _words("a.m p.m")
STARTERS = _words(
    "a after all although an and another are as at because before both but by can could did do does each every finally",
    "first for from had has have he her here his how however i if in is it its let many maybe most my next no not now",
    "of on once one or our perhaps she since so some such that the their then there these they this",
    "those though thus to",
    "today was we were what when where which while who why will with yes yet you your",
    "aber alle alles als am an auch auf aus außerdem bei beide bis da dabei dadurch dafür daher damit",
    "danach dann daran",
    "darauf darin das dazu denn der des deshalb die dies diese dieser dieses doch dort du ein eine einer",
    "eines er erst es",
    "etwa für hier heute ich ihr ihre im immer in ist jede jeder jedes jetzt kein keine man manche mit",
    "nach nicht noch nun",
    "nur ob oder ohne schon sehr sein seine seit sie sind so später trotzdem um und uns unser unter",
    "viele vielleicht vom",
    "von vor wann war warum was weil welche wenn wer wie wir wo zu zuerst zum zur zwei",
    "alors après avant avec c'est ce ces cet cette dans des elle elles en et il ils je mais nous on or",
    "par pour puis quand",
    "qui si son sur tu un une vous y a ahora así cuando después donde ella ellos entonces esta este esto",
    "hay luego nosotros",
    "para pero por que según sin también todo yo con allora anche che come dopo ed essa ma nel non per",
    "poi quando questo",
    "questa se sono le la les lo los el las gli il het een de dit dat maar hij zij wij",
)
NAME_PARTICLES = _words("a da das de del der des di do dos du el i il la las le les lo los o van von y zu")
"""Starters that stand in names as well: no sentence begins with them after the initial of a name."""

ORDINALS_BEFORE = _words(
    # After these a number with a point is an ordinal: "im 19. Jahrhundert", "den 2. Weltkrieg".
    "der die das den dem des am im vom zum zur beim ab bis seit ein eine einen einem einer eines jeder",
    "jede jedes jeden",
    "mein meine meinen sein seine seinen ihr ihre ihren unser unsere dieser diese diesen ins ans erster",
    "und d den det de",
    "til fra fram w do od dnia dne ve",
)
ORDINALS_AFTER = _words(
    # Before these, too: months first, in the languages that write ordinals with a point.
    "januar jänner februar feber märz april mai juni juli august september oktober november dezember jan feb mär apr",
    "jun jul aug sep sept okt nov dez januari februari mars maj augusti oktober december marts tammikuuta helmikuuta",
    "jahrhundert jahrhunderts jahrhunderte jh jhdt jahrtausend auflage kapitel klasse weltkrieg weltkriegs stock etage",
    "platz rang lebensjahr geburtstag tag woche monat jahr quartal semester schuljahr runde liga mal",
    "teil band akt stufe",
    "century",
)
