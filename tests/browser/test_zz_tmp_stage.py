import time
from tests.browser import stage


def test_stage(site, travel, work):
    t = time.time()
    s = stage.filed(travel, {"A": "Un", "B": "Deux", "C": "Trois", "D": "Quatre"}, pool=92000, small=64000)
    print("filed", time.time() - t)
    t = time.time()
    print({k: (d.stage, d.aid, d.confirmed_aid) for k, d in s.dossiers.items()})
    s.lock({"A": "5 4 4", "B": "4 4 4", "C": "4 3.5 4", "D": "1 1 1"})
    print("locked", time.time() - t)
    t = time.time()
    d = s.decide()
    print([(l.dossier_number, l.outcome, l.amount, l.source) for l in d.lines.all()], time.time() - t)
    t = time.time()
    work()
    print("work", time.time() - t)
