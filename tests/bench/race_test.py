# SPDX-License-Identifier: Apache-2.0
"""The driver of the race: children over pipes, statistics, table, plots."""
import contextlib
import io
import json
import math
import pathlib
import sys
import tempfile
import types
import unittest
import unittest.mock
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
BENCH = HERE.parents[1] / "bench"
sys.path[:0] = [str(BENCH), str(BENCH / "python")]
import chains
import protocol
import race
from driver import machine, plot, samples, table
from driver.children import Child, ChildFault


@contextlib.contextmanager
def fake_child():
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, HERE / "fake_child.py", "--seconds=0.001"]
        with Child(command, pathlib.Path(folder, "log")) as child:
            yield child


def samples_of(contender, *times):
    return samples.Samples(contender, "", list(times))


def two_works():
    gelu = samples.Work("gelu/1024", 8192, 46080.0, [
        samples_of("onepass", 400.0, 420.0, 410.0), samples_of("onepass fast", 300.0, 310.0, 320.0),
        samples_of("Eigen", 350.0, 360.0, 370.0), samples_of("JAX", 7000.0, 7100.0, 7200.0),
        samples_of("memcpy", 40.0, 41.0, 42.0)])
    spelled = samples.Work("gelu spelled out/1024", 8192, 46080.0, [
        samples_of("onepass", 600.0, 600.0, 600.0), samples_of("JAX", 6000.0, 6000.0, 6000.0)])
    return [gelu, spelled]


def finished_race(works):
    return {"command": "scripts/bench --python", "machine": {"processor": "A < B", "memory": "1 GiB"},
            "versions": ["Eigen 3.4.0"], "left_out": ["numba_loops: the package numba is not installed"],
            "conditions": {"rounds": 3, "seconds": 0.03, "threads": 2, "load_before": 0.25, "others": 0.005,
                           "stolen": 0.001, "disturbed": 0.0, "busy": False},
            "peaks": {"flops": 2e11, "bandwidth": 3e10}, "works": samples.to_json(works)}


class Children(unittest.TestCase):
    def test_the_fastest_variant_races_and_prints_do_not_disturb(self):
        with fake_child() as child:
            self.assertEqual(child.read(60), ["started"])
            self.assertEqual(child.ask("about"), ["about", "Fake 1.0"])
            [entry] = child.prepare("seven")
            self.assertEqual((entry.contender, entry.variant), ("Fake", "quick"))
            self.assertGreater(child.nanoseconds("seven", "Fake"), 0)

    def test_a_workload_it_does_not_know_is_left(self):
        with fake_child() as child:
            child.read(60)
            self.assertEqual(child.prepare("unknown"), [])

    def test_a_wrong_answer_is_not_timed(self):
        with fake_child() as child:
            child.read(60)
            with self.assertRaisesRegex(ChildFault, "^wrong result, slow: element 0 is 7, expected 8$"):
                child.prepare("eight")
            with self.assertRaisesRegex(ChildFault, "KeyError"):
                child.nanoseconds("eight", "Fake")

    def test_an_exception_is_an_answer_in_one_line(self):
        with fake_child() as child:
            child.read(60)
            with self.assertRaisesRegex(ChildFault, "^ValueError: two lines$"):
                child.prepare("raise")
            self.assertEqual(len(child.prepare("seven")), 1)

    def test_a_child_that_ends_is_reported_by_its_last_words(self):
        with fake_child() as child:
            child.read(60)
            for _ in range(2):
                with self.assertRaisesRegex(ChildFault, "^last words$"):
                    child.prepare("exit")

    def test_a_child_that_hangs_is_not_waited_for(self):
        with fake_child() as child:
            child.read(60)
            with self.assertRaisesRegex(ChildFault, "no answer within 0 s"):
                child.read(0.01)


class Timing(unittest.TestCase):
    def test_iterations_grow_until_they_take_the_time_asked_for(self):
        now = [0]

        def run():
            now[0] += 1_000_000  # a millisecond

        self.assertEqual(protocol.nanoseconds(run, 0.03, clock=lambda: now[0]), 1_000_000)
        runs = now[0] // 1_000_000
        self.assertGreaterEqual(runs, 1 + 10 + 30)
        self.assertLess(runs, 80)


class Chains(unittest.TestCase):
    FUNCTIONS = ("sqrt", "exp", "log", "sin", "cos", "asin", "tanh", "erf", "where")
    NUMBERS = {"polynomial": [0.7], "option_price": [110.0, 90.0, 1.5], "great_circle": [0.1, 0.2, 0.9, 1.1],
               "mask": [11, 5], "gelu_f64": [-0.4], "gelu_f16": [1.3]}

    def test_text_and_steps_compute_what_the_formula_computes(self):
        functions = {name: getattr(math, name) for name in self.FUNCTIONS if hasattr(math, name)}
        functions["where"] = lambda take, a, b: a if take else b
        self.assertEqual(set(self.NUMBERS), set(chains.FORMULAS))
        for kind, numbers in self.NUMBERS.items():
            formula, names = chains.FORMULAS[kind], [f"x{index}" for index in range(len(numbers))]
            expected = formula(types.SimpleNamespace(**functions), *numbers)
            trace = chains.Trace(formula, names, self.FUNCTIONS)
            scope = {**functions, **trace.constants, **dict(zip(names, numbers))}
            self.assertEqual(eval(trace.text(), scope), expected, kind)
            exec("\n".join(trace.lines()), scope)
            self.assertEqual(scope[trace.result], expected, kind)

    def test_what_a_package_does_not_have_is_noticed(self):
        with self.assertRaises(AttributeError):
            chains.Trace(chains.FORMULAS["option_price"], ["x", "y", "z"], ("sqrt", "log", "exp"))


class Statistics(unittest.TestCase):
    def test_median_and_quartiles(self):
        one = samples_of("JAX", 5.0, 1.0, 2.0, 4.0, 3.0)
        self.assertEqual((one.median, one.quartiles), (3.0, (2.0, 4.0)))
        self.assertEqual(samples_of("JAX", 5.0).quartiles, (5.0, 5.0))

    def test_copies_are_no_peers(self):
        self.assertEqual(samples.best_peer(two_works()[0], two_works()).contender, "Eigen")

    def test_a_spelled_formula_races_against_all_who_compute_the_function(self):
        works = two_works()
        self.assertEqual(samples.ratios(works, "strict"),
                         {"gelu/1024": 360 / 410, "gelu spelled out/1024": 360 / 600})
        self.assertEqual(samples.ratios(works, "fast"), {"gelu/1024": 360 / 310})

    def test_json_gives_the_same_samples_back(self):
        works = two_works()
        self.assertEqual(samples.from_json(json.loads(json.dumps(samples.to_json(works)))), works)


class Report(unittest.TestCase):
    def test_losses_are_bold_and_wins_are_not(self):
        text = table.markdown(finished_race(two_works()))
        self.assertIn("| `gelu(x)`, tanh form | 1,024 | 410 ns | 310 ns | Eigen 360 ns | **0.88, slower** | 1.16 | "
                      "**0.88, slower** | 1.16 | memcpy 41.0 ns |", text)
        self.assertIn("Strict, medians: geometric mean 0.73 over 2 rows, slower than a peer on 2.", text)
        self.assertIn("Fast, medians: geometric mean 1.16 over 1 rows, slower than a peer on 0.", text)
        self.assertIn("| JAX | 7.10 us | 7.05 us .. 7.15 us | 0.05 | 1.15 |", text)
        self.assertIn("- left out: numba_loops: the package numba is not installed", text)
        self.assertIn("    scripts/bench --python", text)

    def test_a_busy_machine_is_shown(self):
        result = finished_race(two_works())
        result["conditions"].update(busy=True, others=0.5)
        self.assertIn("**The machine was busy: during the rounds other processes took 50.0%", table.markdown(result))

    def test_digits(self):
        self.assertEqual([table.duration(t) for t in (0.5, 9.876, 99.94, 999.4, 1000, 1_234_567)],
                         ["0.500 ns", "9.88 ns", "99.9 ns", "999 ns", "1.00 us", "1,235 us"])

    def test_everything_is_written_and_the_plots_are_well_formed(self):
        works = two_works()
        works.append(samples.Work("gelu/16384", 131072, 7e5, [samples_of("onepass", 4e3), samples_of("Eigen", 7e3)]))
        with tempfile.TemporaryDirectory() as folder:
            race.write(finished_race(works), pathlib.Path(folder))
            names = sorted(path.name for path in pathlib.Path(folder).iterdir())
            self.assertEqual(names, ["gelu.svg", "gelu_per_element.svg", "race.json", "race.md", "roofline.svg"])
            stored = json.loads(pathlib.Path(folder, "race.json").read_text(encoding="utf-8"))
            self.assertEqual(stored, finished_race(works))
            for name in names:
                if name.endswith(".svg"):
                    root = xml.etree.ElementTree.parse(pathlib.Path(folder, name)).getroot()
                    texts = [element.text for element in root.iter() if element.tag.endswith("text")]
                    known = "gelu 16,384" if name == "roofline.svg" else "Eigen"
                    self.assertTrue(any(known in text for text in texts), name)

    def test_each_group_has_a_table_and_a_mean_of_its_own(self):
        works = two_works() + [
            samples.Work("reduce sum/f32 9x3 over 1", 108, 27.0, [samples_of("onepass", 50.0), samples_of("NumPy", 100.0)]),
            samples.Work("product/8x8x8", 768, 1024.0, [samples_of("onepass", 64.0), samples_of("Eigen", 128.0)]),
            samples.Work("layer/1x8->8", 400, 128.0, [samples_of("onepass", 64.0), samples_of("oneDNN", 32.0)])]
        text = table.markdown(finished_race(works))
        for title in ("Element-wise", "Reductions of other shapes", "Matrix products", "Layers"):
            self.assertEqual(text.count(f"### {title}\n"), 1, title)
        self.assertNotIn("### Reductions\n", text)
        self.assertEqual(text.count("geometric mean 2.00 over 1 rows, slower than a peer on 0."), 4)
        self.assertIn("| Eigen | 128 ns | 128 ns .. 128 ns | 1.00 | 8.00 |", text)  # GFLOP/s

    def test_tiles_are_a_table_and_a_plot_and_no_race(self):
        works = [samples.Work(f"tiled product {extent}/{tile}", 100, 1000.0 * extent, [samples_of("onepass", 10.0 * tile)])
                 for extent in (256, 512) for tile in (4, 8, 16) if (extent, tile) != (512, 16)]
        text = table.markdown(finished_race(works))
        self.assertIn("| 4 | 6,400 | 12,800 |", text)
        self.assertIn("| 16 | 1,600 | - |", text)
        self.assertNotIn("geometric mean", text)
        root = xml.etree.ElementTree.fromstring(plot.speeds_by_tile(finished_race(works)))
        texts = [element.text for element in root.iter() if element.tag.endswith("text")]
        self.assertTrue({"256 x 256", "512 x 512", "16"} <= set(texts), texts)
        self.assertIsNone(plot.speeds_by_tile(finished_race(two_works())))

    def test_one_size_makes_no_plot_over_sizes(self):
        self.assertIsNone(plot.times_by_size(finished_race(two_works()), "gelu"))

    def test_labels_keep_their_distance_and_their_order(self):
        placed = plot.spread([10.0, 11.0, 50.0, 99.0, 99.0], 5, 0, 100)
        self.assertEqual(sorted(placed), placed)
        self.assertTrue(all(b - a >= 5 for a, b in zip(placed, placed[1:])), placed)
        self.assertTrue(0 <= placed[0] and placed[-1] <= 100, placed)
        self.assertEqual(placed[2], 50.0)


class Machine(unittest.TestCase):
    def test_processor_lists(self):
        self.assertEqual([machine.processors_in(text) for text in ("0", "0-3", "0-1,8,10-11")], [1, 4, 5])

    def test_caches_as_the_system_describes_them(self):
        with tempfile.TemporaryDirectory() as folder:
            for index, fields in enumerate([("Data", "48K", "1", "0"), ("Instruction", "32K", "1", "0"),
                                            ("Unified", "32768K", "3", "0-7")]):
                place = pathlib.Path(folder, f"index{index}")
                place.mkdir()
                for name, text in zip(("type", "size", "level", "shared_cpu_list"), fields):
                    (place / name).write_text(text + "\n")
            self.assertEqual(machine.caches(folder), "L1 data 48 KiB, L3 32 MiB (shared by 8 processors)")

    def test_the_processor(self):
        text = "model name\t: Some CPU @ 3 GHz\ncpu family\t: 25\nmodel\t\t: 17\nflags\t\t: fpu avx2 avx512f\n"
        self.assertEqual(machine.processor(text), "Some CPU @ 3 GHz (family 25, model 17)")
        self.assertEqual(machine.vectors(text), "AVX-512")


class Rounds(unittest.TestCase):
    def test_every_contender_runs_once_in_each_round_and_a_lost_one_ends_only_its_own_race(self):
        calls = []

        class Runner:
            def __init__(self, breaks):
                self.breaks = breaks

            def nanoseconds(self, work, contender):
                calls.append((work, contender))
                if self.breaks:
                    raise ChildFault("gone")
                return 5.0

        def entry(name, breaks=False):
            return types.SimpleNamespace(child=Runner(breaks), contender=name, variant="", bytes=8, flops=1.0)

        left_out = []
        usage = types.SimpleNamespace(shares=lambda: (0.0, 0.0))
        field = types.SimpleNamespace(leave_out=left_out.append, usage=lambda: usage)
        options = types.SimpleNamespace(rounds=3, settle=0, patience=0)
        with contextlib.redirect_stdout(io.StringIO()):
            [work], disturbed = race.run_rounds(options, field, {"add/4": [entry("onepass"), entry("lost", True)]})
        self.assertEqual(disturbed, 0.0)
        self.assertEqual([(s.contender, s.nanoseconds) for s in work.contenders], [("onepass", [5.0, 5.0, 5.0])])
        self.assertEqual(calls.count(("add/4", "lost")), 1)
        self.assertEqual(left_out, ["lost: gone"])

    def test_what_others_disturbed_is_measured_again_while_patience_lasts(self):
        times = iter([9.0, 5.0, 6.0])
        shares = iter([(0.5, 0.0), (0.0, 0.0), (0.0, 0.3)])
        usage = types.SimpleNamespace(shares=lambda: next(shares))
        field = types.SimpleNamespace(leave_out=None, usage=lambda: usage)
        child = types.SimpleNamespace(nanoseconds=lambda work, contender: next(times))
        entry = types.SimpleNamespace(child=child, contender="onepass", variant="", bytes=8, flops=1.0)
        options = types.SimpleNamespace(rounds=2, settle=0, patience=1e-9)
        with contextlib.redirect_stdout(io.StringIO()), unittest.mock.patch("time.sleep"):
            [work], disturbed = race.run_rounds(options, field, {"add/4": [entry]})
        self.assertEqual(work.contenders[0].nanoseconds, [5.0, 6.0])
        self.assertEqual(disturbed, 0.5)


if __name__ == "__main__":
    unittest.main()
