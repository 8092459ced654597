"""Analyses the evidence that drills left once more, with the afterword of now, and compares anew."""

from __future__ import annotations

import argparse
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gather
import judge


def again(folder: Path) -> dict[str, object]:
    """The comparison of one drill, from its evidence alone."""
    truth = json.loads((folder / "truth.json").read_text())
    shutil.rmtree(folder / "workspace", ignore_errors=True)
    found = gather.analyse(folder)
    result = judge.judge(truth, found["said"])
    result |= {"analyze": {"exit": found["exit"], "seconds": found["seconds"]}}
    (folder / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    print(judge.sentence(result), flush=True)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="the folder of the drills")
    parser.add_argument("--fault", help="only these, with commas between")
    parser.add_argument("--jobs", type=int, default=1)
    words = parser.parse_args()
    wanted = set(words.fault.split(",")) if words.fault else None
    folders = sorted(one.parent for one in words.out.absolute().glob("*/truth.json"))
    chosen = [one for one in folders if wanted is None or one.name in wanted]
    with ThreadPoolExecutor(words.jobs) as pool:
        results = list(pool.map(again, chosen))
    with (words.out / "results.jsonl").open("a") as file:
        file.writelines(json.dumps(result) + "\n" for result in results)


if __name__ == "__main__":
    main()
