from typing import Annotated, Literal

import pytest
import typer

from trainer import command_line
from trainer.command_line import typed
from trainer.errors import ModelError


def failing(
    how: Annotated[Literal["not", "model", "file", "interrupt", "pipe", "bug"], typer.Option()],
) -> None:
    """Fail in one of the ways in which scripts do."""
    errors = {
        "model": ModelError("there is\n  no model"),
        "file": FileNotFoundError(2, "No such file or directory", "x.csv"),
        "interrupt": KeyboardInterrupt(),
        "pipe": BrokenPipeError(32, "Broken pipe"),
        "bug": ZeroDivisionError("a bug"),
    }
    if how in errors:
        raise errors[how]


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        command_line.run(failing, arguments)
    return ended.value.code or 0


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--how", "model"], "there is no model"),
        (["--how", "file"], "No such file or directory: 'x.csv'"),
        (["--how"], "Option '--how' requires an argument."),
        (["--hwo", "not"], "No such option: --hwo"),
        ([], "Missing option '--how'."),
        (["--how", "never"], "'never' is not one of"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(capsys, arguments, line):
    assert run(*arguments) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("error: ")
    assert line in err


@pytest.mark.parametrize(("how", "code"), [("not", 0), ("interrupt", 130)])
def test_success_and_ctrl_c_end_without_a_word(capsys, how, code):
    assert run("--how", how) == code
    assert capsys.readouterr() == ("", "")


def test_a_mistake_of_the_program_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        command_line.run(failing, ["--how", "bug"])


def test_help_shows_the_commands_of_the_scripts_docstring(run_script):
    shown = run_script("predict", "--help")
    assert shown.code == 0
    assert 'python training/predict.py model-store/sentiment.mar "I love it"' in shown.out


def test_a_command_is_noted_as_a_reader_would_type_it():
    arguments = [
        "/somewhere/training/train.py",
        "--data",
        "/far/away/r.csv",
        "--data",
        "data/s.csv",
        "--out",
        "runs/my run",
        "--config",
        "/etc/run.toml",
    ]
    assert typed(arguments) == (
        "python training/train.py --data r.csv --data s.csv --out 'runs/my run' --config run.toml"
    )
