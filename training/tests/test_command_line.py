from trainer.command_line import data_options, typed


def test_a_command_is_noted_as_a_reader_would_type_it():
    arguments = [
        "/somewhere/training/train.py",
        "--data",
        "/far/away/r.csv",
        "--out",
        "runs/my run",
    ]
    assert typed(arguments) == "python training/train.py --data r.csv --out 'runs/my run'"


def test_data_and_conditions_become_options():
    assert data_options(["a.csv"], ["use=core"]) == "--data a.csv --keep use=core"
