"""The language program: its sub-commands, one clear line for each error, the same answers in a new process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from language_id import digest, load, main

from thinc.api import Linear

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(*arguments, **options):
    """The program in a new process."""
    env = {**os.environ, "PYTHONIOENCODING": "utf8"}
    command = [sys.executable, str(EXAMPLES / "language_id.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf8", env=env, **options)


def fails(capsys, *arguments):
    """The only line on stderr of a call that must end with exit code 2."""
    assert main([str(argument) for argument in arguments]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and err.startswith("language_id: ")
    return err


def test_predict_prints_the_language_of_each_text(saved, capsys):
    assert main(["--model", str(saved), "predict", "Vereinigte Staaten", "Yhdysvallat"]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [(label, text) for label, _, text in lines] == [("de", "Vereinigte Staaten"), ("fi", "Yhdysvallat")]
    assert all(0.25 < float(probability) <= 1 for _, probability, _ in lines)


def test_evaluate_prints_the_accuracy(saved, data, capsys):
    assert main(["--model", str(saved), "evaluate", "--data", str(data)]) == 0
    word, accuracy, *rest = capsys.readouterr().out.split()
    assert word == "accuracy" and 0.8 < float(accuracy) <= 1
    assert rest[0] == "on" and rest[-1] == "texts"


def test_a_new_process_predicts_the_same_bits(saved, names):
    texts = list(names[2])[:50]
    there = run("--model", saved, "digest", input="\n".join(texts))
    assert there.stdout.strip() == digest(load(saved), texts), there.stderr


@pytest.mark.parametrize("text", ["", "  ", "\t"])
def test_an_empty_text_is_refused(saved, capsys, text):
    assert "empty text" in fails(capsys, "--model", saved, "predict", "Berlin", text)


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_an_unknown_data_file_is_named(saved, capsys, tmp_path, command):
    missing = tmp_path / "missing.tsv"
    assert str(missing) in fails(capsys, "--model", saved, command, "--data", missing)
    assert str(tmp_path) in fails(capsys, "--model", saved, command, "--data", tmp_path)


@pytest.mark.parametrize(
    "content, problem",
    [(b"Chile\n", "line 1: expected 2 columns"), (b"", "no rows"), (b"\xff\tde\n", "is not UTF-8")],
)
def test_a_bad_data_file_is_told(saved, capsys, tmp_path, content, problem):
    path = tmp_path / "bad.tsv"
    path.write_bytes(content)
    assert problem in fails(capsys, "--model", saved, "evaluate", "--data", path)
    assert problem in fails(capsys, "--model", saved, "train", "--data", path)


def test_a_missing_model_file_is_named(capsys, tmp_path):
    missing = tmp_path / "missing.thinc"
    assert f"no model file {missing}" in fails(capsys, "--model", missing, "predict", "Berlin")


def spoil(saved, kind):
    """The bytes of a file that is not the program's model."""
    whole = saved.read_bytes()
    return {
        "empty": b"",
        "half": whole[: len(whole) // 2],
        "one byte short": whole[:-1],
        "text": b"Chile\tes\n" * 100,
        "another network": Linear(2, 3).initialize().to_bytes(),
        "no labels": whole.replace(b"\xa6labels", b"\xa6lables"),
    }[kind]


@pytest.mark.parametrize("kind", ["empty", "half", "one byte short", "text", "another network", "no labels"])
def test_a_cut_or_foreign_model_file_is_refused(saved, capsys, tmp_path, kind):
    path = tmp_path / "spoilt.thinc"
    path.write_bytes(spoil(saved, kind))
    assert fails(capsys, "--model", path, "predict", "Berlin")


def test_a_model_with_other_labels_than_outputs_is_refused(saved, capsys, tmp_path):
    model = load(saved)
    model.attrs["labels"] = ["de", "fi"]
    path = tmp_path / "labels.thinc"
    model.to_disk(path)
    assert "one label for each" in fails(capsys, "--model", path, "predict", "Berlin")


def test_a_place_where_no_model_can_be_saved_is_found_before_training(capsys, tmp_path):
    missing = tmp_path / "missing" / "model.thinc"
    assert f"{missing}: there is no such folder" in fails(capsys, "--model", missing, "train")
    assert f"{tmp_path}: that is a folder" in fails(capsys, "--model", tmp_path, "train")


def test_an_error_of_the_process_is_one_line_and_exit_code_2(tmp_path):
    done = run("--model", tmp_path / "missing.thinc", "predict", "Berlin")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [["--no-such-option"], ["no-such-command"], ["predict"], ["--epochs", "x"]])
def test_a_wrong_command_line_exits_with_2(capsys, arguments):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage:" in capsys.readouterr().err
