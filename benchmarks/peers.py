"""What others do, as SQL over the flat tables: our own score well tuned, and the shapes of two peers' queries."""

from typing import Any

from matching.policy import Policy

SETTINGS = "set work_mem = '256MB'; set jit = off; set max_parallel_workers_per_gather = 0;"

_SCORED = """
with pairs as materialized (
    select v.v, o.o, k.km, k.points, v.lot, v.pattern, v.near, v.themes & o.themes as themes,
        v.wishes & o.fulfils as wishes, v.spoken & o.welcome as welcome, o.low, o.high, o.inexperienced, o.far
    from race_v v
    join race_km k on k.place = v.place and k.limited <= v.max_km
    join race_o o on o.o = k.o
    where {which}
        and case when o.takes_all then v.slots & o.slots = o.slots else v.slots & o.slots <> 0 end
        and o.dutch <= v.dutch and o.hours <= v.hours and o.commitment <= v.commitment
        and (o.any_of = 0 or o.any_of & v.spoken <> 0) and o.min_age <= v.age
        and o.clashes & v.boundaries = 0 and o.themes & v.excluded = 0
        and (o.flags & 16 = 0 or v.flags & 1 <> 0) and (o.flags & 32 = 0 or v.flags & 2 <> 0)
        and (not o.needs_talent or exists (
            select from race_ot a join race_vt h using (talent)
            where a.o = o.o and a.is_needed and h.v = v.v and h.level >= 2))
), talents as (
    select p.v, p.o, sum(a.worth[h.level]) as points, max(h.level) as best
    from pairs p join race_vt h on h.v = p.v join race_ot a on a.o = p.o and a.talent = h.talent
    group by p.v, p.o
), scored as (
    select p.v, p.o, p.km, p.lot, p.points + coalesce(t.points, 0)
        + bit_count(p.themes::bit(32)) * {theme} + bit_count(p.wishes::bit(32)) * {wish}
        + case when p.welcome <> 0 then {language_welcome} else 0 end
        - (p.low[1 + (p.pattern & 31)] + p.high[1 + (p.pattern >> 5)]
            + case when coalesce(t.best, 0) < 2 then p.inexperienced else 0 end
            + case when p.km > p.near then p.far else 0 end) * {ease} / 10 as points
    from pairs p left join talents t on t.v = p.v and t.o = p.o
), ranked as (
    select v, o, points, row_number() over (partition by {whose} order by points desc, km, {tie}) as rank from scored
)
select {whose}, array_agg({listed} order by rank), array_agg(points order by rank)
from ranked where rank <= {most} group by {whose}
"""


def same_score(policy: Policy, *, of_people: bool, first: int, until: int, most: int) -> str:
    """The lists of some people, or of some opportunities, with exactly our points and ties."""
    return _SCORED.format(
        which=f"{'v.v' if of_people else 'o.o'} >= {first} and {'v.v' if of_people else 'o.o'} < {until}",
        whose="v" if of_people else "o",
        listed="o" if of_people else "v",
        tie="o" if of_people else "lot",
        most=most,
        theme=policy.theme,
        wish=policy.wish,
        language_welcome=policy.language_welcome,
        ease=policy.ease_per_threshold_point,
    )


PEER_TABLES = """
drop table if exists race_values;
create unlogged table race_values as
    select o, 'domain' as taxonomy, bit as value, 1.0::float8 as score
    from race_o, generate_series(0, 31) as bit where themes >> bit & 1 = 1
    union all select o, 'activity', talent, case when is_needed then 1.0 else 0.85 end from race_ot
    union all select o, 'rhythm', commitment, 1.0 from race_o
    union all select o, 'motivation', bit, 1.0 from race_o, generate_series(0, 31) as bit where fulfils >> bit & 1 = 1;
create index on race_values (taxonomy, value) include (o, score);
create index on race_values (o);
analyze race_values;
"""

_HAVERSINE = """2 * 6371 * asin(least(1, sqrt(power(sin(radians(o.lat - {lat}) / 2), 2)
    + cos(radians({lat})) * cos(radians(o.lat)) * power(sin(radians(o.lon - {lon}) / 2), 2))))"""


def shaped_like_api_engagement(person: dict[str, Any]) -> str:
    """One statement a person: shared values per taxonomy, weighed, mixed with the distance (version m4)."""
    answers = ", ".join(f"('{taxonomy}', {value})" for taxonomy, value in person["answers"])
    km = _HAVERSINE.format(lat=person["lat"], lon=person["lon"])
    return f"""
    with answers (taxonomy, value) as (values {answers}),
    weights (taxonomy, weight) as (values ('domain', 1.5), ('activity', 1.5), ('rhythm', 1.2), ('motivation', 1.0)),
    asked as (select taxonomy, count(*) as count from answers group by taxonomy),
    shared as (
        select r.o, r.taxonomy, sum(r.score) as score from race_values r join answers using (taxonomy, value)
        group by r.o, r.taxonomy
    ), taxonomies as (
        select s.o, sum(w.weight * (0.5 + 0.5 * least(1, s.score / a.count)))
            / (select sum(weight) from weights join asked using (taxonomy)) as score
        from shared s join asked a using (taxonomy) join weights w using (taxonomy) group by s.o
    ), places as (
        select o.o, case when o.is_here then 0.9 else greatest(0, 1 - ({km}) / {person["max_km"]}) end as score
        from race_o o
    )
    select p.o, (0.3 * coalesce(t.score, 0) + 0.3 * p.score) / 0.6 as score
    from places p left join taxonomies t using (o) order by score desc, p.o limit 20
    """  # noqa: S608  numbers of an invented city


def shaped_like_bluebottle(person: dict[str, Any]) -> str:
    """One skill, one theme, near or not: a far simpler question."""
    skills = ", ".join(str(value) for taxonomy, value in person["answers"] if taxonomy == "activity") or "-1"
    km = _HAVERSINE.format(lat=person["lat"], lon=person["lon"])
    return f"""
    select o.o, 0.5 + case when first.talent in ({skills}) then 1.0 else 0 end
        + case when o.themes & -o.themes & {person["themes"]} <> 0 then 1.5 else 0 end
        + case when o.is_here or ({km}) <= {person["max_km"]} then 0.001 else 0 end as score
    from race_o o left join lateral (
        select a.talent from race_ot a where a.o = o.o order by a.is_needed desc, a.talent limit 1) as first on true
    order by score desc, o.o limit 10
    """  # noqa: S608  numbers of an invented city
