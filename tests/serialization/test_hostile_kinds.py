"""Which tests stand for each kind of hostile file; every kind has one, and every test named here exists."""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
BYTES, HOSTILE = "serialization/test_hostile_bytes.py::test_", "serialization/test_hostile.py::test_"
REFUSED, CHANGES = f"{BYTES}it_is_refused_and_changes_nothing", f"{HOSTILE}hostile_file_changes_nothing"
MEMORY, TORCH = "serialization/test_memory.py::test_memory_is_bounded", "shims/test_torch_files.py::test_"
KERAS, LIMITS = "shims/test_keras_files.py::test_", "config/test_limits.py::test_"
KINDS = {
    1: ("empty, one byte, cut at every offset", [f"{HOSTILE}file_cut_anywhere_is_refused", REFUSED]),
    2: ("bytes behind the end, two documents, polyglots", [CHANGES, REFUSED]),
    3: ("a number, nil, list or string at the top", [CHANGES]),
    4: ("lists, maps, bins, extensions that claim 2**32 - 1", [REFUSED, MEMORY]),
    5: ("nested lists that each claim the whole file", [MEMORY]),
    6: ("600 levels and 10**6 levels", [REFUSED, MEMORY]),
    7: ("8 million empty lists or maps", [MEMORY]),
    8: ("unhashable, non-string and duplicate keys, without a leak",
        [REFUSED, f"{BYTES}files_that_are_refused_a_thousand_times_leave_nothing_behind"]),
    9: ("nodes missing, lists of other lengths", [CHANGES, REFUSED]),
    10: ("params of another shape, of no axes, of 65 axes", [CHANGES, REFUSED]),
    11: ("params of other dtypes and byte orders",
         [CHANGES, REFUSED, f"{HOSTILE}arrays_of_the_other_byte_order_are_read"]),
    12: ("None, strings, dicts and lists for params", [CHANGES]),
    13: ("NaN and infinity", [f"{HOSTILE}weights_that_are_no_numbers_are_refused_where_that_is_asked_for"]),
    14: ("shapes that overflow, negative ones, strings", [CHANGES, REFUSED]),
    15: ("fewer or more bytes than the shape says", [CHANGES, REFUSED]),
    16: ("dtypes of objects, pickles, fields", [CHANGES, REFUSED]),
    17: ("unknown and missing params",
         [CHANGES, f"{BYTES}params_that_the_file_leaves_out_are_an_error_where_that_is_asked_for"]),
    18: ("dims that contradict, unknown ones, no sizes",
         [CHANGES, f"{HOSTILE}params_that_are_not_set_take_only_the_shape_of_the_dims"]),
    19: ("refs beyond the end, negative ones, circles", [CHANGES]),
    20: ("the last node bad, the first good", [f"{BYTES}a_file_whose_last_node_is_bad_changes_no_other_node"]),
    21: ("shims too many or too few, random bytes, another framework",
         [f"{BYTES}wrong_shims_are_refused_and_change_nothing"]),
    22: ("torch states: code, bombs, sizes that lie, keys, dtypes, cut",
         [f"{TORCH}bad_published_files_change_nothing",
          f"{TORCH}hostile_published_files_are_neither_run_nor_inflated"]),
    23: ("attrs of other types and beyond their range",
         [CHANGES, REFUSED, f"{BYTES}an_unknown_attr_is_added_as_by_the_published_library"]),
    24: ("names that are lists, long, with NUL, surrogates, escapes",
         [CHANGES, REFUSED, f"{BYTES}what_the_file_says_is_escaped_in_the_error"]),
    25: ("Keras configs: Lambda, foreign modules, outside files",
         [f"{KERAS}lambdas_and_foreign_classes_are_refused",
          f"{KERAS}layers_that_run_code_or_name_a_file_are_refused"]),
    26: ("pipes, directories, devices, circles of links, files cut while loaded",
         [f"{HOSTILE}only_regular_files_are_read", f"{HOSTILE}a_circle_of_links_is_refused",
          f"{HOSTILE}a_file_that_is_cut_after_it_was_loaded_does_not_matter"]),
    27: ("safetensors: headers, offsets, names, metadata",
         ["serialization/test_safetensors.py::test_hostile_files_are_refused"]),
    28: ("two threads load, a third predicts",
         ["serialization/test_turns.py::test_two_threads_load_while_a_third_predicts"]),
    29: ("files of other versions and byte orders, beyond 4 GiB",
         ["serialization/test_other_versions.py::test_the_bytes_are_those_of_four_published_versions",
          f"{HOSTILE}arrays_of_the_other_byte_order_are_read",
          f"{HOSTILE}an_array_beyond_four_gigabytes_is_refused_before_it_is_copied",
          f"{BYTES}one_document_may_be_larger_than_4_gib_only_in_parts"]),
    30: ("configs: unregistered functions, circles, 10**6 keys, laughs",
         ["config/test_config.py::test_only_registered_functions_are_named",
          f"{LIMITS}a_text_beyond_the_limits_is_refused", f"{LIMITS}mutated_texts_are_read_or_refused"]),
}  # fmt: skip


def test_all_thirty_kinds_are_here():
    assert list(KINDS) == list(range(1, 31))


@pytest.mark.parametrize("kind", KINDS)
def test_the_tests_of_a_kind_exist(kind):
    assert KINDS[kind][1]
    for place in KINDS[kind][1]:
        file, _, name = place.partition("::")
        tree = ast.parse((TESTS / file).read_text(encoding="utf8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, place
